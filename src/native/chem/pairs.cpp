#include "pairs.h"

#include <algorithm>
#include <array>

#include "elements.h"
#include "hashes.h"

namespace isolens::chem {
namespace {

constexpr int kFarthest = 20;
constexpr int kFarthestRdkit = 30;
constexpr int kRoles = 7;

// Element, neighbours, pi electrons.
std::vector<uint32_t> atom_codes(const Graph& g) {
  std::vector<uint32_t> codes(g.atoms);
  for (int a = 0; a < g.atoms; ++a) {
    int pi = g.aromatic[a];
    if (pi == 0) {
      for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) pi += g.order[g.bond_of[i]] - 1;
    }
    codes[a] = static_cast<uint32_t>((g.element[a] * 8 + std::min(7, g.degree(a))) * 4 + std::min(3, pi));
  }
  return codes;
}

// Pi electrons as RDKit counts them: none where hybridisation is sp3, as that of sulfones and sulfoxides is.
int rdkit_pi(const Graph& g, int a) {
  if (g.aromatic[a]) return 1;
  int excess = 0;
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) excess += g.order[g.bond_of[i]] - 1;
  if (excess == 0) return 0;
  const int outer = outer_electrons(g.element[a]);
  if (outer < 0) return excess;
  const int total = g.degree(a) + g.hydrogens[a];
  const int free = outer - g.valence[a] - g.charge[a];
  const int orbitals = total + std::max(0, free) / 2;
  return orbitals == 4 ? 0 : excess;
}

std::vector<uint32_t> rdkit_codes(const Graph& g) {
  constexpr std::array<int, 15> kTypes = {5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 35, 51, 52, 53};
  std::vector<uint32_t> codes(g.atoms);
  for (int a = 0; a < g.atoms; ++a) {
    const auto found = std::find(kTypes.begin(), kTypes.end(), g.element[a]);
    const auto type = static_cast<uint32_t>(found - kTypes.begin());
    codes[a] = static_cast<uint32_t>(g.degree(a) % 7) | static_cast<uint32_t>(rdkit_pi(g, a) % 3) << 3 | type << 5;
  }
  return codes;
}

// Calls visit(a, b, c, d) for every path of four distinct atoms, from one of its ends.
template <typename Visit>
void each_path(const Graph& g, const Visit& visit) {
  for (int bond = 0; bond < g.bonds; ++bond) {
    const int b = g.begin[bond], c = g.end[bond];
    for (int i = g.offset[b]; i < g.offset[b + 1]; ++i) {
      const int a = g.neighbour[i];
      if (a == c) continue;
      for (int j = g.offset[c]; j < g.offset[c + 1]; ++j) {
        const int d = g.neighbour[j];
        if (d != b && d != a) visit(a, b, c, d);
      }
    }
  }
}

uint32_t own_path(const std::vector<uint32_t>& codes, int a, int b, int c, int d) {
  uint32_t seed = 7;
  for (const int atom : {a, b, c, d}) seed = mix(seed * 31u + codes[atom] + 1);
  return seed;
}

uint32_t rdkit_path(std::array<uint32_t, 4> codes) {
  if (codes[0] > codes[3] || (codes[0] == codes[3] && codes[1] > codes[2])) std::reverse(codes.begin(), codes.end());
  uint32_t seed = 0;
  for (const uint32_t code : codes) seed = combine(seed, code);
  return seed;
}

}  // namespace

void topological_distances(const Graph& g, int farthest, std::vector<uint8_t>& out) {
  out.assign(static_cast<size_t>(g.atoms) * g.atoms, kUnreached);
  std::vector<uint16_t> queue(g.atoms);
  for (int from = 0; from < g.atoms; ++from) {
    uint8_t* row = out.data() + static_cast<size_t>(from) * g.atoms;
    row[from] = 0;
    queue[0] = static_cast<uint16_t>(from);
    for (int head = 0, tail = 1; head < tail; ++head) {
      const int a = queue[head];
      const int next = row[a] + 1;
      if (next > farthest) break;
      for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
        const int b = g.neighbour[i];
        if (row[b] != kUnreached) continue;
        row[b] = static_cast<uint8_t>(next);
        queue[tail++] = static_cast<uint16_t>(b);
      }
    }
  }
}

