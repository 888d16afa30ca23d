#include "morgan.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "elements.h"
#include "hashes.h"

namespace isolens::chem {
namespace {

constexpr uint32_t kAromaticBond = 12;

// RDKit's "delta mass": of the isotope less the average, cut to a whole number; mass numbers stand in for isotope masses, as in the
// TypeScript twin of this file.
uint32_t delta_mass(const Graph& g, int a) {
  if (g.isotope[a] == 0) return 0;
  double mass = -1;
  switch (g.element[a]) {
    // Lowered by deuterium's mass excess.
    case kHydrogen: mass = 0.994; break;
    case kCarbon: case kNitrogen: case kOxygen: case kFluorine: case kPhosphorus: case kSulfur: case kChlorine: case kBromine: case kIodine:
      mass = mass_of(g.element[a]);
      break;
    default: return 0;
  }
  return static_cast<uint32_t>(static_cast<int32_t>(std::trunc(g.isotope[a] - mass)));
}

}  // namespace

void connectivity_invariants(const Graph& g, std::vector<uint32_t>& out) {
  out.resize(g.atoms);
  for (int a = 0; a < g.atoms; ++a) {
    uint32_t seed = combine(0, g.element[a]);
    seed = combine(seed, static_cast<uint32_t>(g.degree(a) + g.hydrogens[a]));
    seed = combine(seed, g.all_hydrogens[a]);
    seed = combine(seed, static_cast<uint32_t>(static_cast<int32_t>(g.charge[a])));
    seed = combine(seed, delta_mass(g, a));
    if (g.ring_atom[a]) seed = combine(seed, 1);
    out[a] = seed;
  }
}

void MorganEnvironments::grow(const Graph& g, int atom, int layer) {
  sorted_.clear();
  uint64_t* mine = next_covered_.data() + static_cast<size_t>(atom) * words_;
  for (int i = g.offset[atom]; i < g.offset[atom + 1]; ++i) {
    const int other = g.neighbour[i], b = g.bond_of[i];
    const uint64_t* theirs = covered_.data() + static_cast<size_t>(other) * words_;
    for (size_t w = 0; w < words_; ++w) mine[w] |= theirs[w];
    mine[b >> 6] |= uint64_t{1} << (b & 63);
    sorted_.push_back({g.aromatic_bond[b] ? kAromaticBond : g.order[b], current_[other]});
  }
  std::sort(sorted_.begin(), sorted_.end());
  uint32_t invariant = combine(static_cast<uint32_t>(layer), current_[atom]);
  for (const auto& [bond, other] : sorted_) invariant = combine(invariant, combine(combine(0, bond), other));
  next_[atom] = invariant;
}

bool MorganEnvironments::is_seen(const uint64_t* bonds) const {
  for (size_t at = 0; at < seen_.size(); at += words_) {
    if (std::memcmp(seen_.data() + at, bonds, words_ * sizeof(uint64_t)) == 0) return true;
  }
  return false;
}

void MorganEnvironments::find(const Graph& g, const std::vector<uint32_t>& invariants, int radius, std::vector<uint32_t>& found) {
  found.assign(invariants.begin(), invariants.end());
  current_ = invariants;
  words_ = static_cast<size_t>(g.bonds + 63) / 64;
  covered_.assign(static_cast<size_t>(g.atoms) * words_, 0);
  dead_.assign(g.atoms, 0);
  seen_.clear();
  for (int layer = 0; layer < radius; ++layer) {
    next_.assign(g.atoms, 0);
    next_covered_ = covered_;
    round_.clear();
    for (int a = 0; a < g.atoms; ++a) {
      if (dead_[a]) continue;
      if (g.degree(a) == 0) {
        dead_[a] = 1;
        continue;
      }
      grow(g, a, layer);
      round_.push_back({next_[a], a});
    }
    // Of environments over the same bonds the one of the smallest identifier stays.
    std::sort(round_.begin(), round_.end(), [](const Round& a, const Round& b) { return a.invariant != b.invariant ? a.invariant < b.invariant : a.atom < b.atom; });
    for (const Round& one : round_) {
      const uint64_t* bonds = next_covered_.data() + static_cast<size_t>(one.atom) * words_;
      if (is_seen(bonds)) {
        dead_[one.atom] = 1;
        continue;
      }
      seen_.insert(seen_.end(), bonds, bonds + words_);
      found.push_back(one.invariant);
    }
    current_.swap(next_);
    covered_.swap(next_covered_);
  }
}

}  // namespace isolens::chem
