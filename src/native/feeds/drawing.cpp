// Drawn structures: each visit picks one of the stored layouts and a style at random, or takes the picture that another
// program drew, where the row has one.

#include "feed.h"
#include "layouts.h"

namespace isolens {
namespace {

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
      ISOLENS_TRY(opened.open(file, column));
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
    const LayoutFile& file = files_[place.file];
    thread_local StoredLayout stored;
    ISOLENS_TRY(file.read(place.row, rng.below(static_cast<uint32_t>(file.layouts())), stored));
    render_drawing(out, stored.layout, options, rng);
    return Status::ok();
  }

 private:
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
