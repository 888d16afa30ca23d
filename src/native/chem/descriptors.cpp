#include "descriptors.h"

#include "crippen_table.h"

namespace isolens::chem {
namespace {

constexpr const char* kDonors = "[N&!H0&v3,N&!H0&+1&v4,O&H1&+0,S&H1&+0,n&H1&+0]";
constexpr const char* kAcceptors = "[$([O,S;H1;v2]-[!$(*=[O,N,P,S])]),$([O,S;H0;v2]),$([O,S;-]),$([N;v3;!$(N-*=!@[O,N,P,S])]),$([nH0X2,o,s;+0])]";
// RDKit's strict definition: no amide-like bond, no turning trifluoromethyl or tert-butyl.
constexpr const char* kRotatable =
    "[!$(*#*)&!D1&!$(C(F)(F)F)&!$(C(Cl)(Cl)Cl)&!$(C(Br)(Br)Br)&!$(C([CH3])([CH3])[CH3])&!$([CD3](=[N,O,S])-!@[#7,O,S!D1])"
    "&!$([#7,O,S!D1]-!@[CD3]=[N,O,S])&!$([CD3](=[N+])-!@[#7!D1])&!$([#7!D1]-!@[CD3]=[N+])]-,:;!@"
    "[!$(*#*)&!D1&!$(C(F)(F)F)&!$(C(Cl)(Cl)Cl)&!$(C(Br)(Br)Br)&!$(C([CH3])([CH3])[CH3])]";

double weight(const Graph& g) {
  double sum = 0;
  for (int a = 0; a < g.atoms; ++a) sum += mass_of(g.element[a]) + g.hydrogens[a] * mass_of(kHydrogen);
  return sum;
}

int aromatic_rings(const Graph& g) {
  int count = 0;
  for (int r = 0; r < g.rings(); ++r) {
    bool all = true;
    for (uint32_t i = g.ring_at[r]; i < g.ring_at[r + 1]; ++i) all = all && g.aromatic_bond[g.ring_bonds[i]];
    count += all ? 1 : 0;
  }
  return count;
}

// Of carbons, those with four neighbours.
double saturation(const Graph& g) {
  int carbons = 0, saturated = 0;
  for (int a = 0; a < g.atoms; ++a) {
    if (g.element[a] != kCarbon) continue;
    ++carbons;
    saturated += g.degree(a) + g.hydrogens[a] == 4 ? 1 : 0;
  }
  return carbons == 0 ? 0 : static_cast<double>(saturated) / carbons;
}

bool in_three_ring(const Graph& g, int atom) {
  for (int r = 0; r < g.rings(); ++r) {
    if (g.ring_size(r) != 3) continue;
    for (uint32_t i = g.ring_at[r]; i < g.ring_at[r + 1]; ++i) {
      if (g.ring_atoms[i] == atom) return true;
    }
  }
  return false;
}

// Bonds to other than hydrogen, by kind.
struct Surroundings {
  int neighbours = 0, single = 0, twofold = 0, threefold = 0, aromatic = 0, hydrogens = 0, charge = 0;
  bool in_three_ring = false;
};

Surroundings surroundings_of(const Graph& g, int a) {
  Surroundings s;
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
    if (g.element[g.neighbour[i]] == kHydrogen) continue;
    const int b = g.bond_of[i];
    ++s.neighbours;
    if (g.aromatic_bond[b]) ++s.aromatic;
    else ++(g.order[b] == 1 ? s.single : g.order[b] == 2 ? s.twofold : s.threefold);
  }
  s.hydrogens = g.all_hydrogens[a];
  s.charge = g.charge[a];
  s.in_three_ring = in_three_ring(g, a);
  return s;
}

// -1: no type of the paper.
double of_nitrogen(const Surroundings& s) {
  const auto [n, single, twofold, threefold, aromatic, h, charge, small] = s;
  switch (n) {
    case 1:
      if (h == 0 && charge == 0 && threefold == 1) return 23.79;
      if (h == 1 && charge == 0 && twofold == 1) return 23.85;
      if (h == 2 && charge == 0 && single == 1) return 26.02;
      if (h == 2 && charge == 1 && twofold == 1) return 25.59;
      if (h == 3 && charge == 1 && single == 1) return 27.64;
      return -1;
    case 2:
      if (h == 0 && charge == 0 && single == 1 && twofold == 1) return 12.36;
      if (h == 0 && charge == 0 && threefold == 1 && twofold == 1) return 13.60;
      if (h == 1 && charge == 0 && single == 2) return small ? 21.94 : 12.03;
      if (h == 0 && charge == 1 && threefold == 1 && single == 1) return 4.36;
      if (h == 1 && charge == 1 && twofold == 1 && single == 1) return 13.97;
      if (h == 2 && charge == 1 && single == 2) return 16.61;
      if (h == 0 && charge == 0 && aromatic == 2) return 12.89;
      if (h == 1 && charge == 0 && aromatic == 2) return 15.79;
      if (h == 1 && charge == 1 && aromatic == 2) return 14.14;
      return -1;
    case 3:
      if (h == 0 && charge == 0 && single == 3) return small ? 3.01 : 3.24;
      if (h == 0 && charge == 0 && single == 1 && twofold == 2) return 11.68;
      if (h == 0 && charge == 1 && single == 2 && twofold == 1) return 3.01;
      if (h == 1 && charge == 1 && single == 3) return 4.44;
      if (h == 0 && charge == 0 && aromatic == 3) return 4.41;
      if (h == 0 && charge == 0 && single == 1 && aromatic == 2) return 4.93;
      if (h == 0 && charge == 0 && twofold == 1 && aromatic == 2) return 8.39;
      if (h == 0 && charge == 1 && aromatic == 3) return 4.10;
      if (h == 0 && charge == 1 && single == 1 && aromatic == 2) return 3.88;
      return -1;
    case 4: return h == 0 && single == 4 && charge == 1 ? 0 : -1;
    default: return -1;
  }
}

double of_oxygen(const Surroundings& s) {
  const auto [n, single, twofold, threefold, aromatic, h, charge, small] = s;
  (void)threefold;
  if (n == 1) {
    if (h == 0 && charge == 0 && twofold == 1) return 17.07;
    if (h == 1 && charge == 0 && single == 1) return 20.23;
    if (h == 0 && charge == -1 && single == 1) return 23.06;
  }
  if (n == 2 && h == 0 && charge == 0) {
    if (single == 2) return small ? 12.53 : 9.23;
    if (aromatic == 2) return 13.14;
  }
  return -1;
}

}  // namespace

