#include "pharmacophore.h"

#include "atoms.h"

namespace isolens::chem {
namespace {

enum Role : uint8_t { kDonorRole = 1, kAcceptorRole = 2, kPositiveRole = 4, kNegativeRole = 8, kAromaticRole = 16, kHydrophobicRole = 32, kHalogenRole = 64 };

bool is_multiple(const Graph& g, int b) { return g.aromatic_bond[b] || g.order[b] > 1; }

bool is_halogen(int element) { return element == kFluorine || element == kChlorine || element == kBromine || element == kIodine; }

// A single-bonded nitrogen whose pair is shared with a ring, a carbonyl, an imine, a sulfonyl or a phosphoryl group.
bool shares_pair(const Graph& g, int a) {
  return some(g, a, [&](int atom, int) {
    return g.aromatic[atom] || some(g, atom, [&](int other, int b) {
      return other != a && is_multiple(g, b) && (g.element[atom] != kCarbon || g.element[other] != kSulfur || g.is_double(b));
    });
  });
}

bool has_free_pair(const Graph& g, int a) {
  if (g.charge[a] > 0) return false;
  if (g.aromatic[a]) return is_pyridine_like(g, a);
  if (some(g, a, [&](int, int b) { return is_multiple(g, b); })) return true;
  return !shares_pair(g, a);
}

bool is_basic_amine(const Graph& g, int a) {
  if (g.aromatic[a] || g.charge[a] != 0) return false;
  if (some(g, a, [&](int atom, int b) { return is_multiple(g, b) || g.element[atom] != kCarbon; })) return false;
  return !shares_pair(g, a);
}

bool is_greasy(const Graph& g, int a) {
  if (g.charge[a] != 0) return false;
  if (g.element[a] == kSulfur && (g.hydrogens[a] > 0 || g.degree(a) != 2)) return false;
  return !some(g, a, [&](int atom, int) { return g.element[atom] == kNitrogen || g.element[atom] == kOxygen || g.charge[atom] != 0; });
}

uint8_t roles_of(const Graph& g, int a) {
  const int element = g.element[a];
  int roles = g.aromatic[a] ? kAromaticRole : 0;
  if (is_donor(g, a)) roles |= kDonorRole;
  if (element == kOxygen && g.charge[a] <= 0 && !(g.aromatic[a] && g.degree(a) == 2)) roles |= kAcceptorRole;
  if (element == kNitrogen && has_free_pair(g, a)) roles |= kAcceptorRole;
  if (g.charge[a] > 0 && !is_beside_charge(g, a, -1)) roles |= kPositiveRole;
  if (g.charge[a] < 0 && !is_beside_charge(g, a, 1)) roles |= kNegativeRole;
  if (element == kNitrogen && is_basic_amine(g, a)) roles |= kPositiveRole;
  if (is_halogen(element)) roles |= kHalogenRole | kHydrophobicRole;
  if ((element == kCarbon || element == kSulfur) && is_greasy(g, a)) roles |= kHydrophobicRole;
  return static_cast<uint8_t>(roles);
}

// Carboxylic, sulfonic, phosphoric and hydroxamic-like acids, and tetrazoles.
void mark_acids(const Graph& g, std::vector<uint8_t>& roles) {
  const auto is_end = [&](int atom) { return g.element[atom] == kOxygen && g.degree(atom) == 1; };
  for (int centre = 0; centre < g.atoms; ++centre) {
    const int element = g.element[centre];
    if (element != kCarbon && element != kSulfur && element != kPhosphorus) continue;
    const bool is_acidic = some(g, centre, [&](int atom, int) { return is_end(atom) && g.hydrogens[atom] > 0; }) &&
                           some(g, centre, [&](int atom, int b) { return is_end(atom) && g.is_double(b); });
    if (!is_acidic) continue;
    for (int i = g.offset[centre]; i < g.offset[centre + 1]; ++i) {
      if (is_end(g.neighbour[i])) roles[g.neighbour[i]] |= kNegativeRole;
    }
  }
  for (int r = 0; r < g.rings(); ++r) {
    if (!is_tetrazole(g, r)) continue;
    const auto first = g.ring_atoms.begin() + g.ring_at[r], last = g.ring_atoms.begin() + g.ring_at[r + 1];
    if (!std::any_of(first, last, [&](int a) { return g.element[a] == kNitrogen && g.hydrogens[a] > 0; })) continue;
    std::for_each(first, last, [&](int a) { if (g.element[a] == kNitrogen) roles[a] |= kNegativeRole; });
  }
}

// Amidines and guanidines: basic through their carbon.
void mark_amidines(const Graph& g, std::vector<uint8_t>& roles) {
  for (int centre = 0; centre < g.atoms; ++centre) {
    if (g.element[centre] != kCarbon || g.aromatic[centre]) continue;
    const int nitrogens = count(g, centre, [&](int atom, int) { return g.element[atom] == kNitrogen; });
    if (nitrogens < 2 || !some(g, centre, [&](int atom, int b) { return g.element[atom] == kNitrogen && g.is_double(b); })) continue;
    const bool is_drawn_from = some(g, centre, [&](int atom, int) {
      return g.element[atom] == kNitrogen && (g.aromatic[atom] || some(g, atom, [&](int other, int) {
        return other != centre && (g.element[other] != kCarbon || some(g, other, [&](int far, int b) { return far != atom && g.is_double(b) && g.element[far] == kOxygen; }));
      }));
    });
    if (is_drawn_from) continue;
    for (int i = g.offset[centre]; i < g.offset[centre + 1]; ++i) {
      if (g.element[g.neighbour[i]] == kNitrogen) roles[g.neighbour[i]] |= kPositiveRole;
    }
  }
}

}  // namespace

void pharmacophore_roles(const Graph& graph, std::vector<uint8_t>& out) {
  out.resize(graph.atoms);
  for (int a = 0; a < graph.atoms; ++a) out[a] = roles_of(graph, a);
  mark_acids(graph, out);
  mark_amidines(graph, out);
}

}  // namespace isolens::chem
