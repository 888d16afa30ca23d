// Bemis-Murcko scaffolds (J. Med. Chem. 1996, 39, 2887): ring systems, the chains between them, and atoms doubly bonded to these.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "graph.h"

namespace isolens::chem {

// Four hashes of a scaffold, which equal scaffolds share and, as far as anyone has seen, no others; 0 of none.
using ScaffoldKey = std::array<uint32_t, 4>;

class Scaffolds {
 public:
  // Atoms of the scaffold of `graph` are kept; false for a molecule without rings.
  bool find(const Graph& graph);
  // Both of what was found last. distances: (atoms, atoms), as of topological_distances.
  ScaffoldKey key(const Graph& graph, const std::vector<uint8_t>& distances);
  // A SMILES, not a canonical one; every atom in brackets.
  void write(const Graph& graph, std::string& out);

 private:
  void walk(const Graph& graph, int root);
  void write_atom(const Graph& graph, int atom, std::string& out) const;
  int hydrogens_of(const Graph& graph, int atom) const;
  void refine(const Graph& graph, uint32_t seed);

  std::vector<uint8_t> keep_, visited_;
  std::vector<uint32_t> colours_, next_;
  std::vector<int> kept_;
  std::vector<std::pair<int, int>> stack_;
  std::vector<std::pair<int, size_t>> path_;
  // Of a walk: the bond that leads to each atom, those that it goes on to, and the bonds that close rings there, numbered.
  std::vector<int> parent_bond_, closing_;
  std::vector<std::vector<int>> children_, closures_;
};

}  // namespace isolens::chem
