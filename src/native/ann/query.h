// What a walk asks of the nodes it meets.
#pragma once
#include "distance.h"
#include "graph.h"

namespace isolens::ann {

// A query, padded and aligned as the rows are, and its distances to nodes: exact ones, and others by 8-bit codes, which are a
// quarter of the memory that a walk waits for. Those err by some 0.001; who is kept in the end is decided by exact ones.
struct Graph::Query {
  const Graph& graph;
  const float* values;
  const int8_t* codes;
  float step;
  int32_t offset;  // what the 128 in every code of a row adds to the product

  void prefetch(uint32_t node) const {
    prefetch_row(graph.codes_.at(node), graph.codes_.stride());
    __builtin_prefetch(graph.steps_.data() + node);
  }
  float roughly(uint32_t node) const {
    const int32_t product = product_of_codes(codes, graph.codes_.at(node), graph.codes_.stride()) - offset;
    return 1.0f - step * graph.steps_[node] * static_cast<float>(product);
  }
  float exactly(uint32_t node) const { return distance_of(values, graph.vector(node), graph.vectors_.stride()); }
};

}  // namespace isolens::ann
