// What is asked of an atom and its neighbours, wherever rules assign types.
#pragma once
#include <algorithm>

#include "graph.h"

namespace isolens::chem {

// Whether test(neighbour, bond) holds of any.
template <typename Test>
bool some(const Graph& g, int a, const Test& test) {
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
    if (test(static_cast<int>(g.neighbour[i]), static_cast<int>(g.bond_of[i]))) return true;
  }
  return false;
}

template <typename Test>
int count(const Graph& g, int a, const Test& test) {
  int found = 0;
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) found += test(static_cast<int>(g.neighbour[i]), static_cast<int>(g.bond_of[i])) ? 1 : 0;
  return found;
}

inline bool is_donor(const Graph& g, int a) { return g.hydrogens[a] > 0 && (g.element[a] == kNitrogen || g.element[a] == kOxygen || g.element[a] == kSulfur); }

// An aromatic nitrogen whose pair is free, as that of pyridine.
inline bool is_pyridine_like(const Graph& g, int a) { return g.element[a] == kNitrogen && g.aromatic[a] && g.hydrogens[a] == 0 && g.degree(a) == 2; }

// Of a nitro group or an N-oxide: charges that are no ions.
inline bool is_beside_charge(const Graph& g, int a, int sign) {
  return some(g, a, [&](int other, int) { return g.charge[other] * sign > 0; });
}

// A ring of four nitrogens and another atom.
inline bool is_tetrazole(const Graph& g, int r) {
  if (g.ring_size(r) != 5) return false;
  return std::count_if(g.ring_atoms.begin() + g.ring_at[r], g.ring_atoms.begin() + g.ring_at[r + 1], [&](int a) { return g.element[a] == kNitrogen; }) == 4;
}

}  // namespace isolens::chem
