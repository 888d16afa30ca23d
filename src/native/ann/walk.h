// Walks over the graph, by exact distances or by rough ones.
#pragma once
#include <algorithm>

#include "distance.h"
#include "graph.h"

namespace isolens::ann {

// Distances of a query to nodes. values: (dimension), padded with zeros and aligned as the rows are; they outlive it.
struct Graph::Exact {
  static constexpr size_t kAhead = 6;  // rows on their way from memory

  const Graph& graph;
  const float* values;

  void prefetch(uint32_t node) const { prefetch_row(graph.vector(node), graph.vectors_.stride() * sizeof(float)); }
  float distance(uint32_t node) const { return distance_of(values, graph.vector(node), graph.vectors_.stride()); }
};

// The same by 8-bit codes, a quarter of the memory that a walk waits for. They err by some 0.001.
struct Graph::Rough {
  static constexpr size_t kAhead = 24;

  const Graph& graph;
  const int8_t* codes;
  float step;
  int32_t offset;  // what the 128 in every code of a row adds to the product

  void prefetch(uint32_t node) const {
    prefetch_row(graph.codes_.at(node), graph.codes_.stride());
    __builtin_prefetch(graph.steps_.data() + node);
  }
  float distance(uint32_t node) const {
    const int32_t product = product_of_codes(codes, graph.codes_.at(node), graph.codes_.stride()) - offset;
    return 1.0f - step * graph.steps_[node] * static_cast<float>(product);
  }
};

// From the graph's entry to the nearest neighbour until none is nearer, in each layer above `level`; returns where that ends.
template <typename Query>
uint32_t Graph::descend(const Query& query, int level) {
  uint32_t at = entry_;
  float nearest = query.distance(at);
  for (int layer = top_level_; layer > level; --layer) {
    for (bool moved = true; moved;) {
      moved = false;
      const List links = list(at, static_cast<uint32_t>(layer));
      for (uint32_t i = 0, n = links.size(); i < n; ++i) {
        const float distance = query.distance(links.nodes[i]);
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
template <typename Query>
void Graph::walk(const Query& query, uint32_t entry, uint32_t level, size_t ef, Scratch& scratch) {
  // A node of the pool whose links were followed; nodes stay below it.
  constexpr uint32_t kFollowed = 1u << 31;
  begin_walk(scratch);
  std::vector<Near>& pool = scratch.pool;
  std::vector<uint32_t>& fresh = scratch.fresh;
  uint16_t* seen = scratch.seen.data();
  const uint16_t mark = scratch.mark;
  pool.clear();
  pool.reserve(ef + 1);
  pool.push_back({query.distance(entry), entry});
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
    if (lowest < pool.size()) prefetch_row(list(pool[lowest].node & ~kFollowed, level).head, (size_t{1} + most_links(level)) * 4);
    fresh.clear();
    for (uint32_t i = 0, n = links.size(); i < n; ++i) {
      const uint32_t node = links.nodes[i];
      if (seen[node] == mark) continue;
      seen[node] = mark;
      fresh.push_back(node);
      if (fresh.size() <= Query::kAhead) query.prefetch(node);
    }
    for (size_t i = 0; i < fresh.size(); ++i) {
      if (i + Query::kAhead < fresh.size()) query.prefetch(fresh[i + Query::kAhead]);
      lowest = std::min(lowest, scratch.offer({query.distance(fresh[i]), fresh[i]}, ef));
    }
    at = lowest;
  }
  for (Near& near : pool) near.node &= ~kFollowed;
}

}  // namespace isolens::ann