double polar_surface(const Graph& g) {
  double sum = 0;
  for (int a = 0; a < g.atoms; ++a) {
    if (g.element[a] != kNitrogen && g.element[a] != kOxygen) continue;
    const Surroundings s = surroundings_of(g, a);
    const bool is_nitrogen = g.element[a] == kNitrogen;
    double area = is_nitrogen ? of_nitrogen(s) : of_oxygen(s);
    // The paper's rule for types that its table lacks.
    if (area < 0) area = is_nitrogen ? 30.5 - s.neighbours * 8.2 + s.hydrogens * 1.5 : 28.5 - s.neighbours * 8.6 + s.hydrogens * 1.5;
    sum += area < 0 ? 0 : area;
  }
  return sum;
}

DescriptorRules::DescriptorRules(int& slots)
    : donors_(Pattern::read(kDonors, slots)), acceptors_(Pattern::read(kAcceptors, slots)), rotatable_(Pattern::read(kRotatable, slots)), types_of_(2 * kElements) {
  for (const CrippenType& type : kCrippenTypes) {
    types_.push_back({Pattern::read(type.smarts, slots), type.log_p});
    const auto& possible = types_.back().pattern->atom(0).possible;
    for (size_t kind = 0; kind < types_of_.size(); ++kind) {
      if (possible[kind]) types_of_[kind].push_back(static_cast<int>(types_.size()) - 1);
    }
  }
}

double DescriptorRules::log_p(Matching& whole) const {
  const Graph& g = whole.graph();
  double sum = 0;
  for (int a = 0; a < g.atoms; ++a) {
    for (const int type : types_of_[2 * g.element[a] + g.aromatic[a]]) {
      if (!types_[type].pattern->matches_at(whole, a)) continue;
      sum += types_[type].log_p;
      break;
    }
  }
  return sum;
}

bool DescriptorRules::compute(Matching& matching, Matching& whole, Graph& hydrogens, StereoCentres& stereo, float* out) const {
  const Graph& g = matching.graph();
  int heavy = 0, charge = 0, centres = 0;
  for (int a = 0; a < g.atoms; ++a) {
    heavy += g.element[a] == kHydrogen ? 0 : 1;
    charge += g.charge[a];
  }
  const bool is_certain = stereo.count(g, centres);
  add_hydrogens(g, hydrogens);
  whole.begin(hydrogens);
  const double values[kDescriptors] = {
      weight(g), log_p(whole), polar_surface(g), static_cast<double>(donors_->count_starts(matching)), static_cast<double>(acceptors_->count_starts(matching)),
      static_cast<double>(rotatable_->count_sets(matching)), static_cast<double>(g.rings()), static_cast<double>(aromatic_rings(g)), saturation(g),
      static_cast<double>(heavy), static_cast<double>(centres), static_cast<double>(charge)};
  for (int i = 0; i < kDescriptors; ++i) out[i] = static_cast<float>(values[i]);
  return is_certain;
}

}  // namespace isolens::chem
