// How many atoms could be stereo centres, as RDKit's older perception counts them.
#pragma once
#include <vector>

#include "graph.h"

namespace isolens::chem {

class StereoCentres {
 public:
  // Atoms whose neighbours all differ, by ranks that stand in for Cahn, Ingold and Prelog's (P. Labute, J. CCG 1996). false where that
  // is not certain: marks that the molecule carries (@, /) could tell more neighbours apart, or a nitrogen lies in a bridge.
  bool count(const Graph& graph, int& centres);

 private:
  void rank(const Graph& graph);
  void sort_ranks();
  void append_neighbours(const Graph& graph, int atom);
  bool is_legal(const Graph& graph, int atom) const;
  bool has_equal_neighbours(const Graph& graph, int atom) const;
  bool is_bridgehead(const Graph& graph, int atom) const;
  bool is_settled(const Graph& graph) const;

  std::vector<int> ranks_, order_, sorted_;
  std::vector<std::vector<int>> entries_;
};

}  // namespace isolens::chem
