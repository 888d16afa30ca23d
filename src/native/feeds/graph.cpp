// Molecular graphs: atoms (V, A), begin and end (E), bonds (E, B), segment (V) = row of the batch, counts (N, 1) = atoms of
// each molecule. Every bond is delivered as two edges (there and back), each molecule's atoms and edges in a row.
// Augmentation for training views: MolCLR's atom masking and bond deletion (Wang et al. 2022, arXiv:2102.10056).
#include <algorithm>
#include <cmath>

#include "feed.h"

namespace isolens {
namespace {

enum Role { kAtoms, kBegin, kEnd, kBonds, kSegment, kCounts };

struct GraphFile {
  const int64_t *atom_offsets = nullptr, *bond_offsets = nullptr;       // (rows + 1)
  const uint8_t *atom_features = nullptr, *bond_features = nullptr;     // (atoms, A), (bonds, B)
  const uint8_t *begin = nullptr, *end = nullptr;                       // (bonds) within the molecule
};

class GraphFeed final : public Feed {
 public:
  GraphFeed(std::shared_ptr<const Dataset> data, double mask_atoms, double drop_bonds, bool vary_validation, std::vector<int32_t> mask_ids)
      : data_(std::move(data)), mask_atoms_(mask_atoms), drop_bonds_(drop_bonds), vary_validation_(vary_validation), mask_ids_(std::move(mask_ids)) {}

  Status open(const std::string& column) {
    for (const DataFile& file : data_->files()) {
      const Columns columns(file);
      GraphFile opened;
      int64_t atoms = 0, bonds = 0;
      const StoredTensor* tensor = nullptr;
      ISOLENS_TRY(columns.offsets(&opened.atom_offsets, &atoms, column + ".atomOffsets"));
      ISOLENS_TRY(columns.offsets(&opened.bond_offsets, &bonds, column + ".bondOffsets"));
      ISOLENS_TRY(columns.get(&tensor, column + ".atomFeatures", {Element::kU8}, {atoms, files_.empty() ? -1 : atom_width_}));
      opened.atom_features = tensor->as<uint8_t>();
      atom_width_ = tensor->shape[1];
      ISOLENS_TRY(columns.get(&tensor, column + ".bondFeatures", {Element::kU8}, {bonds, files_.empty() ? -1 : bond_width_}));
      opened.bond_features = tensor->as<uint8_t>();
      bond_width_ = tensor->shape[1];
      ISOLENS_TRY(columns.get(&tensor, column + ".begin", {Element::kU8}, {bonds}));
      opened.begin = tensor->as<uint8_t>();
      ISOLENS_TRY(columns.get(&tensor, column + ".end", {Element::kU8}, {bonds}));
      opened.end = tensor->as<uint8_t>();
      files_.push_back(opened);
    }
    mask_ids_.resize(static_cast<size_t>(atom_width_), 0);
    count_largest();
    return Status::ok();
  }

  std::vector<std::vector<int64_t>> largest(int64_t rows) const override {
    const size_t n = static_cast<size_t>(std::min<int64_t>(rows, data_->rows()));
    // Rows beyond those that exist repeat the largest.
    const int64_t again = rows - static_cast<int64_t>(n);
    const int64_t v = std::max<int64_t>(1, atoms_of_largest_[n] + again * atoms_of_largest_[1]);
    const int64_t e = std::max<int64_t>(1, 2 * (bonds_of_largest_[n] + again * bonds_of_largest_[1]));
    return {{v, atom_width_}, {e}, {e}, {e, bond_width_}, {v}, {rows, 1}};
  }

  void plan(const std::vector<Visit>& visits, FeedBatch& batch) const override {
    int64_t v = 0, e = 0;
    batch.starts.clear();
    for (const Visit& visit : visits) {
      const Dataset::Place place = data_->place(visit.row);
      const GraphFile& file = files_[place.file];
      const int64_t bonds = file.bond_offsets[place.row + 1] - file.bond_offsets[place.row];
      batch.starts.push_back(v);
      batch.starts.push_back(e);
      v += file.atom_offsets[place.row + 1] - file.atom_offsets[place.row];
      e += 2 * (bonds - dropped(visit, bonds));
    }
    batch.inputs[kAtoms].resize({v, atom_width_});
    batch.inputs[kBegin].resize({e});
    batch.inputs[kEnd].resize({e});
    batch.inputs[kBonds].resize({e, bond_width_});
    batch.inputs[kSegment].resize({v});
    batch.inputs[kCounts].resize({static_cast<int64_t>(visits.size()), 1});
  }

  Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const override {
    const Visit& visit = visits[static_cast<size_t>(item)];
    const Dataset::Place place = data_->place(visit.row);
    const GraphFile& file = files_[place.file];
    const int64_t first_atom = file.atom_offsets[place.row], atoms = file.atom_offsets[place.row + 1] - first_atom;
    const int64_t first_bond = file.bond_offsets[place.row], bonds = file.bond_offsets[place.row + 1] - first_bond;
    const int64_t v = batch.starts[static_cast<size_t>(2 * item)];
    int64_t e = batch.starts[static_cast<size_t>(2 * item + 1)];
    Rng rng(visit.seed, visit.stream);
    const std::vector<bool> masked = chosen(rng, atoms, varies(visit) && mask_atoms_ > 0 ? std::max<int64_t>(1, share(mask_atoms_, atoms)) : 0);
    const std::vector<bool> gone = chosen(rng, bonds, dropped(visit, bonds));

    // The number of atoms of each molecule, f32 (N, 1): what a mean over a molecule's atoms divides by.
    batch.inputs[kCounts].f32[static_cast<size_t>(item)] = static_cast<float>(atoms);
    for (int64_t a = 0; a < atoms; a++) {
      batch.inputs[kSegment].i32[static_cast<size_t>(v + a)] = static_cast<int32_t>(item);
      int32_t* to = batch.inputs[kAtoms].i32.data() + (v + a) * atom_width_;
      const uint8_t* from = file.atom_features + (first_atom + a) * atom_width_;
      for (int64_t f = 0; f < atom_width_; f++) to[f] = masked[static_cast<size_t>(a)] ? mask_ids_[static_cast<size_t>(f)] : from[f];
    }
    for (int64_t b = 0; b < bonds; b++) {
      const int64_t begin = file.begin[first_bond + b], end = file.end[first_bond + b];
      if (begin >= atoms || end >= atoms) {
        return Columns(data_->files()[place.file]).refuse("expected the bonds of row " + std::to_string(place.row) + " to join its " + std::to_string(atoms) + " atoms.");
      }
      if (gone[static_cast<size_t>(b)]) continue;
      for (int back = 0; back < 2; back++, e++) {
        batch.inputs[kBegin].i32[static_cast<size_t>(e)] = static_cast<int32_t>(v + (back ? end : begin));
        batch.inputs[kEnd].i32[static_cast<size_t>(e)] = static_cast<int32_t>(v + (back ? begin : end));
        int32_t* to = batch.inputs[kBonds].i32.data() + e * bond_width_;
        const uint8_t* from = file.bond_features + (first_bond + b) * bond_width_;
        std::copy(from, from + bond_width_, to);
      }
    }
    return Status::ok();
  }

