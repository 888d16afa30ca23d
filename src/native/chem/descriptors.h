// The numbers that chemists compare, equal to RDKit's.
#pragma once
#include <memory>
#include <vector>

#include "smarts.h"
#include "stereo.h"

namespace isolens::chem {

constexpr int kDescriptors = 12;

// Patterns of the descriptors and of Crippen's types, compiled once; shared by threads.
class DescriptorRules {
 public:
  explicit DescriptorRules(int& slots);

  // out: (kDescriptors) molecularWeight, logP, tpsa, hBondDonors, hBondAcceptors, rotatableBonds, rings, aromaticRings, fractionCsp3,
  // heavyAtoms, stereoCentres, charge. false where the number of stereo centres is not certain. `whole`: the graph with hydrogens.
  bool compute(Matching& matching, Matching& whole, Graph& hydrogens, StereoCentres& stereo, float* out) const;

 private:
  double log_p(Matching& whole) const;

  std::unique_ptr<Pattern> donors_, acceptors_, rotatable_;
  struct Type {
    std::unique_ptr<Pattern> pattern;
    double log_p;
  };
  std::vector<Type> types_;
  // By (element, aromatic): types that such an atom can be, in order.
  std::vector<std::vector<int>> types_of_;
};

// Topological polar surface area (Ertl, Rohde and Selzer 2000, doi:10.1021/jm000942e), of nitrogen and oxygen, in square angstrom.
double polar_surface(const Graph& graph);

}  // namespace isolens::chem
