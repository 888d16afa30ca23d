// Rules of a graph (src/graph/rules.ts): what is done to parameters after every step of the optimiser, in order.
#pragma once
#include "graph.h"

namespace isolens {

// Reads the list, which may be absent; every rule names a parameter of the graph that it fits.
Status parse_rules(const Json& list, const Graph& graph, std::vector<Rule>* rules);

// Every row of a matrix to unit length; one of zeros stays.
void unit_rows(Parameter& parameter);

// Clamp, unit rows and average, on the store's own numbers.
Status apply_rule(const Rule& rule, ParameterStore& store);

}  // namespace isolens
