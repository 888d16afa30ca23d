// Walks over the graph.
#include <algorithm>

#include "query.h"

namespace isolens::ann {
namespace {

// A node of the pool whose links were followed has the upper bit set; nodes stay below it.
constexpr uint32_t kFollowed = 1u << 31;
constexpr size_t kAlign = 64;

}  // namespace

// values: (dimension), padded with zeros to whole vectors; they and the scratch outlive the query.
Graph::Query Graph::query_of(const float* values, Scratch& scratch) const {
  const size_t count = static_cast<size_t>(options_.dimension);
  scratch.codes.assign(codes_.stride() + kAlign, 0);
  int8_t* codes = scratch.codes.data() + (kAlign - reinterpret_cast<uintptr_t>(scratch.codes.data()) % kAlign) % kAlign;
  const float step = encode(values, count, reinterpret_cast<uint8_t*>(codes));
  int32_t total = 0;
  for (size_t i = 0; i < count; ++i) total += codes[i] = static_cast<int8_t>(codes[i] ^ -128);
  return {*this, values, codes, step, 128 * total};
}

// Marks instead of clearing: the table is cleared once in 65,535 walks.
void Graph::prepare(Scratch& scratch) const {
  if (scratch.seen.size() < linked_) scratch.seen.resize(std::max(linked_ + linked_ / 2, size_t{1024}), 0);
  if (++scratch.mark == 0) {
    std::fill(scratch.seen.begin(), scratch.seen.end(), uint16_t{0});
    scratch.mark = 1;
  }
}

// From the graph's entry to the nearest neighbour until none is nearer, in each layer above `level`; returns where that ends.
uint32_t Graph::descend(const Query& query, int level) {
  uint32_t at = entry_;
  float nearest = query.roughly(at);
  for (int layer = top_level_; layer > level; --layer) {
    for (bool moved = true; moved;) {
      moved = false;
      const List links = list(at, static_cast<uint32_t>(layer));
      for (uint32_t i = 0, n = links.size(); i < n; ++i) {
        const float distance = query.roughly(links.nodes[i]);
        if (!(distance < nearest)) continue;
        nearest = distance;
        at = links.nodes[i];
        moved = true;
      }
    }
  }
  return at;
}

// Follows always the nearest node not yet followed until none is left among the ef nearest, which stand in scratch.pool, in order:
// what two heaps do, one sorted array does without them.
void Graph::walk(const Query& query, uint32_t entry, uint32_t level, size_t ef, Scratch& scratch) {
  prepare(scratch);
  std::vector<Near>& pool = scratch.pool;
  std::vector<uint32_t>& fresh = scratch.fresh;
  uint16_t* seen = scratch.seen.data();
  const uint16_t mark = scratch.mark;
  pool.clear();
  pool.reserve(ef + 1);
  pool.push_back({query.roughly(entry), entry});
  seen[entry] = mark;
  for (size_t at = 0; at < pool.size();) {
    if (pool[at].node & kFollowed) {
      ++at;
      continue;
    }
    const List links = list(pool[at].node, level);
    pool[at].node |= kFollowed;
    size_t lowest = at + 1;
    // Most likely the one to be followed next.
    if (lowest < pool.size()) {
      const List next = list(pool[lowest].node & ~kFollowed, level);
      prefetch_row(next.head, (size_t{1} + most_links(level)) * 4);
    }
    fresh.clear();
    for (uint32_t i = 0, n = links.size(); i < n; ++i) {
      const uint32_t node = links.nodes[i];
      if (seen[node] == mark) continue;
      seen[node] = mark;
      fresh.push_back(node);
      query.prefetch(node);
    }
    for (const uint32_t node : fresh) {
      lowest = std::min(lowest, scratch.offer({query.roughly(node), node}, ef));
    }
    at = lowest;
  }
  for (Near& near : pool) near.node &= ~kFollowed;
}

// The ef nearest nodes that a walk meets, with their exact distances, in order.
void Graph::search_layer(const Query& query, uint32_t entry, uint32_t level, size_t ef, Scratch& scratch) {
  constexpr size_t kAhead = 2;
  walk(query, entry, level, ef, scratch);
  std::vector<Near>& pool = scratch.pool;
  const size_t bytes = vectors_.stride() * sizeof(float);
  for (size_t i = 0; i < std::min(kAhead, pool.size()); ++i) prefetch_row(vector(pool[i].node), bytes);
  for (size_t i = 0; i < pool.size(); ++i) {
    if (i + kAhead < pool.size()) prefetch_row(vector(pool[i + kAhead].node), bytes);
    pool[i].distance = query.exactly(pool[i].node);
  }
  std::sort(pool.begin(), pool.end());
}

void Graph::search(const float* vector, int64_t k, int64_t ef, std::vector<int32_t>& labels) {
  labels.clear();
  if (labels_.empty() || k < 1) return;
  if (scratches_.empty()) scratches_.push_back(std::make_unique<Scratch>());
  Scratch& scratch = *scratches_[0];
  const size_t width = vectors_.stride();
  scratch.query.assign(width + kLanes, 0.0f);
  float* values = scratch.query.data() + (kAlign - reinterpret_cast<uintptr_t>(scratch.query.data()) % kAlign) % kAlign / sizeof(float);
  std::copy(vector, vector + options_.dimension, values);
  const Query query = query_of(values, scratch);
  scratch.pool.clear();
  // No walk meets more nodes than there are.
  const auto breadth = static_cast<size_t>(std::min(std::max(k, ef), count()));
  if (linked_ > 0) search_layer(query, descend(query, 0), 0, breadth, scratch);
  for (auto node = static_cast<uint32_t>(linked_); node < labels_.size(); ++node) scratch.pool.push_back({query.exactly(node), node});
  if (linked_ < labels_.size()) std::sort(scratch.pool.begin(), scratch.pool.end());
  const size_t found = std::min(static_cast<size_t>(k), scratch.pool.size());
  for (size_t i = 0; i < found; ++i) labels.push_back(labels_[scratch.pool[i].node]);
}

}  // namespace isolens::ann
