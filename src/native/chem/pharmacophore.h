// What each atom can do in a binding site, and extended reduced graphs: twins of pharmacophore.ts, pharmacophore-features.ts and erg.ts.
#pragma once
#include <vector>

#include "graph.h"

namespace isolens::chem {

// Roles that pair up (CATS), a bit set an atom.
void pharmacophore_roles(const Graph& graph, std::vector<uint8_t>& out);

// Types of ErG, a bit set an atom.
void pharmacophore_features(const Graph& graph, std::vector<uint8_t>& out);

constexpr int kErgTypes = 6, kErgLongest = 15;
constexpr int kErgWidth = kErgTypes * (kErgTypes + 1) / 2 * kErgLongest;

// out: (kErgWidth) counts in tenths of pairs of types by distance, at most 255 (Stiefl et al. 2006, doi:10.1021/ci050457y).
void reduced_graph(const Graph& graph, uint8_t* out);

}  // namespace isolens::chem
