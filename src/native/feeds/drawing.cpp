// Drawn structures: each visit picks one of the stored layouts and a style at random, or takes the picture that another
// program drew, where the row has one.
#include "../drawing/drawing.h"

#include <algorithm>

#include "feed.h"

namespace isolens {
namespace {

struct LayoutFile {
  const int64_t *atom_offsets = nullptr, *bond_offsets = nullptr;  // (rows + 1)
  int64_t layouts = 0, atoms = 0, bonds = 0;                       // of the whole file
  const uint8_t *element = nullptr, *hydrogens = nullptr;          // (atoms)
  const int8_t* charge = nullptr;                                  // (atoms)
  const uint16_t* isotope = nullptr;                               // (atoms)
  const float* xy = nullptr;                                       // (layouts, atoms, 2)
  const uint8_t *begin = nullptr, *end = nullptr, *order = nullptr, *aromatic = nullptr;  // (bonds)
  const uint8_t *stereo = nullptr, *flip = nullptr;                // (layouts, bonds); flip may be absent
};

struct PictureFile {
  const int64_t* offsets = nullptr;                      // (rows + 1); equal where a row has no picture
  const uint16_t *heights = nullptr, *widths = nullptr;  // (rows)
  const uint8_t* pixels = nullptr;                       // (all)
};

class DrawingFeed final : public Feed {
 public:
  DrawingFeed(std::shared_ptr<const Dataset> data, int height, int width, float strength, float eval_strength, float picture_share)
      : data_(std::move(data)), height_(height), width_(width), strength_(strength), eval_strength_(eval_strength), picture_share_(picture_share) {}

  // `pictures`: column of pictures, which files may lack; empty for none.
  Status open(const std::string& column, const std::string& pictures) {
    for (const DataFile& file : data_->files()) {
      LayoutFile opened;
      ISOLENS_TRY(open_file(file, column, opened));
      files_.push_back(opened);
      PictureFile drawn;
      if (!pictures.empty() && file.tensors->find(pictures + ".offsets") != nullptr) ISOLENS_TRY(open_pictures(file, pictures, drawn));
      pictures_.push_back(drawn);
    }
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override { return {{rows, 1, height_, width_}}; }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    batch.inputs[0].resize({static_cast<int64_t>(visits.size()), 1, height_, width_});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Visit& visit = visits[static_cast<size_t>(item)];
    const Dataset::Place place = data_->place(visit.row);
    const LayoutFile& file = files_[place.file];
    const int64_t atom = file.atom_offsets[place.row], bond = file.bond_offsets[place.row];
    Rng rng(visit.seed, visit.stream);
    DrawingOptions options;
    options.height = height_;
    options.width = width_;
    options.strength = visit.training ? strength_ : eval_strength_;
    float* out = batch.inputs[0].f32.data() + item * height_ * width_;
    const PictureFile& pictures = pictures_[place.file];
    if (pictures.offsets != nullptr && pictures.heights[place.row] > 0 && rng.chance(picture_share_)) {
      render_picture(out, {pictures.pixels + pictures.offsets[place.row], pictures.heights[place.row], pictures.widths[place.row]}, options, rng);
      return Status::ok();
    }
    const int64_t layout = rng.below(static_cast<uint32_t>(file.layouts));

    Layout molecule;
    molecule.atoms = static_cast<int>(file.atom_offsets[place.row + 1] - atom);
    molecule.bonds = static_cast<int>(file.bond_offsets[place.row + 1] - bond);
    molecule.element = file.element + atom;
    molecule.charge = file.charge + atom;
    molecule.hydrogens = file.hydrogens + atom;
    molecule.isotope = file.isotope + atom;
    molecule.xy = file.xy + (layout * file.atoms + atom) * 2;
    molecule.begin = file.begin + bond;
    molecule.end = file.end + bond;
    molecule.order = file.order + bond;
    molecule.aromatic = file.aromatic + bond;
    molecule.stereo = file.stereo + layout * file.bonds + bond;
    for (int i = 0; i < molecule.bonds; i++) {
      if (molecule.begin[i] >= molecule.atoms || molecule.end[i] >= molecule.atoms) {
        return Columns(data_->files()[place.file]).refuse("expected the bonds of row " + std::to_string(place.row) + " to join its " + std::to_string(molecule.atoms) + " atoms.");
      }
    }
    // In some layouts the wedge's narrow end is the other atom.
    std::vector<uint8_t> turned;
    const uint8_t* flip = file.flip == nullptr ? nullptr : file.flip + layout * file.bonds + bond;
    if (flip != nullptr && std::any_of(flip, flip + molecule.bonds, [](uint8_t f) { return f != 0; })) {
      const size_t bonds = static_cast<size_t>(molecule.bonds);
      turned.resize(bonds * 2);
      for (size_t i = 0; i < bonds; i++) {
        turned[i] = flip[i] != 0 ? molecule.end[i] : molecule.begin[i];
        turned[bonds + i] = flip[i] != 0 ? molecule.begin[i] : molecule.end[i];
      }
      molecule.begin = turned.data();
      molecule.end = turned.data() + bonds;
    }
    render_drawing(out, molecule, options, rng);
    return Status::ok();
  }