void atom_pairs(const Graph& g, const std::vector<uint8_t>& distances, std::vector<uint32_t>& found) {
  const std::vector<uint32_t> codes = atom_codes(g);
  found.clear();
  for (int a = 0; a < g.atoms; ++a) {
    for (int b = a + 1; b < g.atoms; ++b) {
      const uint8_t distance = distances[static_cast<size_t>(a) * g.atoms + b];
      if (distance > kFarthest) continue;
      const uint32_t low = std::min(codes[a], codes[b]), high = std::max(codes[a], codes[b]);
      found.push_back(mix(mix(low + 1) * 31u + (high + 1) * 64u + distance));
    }
  }
}

void torsions(const Graph& g, std::vector<uint32_t>& found) {
  const std::vector<uint32_t> codes = atom_codes(g);
  found.clear();
  each_path(g, [&](int a, int b, int c, int d) { found.push_back(std::min(own_path(codes, a, b, c, d), own_path(codes, d, c, b, a))); });
}

void pharmacophore_pairs(const Graph& g, const std::vector<uint8_t>& roles, const std::vector<uint8_t>& distances, std::vector<uint32_t>& found) {
  found.clear();
  for (int a = 0; a < g.atoms; ++a) {
    if (roles[a] == 0) continue;
    for (int b = a + 1; b < g.atoms; ++b) {
      const uint8_t distance = distances[static_cast<size_t>(a) * g.atoms + b];
      if (roles[b] == 0 || distance > kFarthest) continue;
      for (int r = 0; r < kRoles; ++r) {
        if (!((roles[a] >> r) & 1)) continue;
        for (int s = 0; s < kRoles; ++s) {
          if (!((roles[b] >> s) & 1)) continue;
          const int low = std::min(r, s), high = std::max(r, s);
          found.push_back(static_cast<uint32_t>((high * (high + 1) / 2 + low) * kFarthest + distance - 1));
        }
      }
    }
  }
}

void rdkit_atom_pairs(const Graph& g, const std::vector<uint8_t>& distances, std::vector<uint32_t>& found) {
  const std::vector<uint32_t> codes = rdkit_codes(g);
  found.clear();
  for (int a = 0; a < g.atoms; ++a) {
    for (int b = a + 1; b < g.atoms; ++b) {
      const uint8_t distance = distances[static_cast<size_t>(a) * g.atoms + b];
      if (distance > kFarthestRdkit) continue;
      const uint32_t low = std::min(codes[a], codes[b]) % 511, high = std::max(codes[a], codes[b]) % 511;
      found.push_back(combine(combine(combine(0, low), distance), high));
    }
  }
}

void rdkit_torsions(const Graph& g, std::vector<uint32_t>& found) {
  std::vector<uint32_t> codes = rdkit_codes(g);
  // Its generator lowers the code by two and raises it again by one within a path, by two at the ends.
  for (uint32_t& code : codes) code = (code - 2) % 511;
  found.clear();
  each_path(g, [&](int a, int b, int c, int d) { found.push_back(rdkit_path({codes[a] + 1, codes[b], codes[c], codes[d] + 1})); });
  // A ring of three is a path from its first atom back to it.
  for (int r = 0; r < g.rings(); ++r) {
    if (g.ring_size(r) != 3) continue;
    std::array<int, 3> ring = {g.ring_atoms[g.ring_at[r]], g.ring_atoms[g.ring_at[r] + 1], g.ring_atoms[g.ring_at[r] + 2]};
    std::sort(ring.begin(), ring.end());
    found.push_back(rdkit_path({codes[ring[0]] + 1, codes[ring[1]], codes[ring[2]], codes[ring[0]] + 1}));
  }
}

}  // namespace isolens::chem
