#include "featurise.h"

#include <algorithm>
#include <atomic>

#include "../core/thread_pool.h"
#include "descriptors.h"
#include "kekule.h"
#include "morgan.h"
#include "pairs.h"
#include "pattern_bits.h"
#include "pharmacophore.h"

namespace isolens::chem {
namespace {

// Counts that RDKit tells by a bit each.
constexpr uint32_t kCountBounds[] = {1, 2, 4, 8};
constexpr uint32_t kBounds = 4;
constexpr int kFarthestPair = 30;
constexpr size_t kRowsAtOnce = 16;

void set_bit(uint8_t* out, uint32_t bit) { out[bit >> 3] = static_cast<uint8_t>(out[bit >> 3] | 1u << (bit & 7)); }

void fold_bits(const std::vector<uint32_t>& found, uint32_t bits, uint8_t* out) {
  for (const uint32_t id : found) set_bit(out, id % bits);
}

struct SparseRow {
  std::vector<uint16_t> indices;
  std::vector<uint8_t> values;
};

// Counts by folded identifier, and which there are.
class Counter {
 public:
  void count(const std::vector<uint32_t>& found, uint32_t width) {
    if (counts_.size() < width) counts_.resize(width, 0);
    for (const uint32_t id : found) {
      const uint32_t column = id % width;
      if (counts_[column]++ == 0) columns_.push_back(column);
    }
  }

  // Calls each(column, count) of all, in no order, and forgets them.
  template <typename Each>
  void drain(const Each& each) {
    for (const uint32_t column : columns_) {
      each(column, counts_[column]);
      counts_[column] = 0;
    }
    columns_.clear();
  }

  void sort() { std::sort(columns_.begin(), columns_.end()); }

 private:
  std::vector<uint32_t> counts_, columns_;
};

// Folded to a quarter of the width: each identifier has four bits for its count.
void fold_counted_bits(Counter& counter, const std::vector<uint32_t>& found, uint32_t bits, uint8_t* out) {
  counter.count(found, bits / kBounds);
  counter.drain([&](uint32_t column, uint32_t count) {
    for (uint32_t b = 0; b < kBounds; ++b) {
      if (count >= kCountBounds[b]) set_bit(out, column * kBounds + b);
    }
  });
}

void fold_counts(Counter& counter, const std::vector<uint32_t>& found, uint32_t bits, uint32_t first, SparseRow& row) {
  counter.count(found, bits);
  counter.sort();
  counter.drain([&](uint32_t column, uint32_t count) {
    row.indices.push_back(static_cast<uint16_t>(first + column));
    row.values.push_back(static_cast<uint8_t>(std::min<uint32_t>(255, count)));
  });
}

}  // namespace

struct Featuriser::Rules {
  int slots = 0;
  DescriptorRules descriptors{slots};
  PatternBits pattern{slots};
  std::vector<std::unique_ptr<Pattern>> alerts;
};

namespace {

// What one thread needs beside the rules; what was found of a molecule is kept for all that ask.
class Worker {
 public:
  Graph graph, whole_graph;
  Matching matching, whole;
  StereoCentres stereo;
  Scaffolds scaffolds;
  Counter counter;

  bool read(std::string_view text) {
    has_distances_ = has_roles_ = has_invariants_ = false;
    if (!read_smiles(text, graph)) return false;
    matching.begin(graph);
    return true;
  }

  // Identifiers of every occurrence; `as_bits` where RDKit's own are wanted of pairs and torsions.
  const std::vector<uint32_t>& identifiers(const Fingerprint& fingerprint, bool as_bits) {
    switch (fingerprint.kind) {
      case FingerprintKind::kMorgan: morgan_.find(graph, invariants(), fingerprint.radius, found_); break;
      case FingerprintKind::kFeatureMorgan: morgan_.find(graph, role_invariants(), fingerprint.radius, found_); break;
      case FingerprintKind::kAtomPair: as_bits ? rdkit_atom_pairs(graph, distances(), found_) : atom_pairs(graph, distances(), found_); break;
      case FingerprintKind::kTorsion: as_bits ? rdkit_torsions(graph, found_) : torsions(graph, found_); break;
      case FingerprintKind::kPharmacophorePair: pharmacophore_pairs(graph, roles(), distances(), found_); break;
      case FingerprintKind::kPattern: found_.clear(); break;
    }
    return found_;
  }

