#pragma once
#include "graph.h"

namespace isolens {

uint64_t hash_name(const std::string& name);

// Adds the graph's parameters that the store lacks, checks those it has, and appends the place of each in store->all().
Status add_parameters(const Graph& graph, uint64_t seed, ParameterStore* store, std::vector<size_t>* indices);

}  // namespace isolens
