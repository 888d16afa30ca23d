// Drawings with the truth about them, as maps and as places: what a network that reads structures is trained with. A row is one
// tile with (a part of) one drawing. Its atoms and bonds fill a fixed number of slots; those that are empty weigh 0.
#include <algorithm>
#include <cmath>

#include "../drawing/classes.h"
#include "../drawing/tile.h"
#include "feed.h"
#include "layouts.h"

namespace isolens {
namespace {

enum Role {
  kPixels, kAtomMap, kBondMap,
  kAtomCell, kAtomWeight, kAtomClass, kAtomCharge, kAtomOffset,
  kBondCell, kBondWeight, kBondOrder, kBondStereo, kBondAxis, kBondOffset, kNarrow, kNarrowWeight,
};

constexpr int kLowestCharge = -1, kHighestCharge = 2;
// Of the bump around a place, in cells; the cell itself is 1, its surroundings at most 0.9.
constexpr float kSpread = 0.75f, kShoulder = 0.9f;

struct Settings {
  int64_t height, width, stride, atoms, bonds;
  float strength, eval_strength, bond;
};

class ReadingFeed final : public Feed {
 public:
  ReadingFeed(std::shared_ptr<const Dataset> data, const Settings& settings) : data_(std::move(data)), s_(settings), high_(s_.height / s_.stride), wide_(s_.width / s_.stride) {}

  Status open(const std::string& column) {
    for (const DataFile& file : data_->files()) {
      files_.emplace_back();
      ISOLENS_TRY(files_.back().open(file, column));
    }
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override {
    const int64_t v = rows * s_.atoms, e = rows * s_.bonds;
    return {{rows, 1, s_.height, s_.width}, {rows, 1, high_, wide_}, {rows, 1, high_, wide_},
            {v}, {v, 1}, {v, 1}, {v, 1}, {v, 2},
            {e}, {e, 1}, {e, 1}, {e, 1}, {e, 3}, {e, 2}, {e, 2}, {e, 1}};
  }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    const std::vector<std::vector<int64_t>> shapes = largest(static_cast<int64_t>(visits.size()));
    for (size_t i = 0; i < shapes.size(); i++) batch.inputs[i].resize(shapes[i]);
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Visit& visit = visits[static_cast<size_t>(item)];
    const Dataset::Place place = data_->place(visit.row);
    const LayoutFile& file = files_[place.file];
    Rng rng(visit.seed, visit.stream);
    thread_local StoredLayout stored;
    thread_local DrawingTruth truth;
    ISOLENS_TRY(file.read(place.row, rng.below(static_cast<uint32_t>(file.layouts())), stored));
    TileOptions options;
    options.height = static_cast<int>(s_.height);
    options.width = static_cast<int>(s_.width);
    options.strength = visit.training ? s_.strength : s_.eval_strength;
    options.bond = s_.bond;
    render_tile(f32(batch, kPixels) + item * s_.height * s_.width, truth, stored.layout, options, rng);
    fill_atoms(truth.atoms, item, batch);
    fill_bonds(truth.bonds, item, batch);
    return Status::ok();
  }

 private:
  static float* f32(FeedBatch& batch, Role role) { return batch.inputs[role].f32.data(); }
  static int32_t* i32(FeedBatch& batch, Role role) { return batch.inputs[role].i32.data(); }

  struct Cell {
    int64_t at;    // of the map
    float dx, dy;  // from its middle, in cells
  };
  Cell cell_of(float x, float y) const {
    const float u = x / static_cast<float>(s_.stride), v = y / static_cast<float>(s_.stride);
    const int64_t column = std::clamp<int64_t>(static_cast<int64_t>(u), 0, wide_ - 1), row = std::clamp<int64_t>(static_cast<int64_t>(v), 0, high_ - 1);
    return {row * wide_ + column, u - static_cast<float>(column) - 0.5f, v - static_cast<float>(row) - 0.5f};
  }

  void bump(float* map, float x, float y) const {
    const float u = x / static_cast<float>(s_.stride), v = y / static_cast<float>(s_.stride);
    const int64_t column = static_cast<int64_t>(u), row = static_cast<int64_t>(v);
    for (int64_t j = std::max<int64_t>(0, row - 2); j < std::min(high_, row + 3); j++) {
      for (int64_t i = std::max<int64_t>(0, column - 2); i < std::min(wide_, column + 3); i++) {
        const float dx = static_cast<float>(i) + 0.5f - u, dy = static_cast<float>(j) + 0.5f - v;
        map[j * wide_ + i] = std::max(map[j * wide_ + i], kShoulder * std::exp(-(dx * dx + dy * dy) / (2 * kSpread * kSpread)));
      }
    }
    map[cell_of(x, y).at] = 1;
  }

  void fill_atoms(const std::vector<DrawnAtom>& atoms, int64_t item, FeedBatch& batch) const {
    float* map = f32(batch, kAtomMap) + item * high_ * wide_;
    std::fill(map, map + high_ * wide_, 0.0f);
    for (const DrawnAtom& atom : atoms) bump(map, atom.x, atom.y);
    const int64_t count = static_cast<int64_t>(atoms.size());
    for (int64_t k = 0; k < s_.atoms; k++) {
      const int64_t slot = item * s_.atoms + k;
      const bool used = k < count;
      const DrawnAtom atom = used ? atoms[static_cast<size_t>(k)] : DrawnAtom{0, 0, 0, 0};
      const Cell cell = cell_of(atom.x, atom.y);
      i32(batch, kAtomCell)[slot] = static_cast<int32_t>(item * high_ * wide_ + cell.at);
      f32(batch, kAtomWeight)[slot] = used ? 1.0f : 0.0f;
      i32(batch, kAtomClass)[slot] = atom.kind;
      i32(batch, kAtomCharge)[slot] = std::clamp(static_cast<int>(atom.charge), kLowestCharge, kHighestCharge) - kLowestCharge;
      f32(batch, kAtomOffset)[2 * slot] = used ? cell.dx : 0.0f;
      f32(batch, kAtomOffset)[2 * slot + 1] = used ? cell.dy : 0.0f;
    }
  }

