#include <algorithm>
#include <bitset>

#include "common_part.h"

namespace isolens::chem {
namespace {

constexpr int kAromatic = 5;
// Rings of a macrocycle may be told in hundreds of ways: around a cyclodextrin each sugar can be passed on either side.
constexpr int kMacrocycle = 9;
constexpr size_t kMostBonds = 2048;
using Bonds = std::bitset<kMostBonds>;

// Whether sets of bonds are sums of earlier ones.
class Span {
 public:
  bool add(Bonds bonds) {
    for (const auto& [pivot, row] : rows_) {
      if (bonds[pivot]) bonds ^= row;
    }
    if (bonds.none()) return false;
    size_t pivot = 0;
    while (!bonds[pivot]) ++pivot;
    for (auto& [_, row] : rows_) {
      if (row[pivot]) row ^= bonds;
    }
    rows_.push_back({pivot, bonds});
    return true;
  }

 private:
  std::vector<std::pair<size_t, Bonds>> rows_;
};

}  // namespace

Frame::Frame(const Graph& g) : graph(g), rings_of(g.atoms), branches(g.atoms), kinds(g.atoms) {
  choose_rings();
  for (size_t r = 0; r < rings.size(); ++r) {
    for (const int a : rings[r]) rings_of[a].push_back(static_cast<int>(r));
  }
  for (int a = 0; a < g.atoms; ++a) {
    int ring_pi = 0;
    for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
      const int b = g.bond_of[i];
      if (g.ring_bond[b] && !g.aromatic_bond[b]) ring_pi += g.order[b] - 1;
      if (!g.ring_bond[b]) branches[a].push_back({g.neighbour[i], g.aromatic_bond[b] ? kAromatic : g.order[b], 2 * b + (g.begin[b] == a ? 0 : 1)});
    }
    kinds[a] = ((g.element[a] * 16 + g.charge[a] + 8) * 2 + g.aromatic[a]) * 4 + std::min(3, ring_pi);
  }
}

// All small rings, and of the large ones those that no others add up to (Horton 1987, doi:10.1137/0216026).
void Frame::choose_rings() {
  std::vector<int> small, large;
  for (int r = 0; r < graph.rings(); ++r) (graph.ring_size(r) < kMacrocycle ? small : large).push_back(r);
  const auto keep = [&](int r) { rings.emplace_back(graph.ring_atoms.begin() + graph.ring_at[r], graph.ring_atoms.begin() + graph.ring_at[r + 1]); };
  if (large.empty()) {
    for (const int r : small) keep(r);
    return;
  }
  const auto bonds_of = [&](int r) {
    Bonds bonds;
    for (uint32_t i = graph.ring_at[r]; i < graph.ring_at[r + 1]; ++i) bonds.set(graph.ring_bonds[i]);
    return bonds;
  };
  Span span;
  for (const int r : small) {
    span.add(bonds_of(r));
    keep(r);
  }
  std::stable_sort(large.begin(), large.end(), [&](int a, int b) { return graph.ring_size(a) < graph.ring_size(b); });
  for (const int r : large) {
    if (span.add(bonds_of(r))) keep(r);
  }
}

}  // namespace isolens::chem