 private:
  static Status open_file(const DataFile& file, const std::string& column, LayoutFile& out) {
    const Columns columns(file);
    ISOLENS_TRY(columns.offsets(&out.atom_offsets, &out.atoms, column + ".atomOffsets"));
    ISOLENS_TRY(columns.offsets(&out.bond_offsets, &out.bonds, column + ".bondOffsets"));
    const auto get = [&](const auto** to, const char* name, Element element, const std::vector<int64_t>& shape) -> Status {
      const StoredTensor* tensor = nullptr;
      ISOLENS_TRY(columns.get(&tensor, column + name, {element}, shape));
      *to = static_cast<std::remove_reference_t<decltype(*to)>>(tensor->data);
      return Status::ok();
    };
    ISOLENS_TRY(get(&out.element, ".element", Element::kU8, {out.atoms}));
    ISOLENS_TRY(get(&out.charge, ".charge", Element::kI8, {out.atoms}));
    ISOLENS_TRY(get(&out.hydrogens, ".hydrogens", Element::kU8, {out.atoms}));
    ISOLENS_TRY(get(&out.isotope, ".isotope", Element::kU16, {out.atoms}));
    const StoredTensor* xy = nullptr;
    ISOLENS_TRY(columns.get(&xy, column + ".xy", {Element::kF32}, {-1, out.atoms, 2}));
    out.xy = xy->as<float>();
    out.layouts = xy->shape[0];
    if (out.layouts < 1) return columns.refuse("expected at least one layout in " + column + ".xy.");
    ISOLENS_TRY(get(&out.begin, ".begin", Element::kU8, {out.bonds}));
    ISOLENS_TRY(get(&out.end, ".end", Element::kU8, {out.bonds}));
    ISOLENS_TRY(get(&out.order, ".order", Element::kU8, {out.bonds}));
    ISOLENS_TRY(get(&out.aromatic, ".aromatic", Element::kU8, {out.bonds}));
    ISOLENS_TRY(get(&out.stereo, ".stereo", Element::kU8, {out.layouts, out.bonds}));
    if (file.tensors->find(column + ".stereoFlip") != nullptr) {
      ISOLENS_TRY(get(&out.flip, ".stereoFlip", Element::kU8, {out.layouts, out.bonds}));
    }
    return Status::ok();
  }

  static Status open_pictures(const DataFile& file, const std::string& column, PictureFile& out) {
    const Columns columns(file);
    int64_t total = 0;
    ISOLENS_TRY(columns.offsets(&out.offsets, &total, column + ".offsets"));
    const StoredTensor *heights = nullptr, *widths = nullptr, *pixels = nullptr;
    ISOLENS_TRY(columns.get(&heights, column + ".heights", {Element::kU16}, {file.rows}));
    ISOLENS_TRY(columns.get(&widths, column + ".widths", {Element::kU16}, {file.rows}));
    ISOLENS_TRY(columns.get(&pixels, column + ".pixels", {Element::kU8}, {total}));
    out.heights = heights->as<uint16_t>();
    out.widths = widths->as<uint16_t>();
    out.pixels = pixels->as<uint8_t>();
    for (int64_t row = 0; row < file.rows; row++) {
      const int64_t height = out.heights[row], width = out.widths[row], stored = out.offsets[row + 1] - out.offsets[row];
      if (height > kLargestPicture || width > kLargestPicture || height * width != stored || (height == 0) != (width == 0)) {
        return columns.refuse("expected the " + std::to_string(stored) + " pixels of the picture of row " + std::to_string(row) + " to be at most " + std::to_string(kLargestPicture) +
                              " a side but received " + std::to_string(height) + " x " + std::to_string(width) + ".");
      }
    }
    return Status::ok();
  }

  std::shared_ptr<const Dataset> data_;
  int64_t height_, width_;
  float strength_, eval_strength_, picture_share_;
  std::vector<LayoutFile> files_;
  std::vector<PictureFile> pictures_;  // (files); without offsets where a file has none
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  const int64_t height = spec.options["height"].as_integer(0), width = spec.options["width"].as_integer(0);
  if (height < 16 || width < 16 || height > 1024 || width > 1024) {
    return Status(Code::kArgumentInvalid, "Expected the drawing feed to give height and width from 16 to 1,024 pixels.");
  }
  const double strength = spec.options["strength"].as_number(1.0), eval_strength = spec.options["evalStrength"].as_number(strength);
  if (!(strength >= 0 && strength <= 1 && eval_strength >= 0 && eval_strength <= 1)) {
    return Status(Code::kArgumentInvalid, "Expected the strength of the drawing feed from 0 to 1.");
  }
  const double picture_share = spec.options["pictureShare"].as_number(1.0);
  if (!(picture_share >= 0 && picture_share <= 1)) {
    return Status(Code::kArgumentInvalid, "Expected the share of pictures of the drawing feed from 0 to 1.");
  }
  auto feed = std::make_unique<DrawingFeed>(std::move(data), static_cast<int>(height), static_cast<int>(width), static_cast<float>(strength),
                                            static_cast<float>(eval_strength), static_cast<float>(picture_share));
  ISOLENS_TRY(feed->open(spec.column, spec.options["pictures"].as_string()));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

FeedKind drawing_feed() { return {"drawing", {{"pixels", "f32"}}, {"height", "width", "strength", "evalStrength", "pictures", "pictureShare"}, make}; }

}  // namespace isolens
