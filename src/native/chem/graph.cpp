#include "graph.h"

#include <utility>

namespace isolens::chem {

void Graph::clear() {
  atoms = bonds = 0;
  for (auto* column : {&element, &hydrogens, &aromatic, &ring_atom, &chiral, &all_hydrogens, &valence, &ring_double, &order, &aromatic_bond, &ring_bond, &directed}) {
    column->clear();
  }
  charge.clear();
  isotope.clear();
  for (auto* column : {&begin, &end, &offset, &neighbour, &bond_of, &ring_atoms, &ring_bonds}) column->clear();
  ring_at.assign(1, 0);
}

int Graph::add_atom(int atomic_number) {
  element.push_back(static_cast<uint8_t>(atomic_number));
  for (auto* column : {&hydrogens, &aromatic, &ring_atom, &chiral, &all_hydrogens, &valence, &ring_double}) column->push_back(0);
  charge.push_back(0);
  isotope.push_back(0);
  return atoms++;
}

int Graph::add_bond(int a, int b, int bond_order, bool is_aromatic) {
  begin.push_back(static_cast<uint16_t>(a));
  end.push_back(static_cast<uint16_t>(b));
  order.push_back(static_cast<uint8_t>(bond_order));
  aromatic_bond.push_back(is_aromatic ? 1 : 0);
  ring_bond.push_back(0);
  directed.push_back(0);
  return bonds++;
}

void Graph::connect() {
  offset.assign(atoms + 1, 0);
  for (int b = 0; b < bonds; ++b) {
    ++offset[begin[b] + 1];
    ++offset[end[b] + 1];
  }
  for (int a = 0; a < atoms; ++a) offset[a + 1] = static_cast<uint16_t>(offset[a + 1] + offset[a]);
  neighbour.resize(2 * static_cast<size_t>(bonds));
  bond_of.resize(2 * static_cast<size_t>(bonds));
  // Filled from the front; afterwards offset[a] has become the end of a, which is put right by shifting.
  for (int b = 0; b < bonds; ++b) {
    for (const auto& [from, to] : {std::pair<int, int>{begin[b], end[b]}, std::pair<int, int>{end[b], begin[b]}}) {
      const int at = offset[from]++;
      neighbour[at] = static_cast<uint16_t>(to);
      bond_of[at] = static_cast<uint16_t>(b);
    }
  }
  for (int a = atoms; a > 0; --a) offset[a] = offset[a - 1];
  offset[0] = 0;
}

void add_hydrogens(const Graph& graph, Graph& out) {
  out = graph;
  for (int a = 0; a < graph.atoms; ++a) {
    for (int h = 0; h < graph.hydrogens[a]; ++h) {
      const int hydrogen = out.add_atom(kHydrogen);
      out.valence[hydrogen] = 1;
      out.add_bond(a, hydrogen, 1, false);
    }
    out.hydrogens[a] = 0;
  }
  out.connect();
}

}  // namespace isolens::chem