  const std::vector<uint8_t>& distances() {
    if (!has_distances_) topological_distances(graph, kFarthestPair, distances_);
    has_distances_ = true;
    return distances_;
  }

 private:
  const std::vector<uint8_t>& roles() {
    if (!has_roles_) pharmacophore_roles(graph, roles_);
    has_roles_ = true;
    return roles_;
  }
  const std::vector<uint32_t>& invariants() {
    if (!has_invariants_) connectivity_invariants(graph, invariants_);
    has_invariants_ = true;
    return invariants_;
  }
  const std::vector<uint32_t>& role_invariants() {
    role_invariants_.assign(roles().begin(), roles().end());
    return role_invariants_;
  }

  MorganEnvironments morgan_;
  std::vector<uint8_t> distances_, roles_;
  std::vector<uint32_t> invariants_, role_invariants_, found_;
  bool has_distances_ = false, has_roles_ = false, has_invariants_ = false;
};

void append_graph(const Graph& g, const std::vector<uint8_t>& order, GraphColumns& out) {
  const auto append = [](auto& column, const auto& values) { column.insert(column.end(), values.begin(), values.end()); };
  append(out.element, g.element);
  append(out.hydrogens, g.hydrogens);
  append(out.aromatic, g.aromatic);
  append(out.charge, g.charge);
  append(out.isotope, g.isotope);
  append(out.begin, g.begin);
  append(out.end, g.end);
  append(out.order, order);
  append(out.aromatic_bond, g.aromatic_bond);
  append(out.ring_atoms, g.ring_atoms);
  for (int r = 0; r < g.rings(); ++r) out.ring_sizes.push_back(static_cast<uint16_t>(g.ring_size(r)));
}

template <typename Rules>
class Filler {
 public:
  Filler(const Rules& rules, const FeatureRequest& request, Features& out, std::vector<std::vector<SparseRow>>& sparse)
      : rules_(rules), request_(request), out_(out), sparse_(sparse) {}

  void fill(Worker& worker, std::string_view text, size_t row) const {
    if (!worker.read(text)) return;
    if (request_.descriptors && !rules_.descriptors.compute(worker.matching, worker.whole, worker.whole_graph, worker.stereo, out_.descriptors.data() + row * kDescriptors)) {
      std::fill_n(out_.descriptors.data() + row * kDescriptors, kDescriptors, 0.0f);
      return;
    }
    for (size_t c = 0; c < request_.bits.size(); ++c) fill_bits(worker, request_.bits[c], out_.bits[c].data() + row * (request_.bits[c].bits / 8));
    for (size_t c = 0; c < request_.counts.size(); ++c) {
      uint32_t first = 0;
      for (const Fingerprint& part : request_.counts[c]) {
        fold_counts(worker.counter, worker.identifiers(part, false), part.bits, first, sparse_[c][row]);
        first += part.bits;
      }
    }
    if (request_.pharmacophore) reduced_graph(worker.graph, out_.pharmacophore.data() + row * kErgWidth);
    if (request_.alerts) fill_alerts(worker, out_.alerts.data() + row * kAlertBytes);
    if ((request_.scaffold || request_.scaffold_key) && worker.scaffolds.find(worker.graph)) {
      out_.scaffold_keys[row] = worker.scaffolds.key(worker.graph, worker.distances());
      if (request_.scaffold) worker.scaffolds.write(worker.graph, out_.scaffolds[row]);
    }
    out_.understood[row] = 1;
  }

  // Graphs are appended: one after another, on one thread.
  void add_graph(Worker& worker, std::string_view text, size_t row) const {
    std::vector<uint8_t> order;
    if (worker.read(text) && kekulise(worker.graph, order)) append_graph(worker.graph, order, out_.graphs);
    else out_.understood[row] = 0;
    out_.graphs.atom_offsets.push_back(static_cast<int32_t>(out_.graphs.element.size()));
    out_.graphs.bond_offsets.push_back(static_cast<int32_t>(out_.graphs.begin.size()));
    out_.graphs.ring_offsets.push_back(static_cast<int32_t>(out_.graphs.ring_sizes.size()));
  }

