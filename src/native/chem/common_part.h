// The largest connected part that two molecules share, rings whole or not at all: the twin of src/chem/common/common-part.ts, which says how.
#pragma once
#include <utility>
#include <vector>

#include "graph.h"

namespace isolens::chem {

// A molecule as a tree of atoms and rings.
class Frame {
 public:
  explicit Frame(const Graph& graph);

  struct Branch {
    int to, kind, direction;
  };

  const Graph& graph;
  std::vector<std::vector<int>> rings;     // atoms of each, in order around it
  std::vector<std::vector<int>> rings_of;  // by atom: places in rings
  std::vector<std::vector<Branch>> branches;
  std::vector<int> kinds;  // equal for atoms that are the same

  bool is_ring_atom(int a) const { return !rings_of[a].empty(); }

 private:
  void choose_rings();
};

// Pairs (atom of a, atom of b), ascending by the first: those that are the same are kept, other ring atoms swapped.
struct CommonPart {
  std::vector<std::pair<int, int>> kept, swapped;
};

CommonPart common_part(const Frame& a, const Frame& b);

}  // namespace isolens::chem