 private:
  static int64_t share(double fraction, int64_t count) { return static_cast<int64_t>(std::floor(fraction * static_cast<double>(count))); }

  bool varies(const Visit& visit) const { return visit.training || vary_validation_; }
  int64_t dropped(const Visit& visit, int64_t bonds) const { return varies(visit) ? share(drop_bonds_, bonds) : 0; }

  // `picks` different indices below count (Floyd's sampling).
  static std::vector<bool> chosen(Rng& rng, int64_t count, int64_t picks) {
    std::vector<bool> picked(static_cast<size_t>(count), false);
    for (int64_t j = count - std::min(picks, count); j < count; j++) {
      const size_t candidate = rng.below(static_cast<uint32_t>(j + 1));
      picked[picked[candidate] ? static_cast<size_t>(j) : candidate] = true;
    }
    return picked;
  }

  // Prefix sums over molecules from large to small: no batch can hold more.
  void count_largest() {
    std::vector<int64_t> atoms, bonds;
    for (size_t f = 0; f < files_.size(); f++) {
      for (int64_t row = 0; row < data_->files()[f].rows; row++) {
        atoms.push_back(files_[f].atom_offsets[row + 1] - files_[f].atom_offsets[row]);
        bonds.push_back(files_[f].bond_offsets[row + 1] - files_[f].bond_offsets[row]);
      }
    }
    for (auto [sizes, sums] : {std::pair{&atoms, &atoms_of_largest_}, std::pair{&bonds, &bonds_of_largest_}}) {
      std::sort(sizes->begin(), sizes->end(), std::greater<int64_t>());
      sums->assign(1, 0);
      for (const int64_t size : *sizes) sums->push_back(sums->back() + size);
    }
  }

  std::shared_ptr<const Dataset> data_;
  double mask_atoms_, drop_bonds_;
  bool vary_validation_;
  std::vector<int32_t> mask_ids_;
  int64_t atom_width_ = 0, bond_width_ = 0;
  std::vector<GraphFile> files_;
  std::vector<int64_t> atoms_of_largest_, bonds_of_largest_;
};

Expected<std::unique_ptr<Feed>> make(const FeedSpec& spec, std::shared_ptr<const Dataset> data) {
  const double mask_atoms = spec.options["maskAtoms"].as_number(0), drop_bonds = spec.options["dropBonds"].as_number(0);
  if (!(mask_atoms >= 0 && mask_atoms < 1 && drop_bonds >= 0 && drop_bonds < 1)) {
    return Status(Code::kArgumentInvalid, "Expected maskAtoms and dropBonds of the graph feed from 0 to below 1.");
  }
  std::vector<int32_t> mask_ids;
  for (const Json& id : spec.options["maskIds"].items()) mask_ids.push_back(static_cast<int32_t>(id.as_integer(0)));
  auto feed = std::make_unique<GraphFeed>(std::move(data), mask_atoms, drop_bonds, spec.options["varyValidation"].as_bool(), std::move(mask_ids));
  ISOLENS_TRY(feed->open(spec.column));
  return std::unique_ptr<Feed>(std::move(feed));
}

}  // namespace

// varyValidation: validation sees such views too, which two views of one encoder need: whole ones would be the same twice.
// maskIds: the feature ids that stand for a masked atom, one a feature column (default 0).
FeedKind graph_feed() {
  return {"graph",
          {{"atoms", "i32"}, {"begin", "i32", true}, {"end", "i32", true}, {"bonds", "i32", true}, {"segment", "i32"}, {"counts", "f32", true}},
          {"maskAtoms", "dropBonds", "varyValidation", "maskIds"},
          make};
}

}  // namespace isolens