 private:
  void fill_bits(Worker& worker, const Fingerprint& fingerprint, uint8_t* out) const {
    if (fingerprint.kind == FingerprintKind::kPattern) return rules_.pattern.set(worker.matching, fingerprint.bits, out);
    const std::vector<uint32_t>& found = worker.identifiers(fingerprint, true);
    if (fingerprint.kind == FingerprintKind::kAtomPair || fingerprint.kind == FingerprintKind::kTorsion) fold_counted_bits(worker.counter, found, fingerprint.bits, out);
    else fold_bits(found, fingerprint.bits, out);
  }

  void fill_alerts(Worker& worker, uint8_t* out) const {
    for (size_t i = 0; i < rules_.alerts.size(); ++i) {
      if (rules_.alerts[i]->matches(worker.matching)) set_bit(out, static_cast<uint32_t>(i));
    }
  }

  const Rules& rules_;
  const FeatureRequest& request_;
  Features& out_;
  std::vector<std::vector<SparseRow>>& sparse_;
};

SparseColumn join(const std::vector<SparseRow>& rows) {
  SparseColumn column;
  column.offsets.reserve(rows.size() + 1);
  column.offsets.push_back(0);
  for (const SparseRow& row : rows) {
    column.indices.insert(column.indices.end(), row.indices.begin(), row.indices.end());
    column.values.insert(column.values.end(), row.values.begin(), row.values.end());
    column.offsets.push_back(static_cast<int64_t>(column.indices.size()));
  }
  return column;
}

Features empty_features(size_t rows, const FeatureRequest& request) {
  Features out;
  out.understood.assign(rows, 0);
  for (const Fingerprint& fingerprint : request.bits) out.bits.emplace_back(rows * (fingerprint.bits / 8), uint8_t{0});
  if (request.descriptors) out.descriptors.assign(rows * kDescriptors, 0.0f);
  if (request.pharmacophore) out.pharmacophore.assign(rows * kErgWidth, 0);
  if (request.alerts) out.alerts.assign(rows * kAlertBytes, 0);
  if (request.scaffold || request.scaffold_key) out.scaffold_keys.assign(rows, ScaffoldKey{0, 0, 0, 0});
  if (request.scaffold) out.scaffolds.resize(rows);
  return out;
}

}  // namespace

Featuriser::Featuriser() : rules_(std::make_unique<Rules>()) {}
Featuriser::~Featuriser() = default;

Expected<std::shared_ptr<const Featuriser>> Featuriser::create(const std::vector<std::string>& alerts) {
  if (alerts.size() > 8 * kAlertBytes) return Status(Code::kArgumentInvalid, "Expected at most 64 structural alerts but received " + std::to_string(alerts.size()) + ".");
  std::shared_ptr<Featuriser> made(new Featuriser());
  for (const std::string& smarts : alerts) {
    made->rules_->alerts.push_back(Pattern::read(smarts, made->rules_->slots));
    if (!made->rules_->alerts.back()) return Status(Code::kArgumentInvalid, "Expected SMARTS that the featuriser can read but received " + smarts + ".");
  }
  return std::shared_ptr<const Featuriser>(made);
}

Features Featuriser::compute(const std::vector<std::string_view>& texts, const FeatureRequest& request, int threads) const {
  Features out = empty_features(texts.size(), request);
  std::vector<std::vector<SparseRow>> sparse(request.counts.size(), std::vector<SparseRow>(texts.size()));
  const Filler<Rules> filler(*rules_, request, out, sparse);
  std::atomic<size_t> next{0};
  // Molecules differ in size: threads take a few at a time.
  const auto work = [&](int) {
    Worker worker;
    for (size_t from = next.fetch_add(kRowsAtOnce); from < texts.size(); from = next.fetch_add(kRowsAtOnce)) {
      for (size_t row = from; row < std::min(texts.size(), from + kRowsAtOnce); ++row) filler.fill(worker, texts[row], row);
    }
  };
  const int most = static_cast<int>(std::min<size_t>(static_cast<size_t>(threads), (texts.size() + kRowsAtOnce - 1) / kRowsAtOnce));
  if (most <= 1) work(0);
  else ThreadPool(most).run(most, work);
  if (request.graph) {
    Worker worker;
    for (auto* offsets : {&out.graphs.atom_offsets, &out.graphs.bond_offsets, &out.graphs.ring_offsets}) offsets->push_back(0);
    for (size_t row = 0; row < texts.size(); ++row) filler.add_graph(worker, texts[row], row);
  }
  for (const auto& rows : sparse) out.counts.push_back(join(rows));
  return out;
}

}  // namespace isolens::chem