  void fill_bonds(const std::vector<DrawnBond>& bonds, int64_t item, FeedBatch& batch) const {
    float* map = f32(batch, kBondMap) + item * high_ * wide_;
    std::fill(map, map + high_ * wide_, 0.0f);
    const int64_t count = static_cast<int64_t>(bonds.size());
    for (int64_t k = 0; k < std::max(count, s_.bonds); k++) {
      DrawnBond bond{};
      if (k < count) {
        bond = bonds[static_cast<size_t>(k)];
        bump(map, (bond.x[0] + bond.x[1]) / 2, (bond.y[0] + bond.y[1]) / 2);
      }
      if (k < s_.bonds) fill_bond(bond, k < count, item * s_.bonds + k, item, batch);
    }
  }

  void fill_bond(const DrawnBond& bond, bool used, int64_t slot, int64_t item, FeedBatch& batch) const {
    const Cell cell = cell_of((bond.x[0] + bond.x[1]) / 2, (bond.y[0] + bond.y[1]) / 2);
    const float dx = bond.x[1] - bond.x[0], dy = bond.y[1] - bond.y[0], size = std::max(1e-3f, std::sqrt(dx * dx + dy * dy));
    const float cosine = dx / size, sine = dy / size;
    i32(batch, kBondCell)[slot] = static_cast<int32_t>(item * high_ * wide_ + cell.at);
    f32(batch, kBondWeight)[slot] = used ? 1.0f : 0.0f;
    i32(batch, kBondOrder)[slot] = static_cast<int32_t>(bond.order);
    i32(batch, kBondStereo)[slot] = static_cast<int32_t>(bond.stereo);
    float* axis = f32(batch, kBondAxis) + 3 * slot;
    axis[0] = cosine * cosine - sine * sine;
    axis[1] = 2 * cosine * sine;
    axis[2] = size / s_.bond;
    f32(batch, kBondOffset)[2 * slot] = used ? cell.dx : 0.0f;
    f32(batch, kBondOffset)[2 * slot + 1] = used ? cell.dy : 0.0f;
    f32(batch, kNarrow)[2 * slot] = cosine;
    f32(batch, kNarrow)[2 * slot + 1] = sine;
    f32(batch, kNarrowWeight)[slot] = used && (bond.stereo == DrawnStereo::kWedge || bond.stereo == DrawnStereo::kHash) ? 1.0f : 0.0f;
  }

  std::shared_ptr<const Dataset> data_;
  Settings s_;
  int64_t high_, wide_;
  std::vector<LayoutFile> files_;
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  Settings s{};
  s.height = spec.options["height"].as_integer(0);
  s.width = spec.options["width"].as_integer(0);
  s.stride = spec.options["stride"].as_integer(4);
  s.atoms = spec.options["atoms"].as_integer(0);
  s.bonds = spec.options["bonds"].as_integer(0);
  s.strength = static_cast<float>(spec.options["strength"].as_number(1));
  s.eval_strength = static_cast<float>(spec.options["evalStrength"].as_number(1));
  s.bond = static_cast<float>(spec.options["bond"].as_number(16));
  const auto refuse = [](const char* what) { return Status(Code::kArgumentInvalid, std::string("Expected the reading feed to give ") + what + "."); };
  if (s.stride < 1 || s.stride > 64) return refuse("a stride from 1 to 64 pixels");
  if (s.height < 16 || s.width < 16 || s.height > 1024 || s.width > 1024 || s.height % s.stride != 0 || s.width % s.stride != 0) {
    return refuse("height and width from 16 to 1,024 pixels, multiples of the stride");
  }
  if (s.atoms < 1 || s.bonds < 1 || s.atoms > 1000 || s.bonds > 1000) return refuse("1 to 1,000 slots for atoms and for bonds");
  if (!(s.strength >= 0 && s.strength <= 1 && s.eval_strength >= 0 && s.eval_strength <= 1)) return refuse("a strength from 0 to 1");
  if (!(s.bond >= 4 && s.bond <= 100)) return refuse("a bond length from 4 to 100 pixels");
  auto feed = std::make_unique<ReadingFeed>(std::move(data), s);
  ISOLENS_TRY(feed->open(spec.column));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

FeedKind reading_feed() {
  return {"reading",
          {{"pixels", "f32"}, {"atomMap", "f32"}, {"bondMap", "f32"},
           {"atomCell", "i32"}, {"atomWeight", "f32"}, {"atomClass", "i32"}, {"atomCharge", "i32"}, {"atomOffset", "f32"},
           {"bondCell", "i32"}, {"bondWeight", "f32"}, {"bondOrder", "i32"}, {"bondStereo", "i32"}, {"bondAxis", "f32"}, {"bondOffset", "f32"}, {"narrow", "f32"}, {"narrowWeight", "f32"}},
          {"height", "width", "stride", "atoms", "bonds", "bond", "strength", "evalStrength"},
          make};
}

}  // namespace isolens
