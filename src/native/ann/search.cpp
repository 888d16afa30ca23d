// Searching: for the rows that a new one is to be linked with, and for those that a query asks for.
#include "walk.h"

namespace isolens::ann {
namespace {

constexpr size_t kAlign = 64;

template <typename T>
T* aligned(std::vector<T>& storage, size_t count) {
  storage.assign(count + kAlign / sizeof(T), T{0});
  return storage.data() + (kAlign - reinterpret_cast<uintptr_t>(storage.data()) % kAlign) % kAlign / sizeof(T);
}

}  // namespace

// Marks instead of clearing: the table is cleared once in 65,535 walks.
void Graph::begin_walk(Scratch& scratch) const {
  if (scratch.seen.size() < linked_) scratch.seen.resize(std::max(linked_ + linked_ / 2, size_t{1024}), 0);
  if (++scratch.mark != 0) return;
  std::fill(scratch.seen.begin(), scratch.seen.end(), uint16_t{0});
  scratch.mark = 1;
}

Graph::Rough Graph::rough_query(const float* values, Scratch& scratch) const {
  const auto count = static_cast<size_t>(options_.dimension);
  int8_t* codes = aligned(scratch.codes, codes_.stride());
  const float step = encode(values, count, reinterpret_cast<uint8_t*>(codes));
  int32_t total = 0;
  for (size_t i = 0; i < count; ++i) total += codes[i] = static_cast<int8_t>(codes[i] ^ -128);
  return {*this, codes, step, 128 * total};
}

// The ef nearest nodes that a rough walk meets, with their exact distances, in order.
void Graph::find_near(const Rough& rough, const Exact& exact, uint32_t entry, uint32_t level, Scratch& scratch) {
  constexpr size_t kAhead = 2;
  walk(rough, entry, level, static_cast<size_t>(options_.ef_construction), scratch);
  std::vector<Near>& pool = scratch.pool;
  for (size_t i = 0; i < std::min(kAhead, pool.size()); ++i) exact.prefetch(pool[i].node);
  for (size_t i = 0; i < pool.size(); ++i) {
    if (i + kAhead < pool.size()) exact.prefetch(pool[i + kAhead].node);
    pool[i].distance = exact.distance(pool[i].node);
  }
  std::sort(pool.begin(), pool.end());
}

// By exact distances, as hnswlib does it, unless the graph holds none.
void Graph::search(const float* vector, int64_t k, int64_t ef, std::vector<int32_t>& labels) {
  labels.clear();
  if (labels_.empty() || k < 1) return;
  if (scratches_.empty()) scratches_.push_back(std::make_unique<Scratch>());
  Scratch& scratch = *scratches_[0];
  float* values = aligned(scratch.query, vectors_.stride());
  std::copy(vector, vector + options_.dimension, values);
  scratch.pool.clear();
  // No walk meets more nodes than there are.
  const auto breadth = static_cast<size_t>(std::min(std::max(k, ef), count()));
  if (options_.rough) {
    search_by(rough_query(values, scratch), breadth, scratch);
  } else {
    search_by(Exact{*this, values}, breadth, scratch);
  }
  const size_t found = std::min(static_cast<size_t>(k), scratch.pool.size());
  for (size_t i = 0; i < found; ++i) labels.push_back(labels_[scratch.pool[i].node]);
}

// The `breadth` nearest nodes that a walk meets, and those that wait for their batch, in order.
template <typename Query>
void Graph::search_by(const Query& query, size_t breadth, Scratch& scratch) {
  if (linked_ > 0) walk(query, descend(query, 0), 0, breadth, scratch);
  for (auto node = static_cast<uint32_t>(linked_); node < labels_.size(); ++node) scratch.pool.push_back({query.distance(node), node});
  if (linked_ < labels_.size()) std::sort(scratch.pool.begin(), scratch.pool.end());
}

}  // namespace isolens::ann
