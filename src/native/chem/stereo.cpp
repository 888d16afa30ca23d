#include "stereo.h"

#include <algorithm>

namespace isolens::chem {
namespace {

// Twice the weight of a bond.
int weight_of(const Graph& g, int b, int to) {
  if (g.aromatic_bond[b]) return 3;
  // A phosphorus with three or four neighbours: its double bond counts as single (a convention for phosphoryl groups).
  if (g.order[b] == 2 && g.element[to] == kPhosphorus && (g.degree(to) == 3 || g.degree(to) == 4)) return 1;
  return 2 * g.order[b];
}

bool in_ring_of(const Graph& g, int atom, int size) {
  for (int r = 0; r < g.rings(); ++r) {
    if (g.ring_size(r) == size && std::find(g.ring_atoms.begin() + g.ring_at[r], g.ring_atoms.begin() + g.ring_at[r + 1], atom) != g.ring_atoms.begin() + g.ring_at[r + 1]) return true;
  }
  return false;
}

}  // namespace

// Ranks from 0, equal entries alike.
void StereoCentres::sort_ranks() {
  const int n = static_cast<int>(ranks_.size());
  order_.resize(n);
  for (int i = 0; i < n; ++i) order_[i] = i;
  std::sort(order_.begin(), order_.end(), [&](int a, int b) { return entries_[a] < entries_[b]; });
  int rank = 0;
  for (int i = 0; i < n; ++i) {
    if (i > 0 && entries_[order_[i]] != entries_[order_[i - 1]]) ++rank;
    ranks_[order_[i]] = rank;
  }
}

void StereoCentres::append_neighbours(const Graph& g, int a) {
  sorted_.clear();
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) sorted_.push_back(i);
  std::sort(sorted_.begin(), sorted_.end(), [&](int i, int j) { return ranks_[g.neighbour[i]] > ranks_[g.neighbour[j]]; });
  for (const int i : sorted_) {
    for (int w = weight_of(g, g.bond_of[i], g.neighbour[i]); w > 0; --w) entries_[a].push_back(ranks_[g.neighbour[i]] + 1);
  }
  for (int h = 0; h < g.hydrogens[a]; ++h) entries_[a].push_back(0);
}

void StereoCentres::rank(const Graph& g) {
  const int n = g.atoms;
  if (static_cast<int>(entries_.size()) < n) entries_.resize(n);
  ranks_.assign(n, 0);
  for (int a = 0; a < n; ++a) entries_[a].assign({g.element[a], g.isotope[a]});
  sort_ranks();
  for (int a = 0; a < n; ++a) entries_[a].assign({g.element[a], ranks_[a]});
  int count = n == 0 ? 0 : *std::max_element(ranks_.begin(), ranks_.end()) + 1, before = -1;
  for (int round = 0; count < n && round < n / 2 + 1 && (before < 0 || before < count); ++round) {
    size_t longest = 0;
    for (int a = 0; a < n; ++a) append_neighbours(g, a);
    for (int a = 0; a < n; ++a) longest = std::max(longest, entries_[a].size());
    for (int a = 0; a < n; ++a) entries_[a].resize(longest, -1);
    before = count;
    sort_ranks();
    count = *std::max_element(ranks_.begin(), ranks_.end()) + 1;
    if (before == count) continue;
    for (int a = 0; a < n; ++a) {
      entries_[a][round + 1] = ranks_[a];
      entries_[a].resize(round + 2);
    }
  }
}

// Three bonds in rings, and every ring of the atom shares at least two bonds with another of its rings.
bool StereoCentres::is_bridgehead(const Graph& g, int atom) const {
  int ring_bonds = 0;
  for (int i = g.offset[atom]; i < g.offset[atom + 1]; ++i) ring_bonds += g.ring_bond[g.bond_of[i]];
  if (ring_bonds < 3) return false;
  std::vector<int> holding;
  for (int r = 0; r < g.rings(); ++r) {
    const auto first = g.ring_atoms.begin() + g.ring_at[r], last = g.ring_atoms.begin() + g.ring_at[r + 1];
    if (std::find(first, last, atom) != last) holding.push_back(r);
  }
  const auto shared = [&](int r, int s) {
    const auto first = g.ring_bonds.begin() + g.ring_at[s], last = g.ring_bonds.begin() + g.ring_at[s + 1];
    return std::count_if(g.ring_bonds.begin() + g.ring_at[r], g.ring_bonds.begin() + g.ring_at[r + 1], [&](int b) { return std::find(first, last, b) != last; });
  };
  return std::all_of(holding.begin(), holding.end(), [&](int r) {
    return std::any_of(holding.begin(), holding.end(), [&](int s) { return s != r && shared(r, s) >= 2; });
  });
}

bool StereoCentres::is_legal(const Graph& g, int a) const {
  const int degree = g.degree(a), element = g.element[a], total = degree + g.hydrogens[a];
  // One that is an atom of the graph counts in both, as RDKit counts.
  if (total > 4 || total < 3) return false;
  if (degree < 3) return element == kPhosphorus || element == kArsenic;
  if (degree != 3) return true;
  if (g.hydrogens[a] == 1) return g.all_hydrogens[a] == 1;
  if (element == kNitrogen) return in_ring_of(g, a, 3);
  if (element == kPhosphorus || element == kArsenic) return true;
  return (element == kSulfur || element == kSelenium) && (g.valence[a] == 4 || (g.valence[a] == 3 && g.charge[a] == 1));
}

bool StereoCentres::has_equal_neighbours(const Graph& g, int a) const {
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
    for (int j = i + 1; j < g.offset[a + 1]; ++j) {
      if (ranks_[g.neighbour[i]] == ranks_[g.neighbour[j]]) return true;
    }
  }
  return false;
}

// Marks tell more apart only where an atom that carries one ranks with another.
bool StereoCentres::is_settled(const Graph& g) const {
  std::vector<int> sharing(g.atoms, 0);
  for (const int r : ranks_) ++sharing[r];
  for (int a = 0; a < g.atoms; ++a) {
    bool is_marked = g.chiral[a] != 0;
    for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
      if (!g.is_double(g.bond_of[i])) continue;
      for (const int end : {a, static_cast<int>(g.neighbour[i])}) {
        for (int j = g.offset[end]; j < g.offset[end + 1]; ++j) is_marked |= g.directed[g.bond_of[j]] != 0;
      }
    }
    if (is_marked && sharing[ranks_[a]] > 1) return false;
  }
  return true;
}

bool StereoCentres::count(const Graph& g, int& centres) {
  rank(g);
  centres = 0;
  bool any_undecided = false;
  for (int a = 0; a < g.atoms; ++a) {
    // Whether the nitrogen of a bridge counts depends on more than is followed here.
    if (g.element[a] == kNitrogen && g.degree(a) == 3 && g.hydrogens[a] == 0 && is_bridgehead(g, a)) return false;
    if (!is_legal(g, a)) continue;
    if (has_equal_neighbours(g, a)) any_undecided = true;
    else ++centres;
  }
  return !any_undecided || is_settled(g);
}

}  // namespace isolens::chem
