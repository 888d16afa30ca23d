// Morgan environments (Rogers and Hahn 2010, doi:10.1021/ci100050t), equal to those of RDKit's generator.
#pragma once
#include <vector>

#include "graph.h"

namespace isolens::chem {

class MorganEnvironments {
 public:
  // One identifier for each distinct environment, of radius 0 to `radius`; `invariants`: (atoms), of radius 0.
  void find(const Graph& graph, const std::vector<uint32_t>& invariants, int radius, std::vector<uint32_t>& found);

 private:
  void grow(const Graph& graph, int atom, int layer);
  bool is_seen(const uint64_t* bonds) const;

  struct Round {
    uint32_t invariant;
    int atom;
  };
  size_t words_ = 0;
  std::vector<uint32_t> current_, next_;
  std::vector<uint64_t> covered_, next_covered_, seen_;  // (atoms, words), (atoms, words), (seen, words)
  std::vector<uint8_t> dead_;
  std::vector<Round> round_;
  std::vector<std::pair<uint32_t, uint32_t>> sorted_;
};

// Invariants of ECFP.
void connectivity_invariants(const Graph& graph, std::vector<uint32_t>& out);

}  // namespace isolens::chem
