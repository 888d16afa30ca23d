// Pairs of atoms and paths of four atoms: this program's own identifiers, to be counted, and RDKit's, as bits.
#pragma once
#include <vector>

#include "graph.h"

namespace isolens::chem {

constexpr uint8_t kUnreached = 255;

// Bonds between any two atoms, (atoms, atoms); kUnreached beyond `farthest`.
void topological_distances(const Graph& graph, int farthest, std::vector<uint8_t>& out);

// Atom pairs (Carhart et al. 1985, doi:10.1021/ci00046a002) up to 20 bonds apart; distances as above, up to at least 20.
void atom_pairs(const Graph& graph, const std::vector<uint8_t>& distances, std::vector<uint32_t>& found);
// Topological torsions (Nilakantan et al. 1987, doi:10.1021/ci00054a008).
void torsions(const Graph& graph, std::vector<uint32_t>& found);
// Pairs of pharmacophore roles (CATS); `roles`: (atoms).
void pharmacophore_pairs(const Graph& graph, const std::vector<uint8_t>& roles, const std::vector<uint8_t>& distances, std::vector<uint32_t>& found);

// RDKit's identifiers of the same, whose counts it tells by four bits each; distances up to 30.
void rdkit_atom_pairs(const Graph& graph, const std::vector<uint8_t>& distances, std::vector<uint32_t>& found);
void rdkit_torsions(const Graph& graph, std::vector<uint32_t>& found);

}  // namespace isolens::chem
