#include <cstring>

#include "atoms.h"
#include "pharmacophore.h"

namespace isolens::chem {
namespace {

enum Type : uint8_t { kDonor = 1, kAcceptor = 2, kPositive = 4, kNegative = 8, kHydrophobic = 16, kAromaticType = 32 };

constexpr int kLargestRing = 7;
constexpr int kWhole = 10, kFuzz = 3;

bool is_polar(int element) { return element == kNitrogen || element == kOxygen || element == kPhosphorus || element == kSulfur; }

// Sum of Kekule bond orders between atoms of the graph.
int bond_orders(const Graph& g, int a) { return g.valence[a] - g.hydrogens[a]; }

template <typename Wanted>
bool has_double_to(const Graph& g, int a, const Wanted& wanted) {
  return !g.aromatic[a] && some(g, a, [&](int b, int bond) { return g.is_double(bond) && wanted(g.element[b]); });
}

// The lone pair of an amine is given away to an aryl, a double bond or a sulfonyl.
bool is_conjugated(const Graph& g, int a) {
  return some(g, a, [&](int b, int) {
    return g.aromatic[b] || bond_orders(g, b) > g.degree(b) + (g.element[b] == kCarbon ? 0 : 1) || has_double_to(g, b, is_polar);
  });
}

bool is_acceptor(const Graph& g, int a) {
  const int element = g.element[a];
  if (g.charge[a] > 0) return false;
  if (element == kOxygen) {
    if (g.aromatic[a]) return !some(g, a, [&](int b, int) { return g.element[b] == kNitrogen; });
    // The hydroxyl of an acid gives its proton away; its carbonyl accepts.
    return g.hydrogens[a] == 0 || !some(g, a, [&](int b, int) { return has_double_to(g, b, is_polar); });
  }
  if (element == kSulfur) return g.charge[a] < 0 || (g.hydrogens[a] == 0 && g.degree(a) == 1);
  if (element != kNitrogen) return false;
  if (g.aromatic[a]) return is_pyridine_like(g, a);
  if (bond_orders(g, a) > g.degree(a)) return true;
  return !is_conjugated(g, a);
}

// The imine nitrogen of N=C-N, unless something draws its electrons.
bool is_amidine(const Graph& g, int a) {
  const auto is_quiet = [&](int n, int from) {
    return !some(g, n, [&](int b, int) { return b != from && (g.element[b] != kCarbon || g.aromatic[b] || has_double_to(g, b, is_polar)); });
  };
  return some(g, a, [&](int c, int bond) {
    return g.is_double(bond) && g.element[c] == kCarbon && is_quiet(a, c) && some(g, c, [&](int n, int other) {
      return g.order[other] == 1 && g.element[n] == kNitrogen && is_quiet(n, c);
    });
  });
}

bool is_positive(const Graph& g, int a) {
  if (g.element[a] != kNitrogen) return false;
  if (g.charge[a] > 0) return !is_beside_charge(g, a, -1);
  if (g.aromatic[a]) return false;
  if (bond_orders(g, a) > g.degree(a)) return is_amidine(g, a);
  return g.degree(a) > 0 && !some(g, a, [&](int b, int) { return g.element[b] != kCarbon || g.aromatic[b] || bond_orders(g, b) != g.degree(b); });
}

bool is_oxygen_or_sulfur(int element) { return element == kOxygen || element == kSulfur; }

// A carbonyl or thiocarbonyl whose double bond lies outside of the aromatic ring, if it is in one.
bool is_carbonyl(const Graph& g, int a) {
  return g.element[a] == kCarbon && some(g, a, [&](int b, int bond) { return g.is_double(bond) && is_oxygen_or_sulfur(g.element[b]); });
}

// Five-membered rings with one O or S and a carbonyl.
bool is_azolone(const Graph& g, int r) {
  if (g.ring_size(r) != 5) return false;
  const auto first = g.ring_atoms.begin() + g.ring_at[r], last = g.ring_atoms.begin() + g.ring_at[r + 1];
  return std::count_if(first, last, [&](int a) { return is_oxygen_or_sulfur(g.element[a]); }) == 1 && std::any_of(first, last, [&](int a) { return is_carbonyl(g, a); });
}

// The nitrogen of C(=O)N-OH.
bool is_hydroxamic(const Graph& g, int a) {
  return some(g, a, [&](int b, int) { return is_carbonyl(g, b); }) && some(g, a, [&](int b, int) { return g.element[b] == kOxygen && g.hydrogens[b] > 0; });
}

// A sulfonamide whose nitrogen also meets a carbonyl, a nitrile, a second sulfonyl or the carbon of a diazine or azole.
bool is_acidic_sulfonamide(const Graph& g, int a) {
  const int sulfonyls = count(g, a, [&](int b, int) { return g.element[b] == kSulfur && has_double_to(g, b, [](int z) { return z == kOxygen; }); });
  if (sulfonyls != 1) return sulfonyls > 1;
  return some(g, a, [&](int b, int) {
    const bool is_poor = g.aromatic[b] && some(g, b, [&](int c, int bond) { return g.aromatic_bond[bond] && g.element[c] != kCarbon; });
    const bool is_nitrile = g.element[b] == kCarbon && some(g, b, [&](int c, int bond) { return g.order[bond] == 3 && g.element[c] == kNitrogen; });
    return is_poor || is_nitrile || is_carbonyl(g, b);
  });
}

// Between two carbonyls in a ring, one of which meets a further hetero atom.
bool is_acidic_imide(const Graph& g, int a) {
  const auto carbonyls = [&](int n) { return count(g, n, [&](int b, int) { return is_carbonyl(g, b); }); };
  const auto is_hetero = [&](int c) { return g.ring_atom[c] && (is_oxygen_or_sulfur(g.element[c]) || (g.element[c] == kNitrogen && carbonyls(c) == 2)); };
  return g.ring_atom[a] && carbonyls(a) == 2 && some(g, a, [&](int b, int) { return some(g, b, [&](int c, int) { return c != a && is_hetero(c); }); });
}

bool is_negative(const Graph& g, int a) {
  const int element = g.element[a];
  if (element == kCarbon || element == kSulfur || element == kPhosphorus) {
    const bool is_acidic = some(g, a, [&](int b, int bond) {
      return g.order[bond] == 1 && g.element[b] == kOxygen && g.degree(b) == 1 && (g.hydrogens[b] == 1 || g.charge[b] < 0);
    });
    return is_acidic && has_double_to(g, a, [](int z) { return z == kOxygen || z == kSulfur; });
  }
  if (element != kNitrogen || g.hydrogens[a] == 0 || g.charge[a] != 0) return false;
  if (!g.aromatic[a]) return is_hydroxamic(g, a) || is_acidic_sulfonamide(g, a) || is_acidic_imide(g, a);
  for (int r = 0; r < g.rings(); ++r) {
    if ((is_tetrazole(g, r) || is_azolone(g, r)) && std::count(g.ring_atoms.begin() + g.ring_at[r], g.ring_atoms.begin() + g.ring_at[r + 1], a) > 0) return true;
  }
  return false;
}

// Isopropyl and tert-butyl, thioethers, heavy halogens, trifluoromethyl.
bool is_hydrophobic_end(const Graph& g, int a) {
  const int element = g.element[a];
  if (element == kChlorine || element == kBromine || element == kIodine) return g.degree(a) == 1;
  if (element == kSulfur) return !g.aromatic[a] && g.hydrogens[a] == 0 && g.degree(a) == 2 && !some(g, a, [&](int b, int) { return g.element[b] != kCarbon; });
  if (element != kCarbon || g.ring_atom[a]) return false;
  return count(g, a, [&](int b, int) { return g.element[b] == kFluorine; }) == 3 ||
         count(g, a, [&](int b, int) { return g.element[b] == kCarbon && g.hydrogens[b] == 3; }) >= 2;
}

// Aromatic, or as flat: at least half of its atoms have a double bond.
bool is_flat(const Graph& g, int r) {
  int aromatic = 0, unsaturated = 0;
  for (uint32_t i = g.ring_at[r]; i < g.ring_at[r + 1]; ++i) {
    const int a = g.ring_atoms[i];
    if (g.aromatic[a]) ++aromatic;
    else if (some(g, a, [&](int, int b) { return g.is_double(b); })) ++unsaturated;
  }
  return aromatic >= 2 || unsaturated >= (g.ring_size(r) + 1) / 2;
}

struct Nodes {
  std::vector<uint8_t> types;
  std::vector<std::vector<uint16_t>> neighbours;
};

// Atoms, then ring centres; atoms that vanish have no neighbour and no type.
Nodes nodes_of(const Graph& g) {
  Nodes nodes;
  pharmacophore_features(g, nodes.types);
  nodes.neighbours.resize(g.atoms);
  for (int a = 0; a < g.atoms; ++a) nodes.neighbours[a].assign(g.neighbour.begin() + g.offset[a], g.neighbour.begin() + g.offset[a + 1]);
  std::vector<uint8_t> rings(g.atoms, 0), centred(g.atoms, 0);
  for (int r = 0; r < g.rings(); ++r) {
    const auto first = g.ring_atoms.begin() + g.ring_at[r], last = g.ring_atoms.begin() + g.ring_at[r + 1];
    std::for_each(first, last, [&](int a) { ++rings[a]; });
    if (g.ring_size(r) > kLargestRing) continue;
    const auto centre = static_cast<uint16_t>(nodes.neighbours.size());
    nodes.neighbours.emplace_back(first, last);
    nodes.types.push_back(is_flat(g, r) ? kAromaticType : kHydrophobic);
    std::for_each(first, last, [&](int a) {
      nodes.neighbours[a].push_back(centre);
      centred[a] = 1;
    });
  }
  for (int a = 0; a < g.atoms; ++a) {
    if (rings[a] != 1 || !centred[a] || g.degree(a) != 2 || nodes.types[a] != 0) continue;
    for (const uint16_t b : nodes.neighbours[a]) {
      auto& theirs = nodes.neighbours[b];
      theirs.erase(std::remove(theirs.begin(), theirs.end(), static_cast<uint16_t>(a)), theirs.end());
    }
    nodes.neighbours[a].clear();
  }
  return nodes;
}

// Bonds from one node to every other up to the longest that counts; 0 where farther or apart.
void walk(const Nodes& nodes, int from, std::vector<uint8_t>& distance, std::vector<uint16_t>& queue) {
  distance.assign(nodes.types.size(), 0);
  queue.assign(1, static_cast<uint16_t>(from));
  for (size_t head = 0; head < queue.size(); ++head) {
    const int node = queue[head], next = node == from ? 1 : distance[node] + 1;
    if (next > kErgLongest) break;
    for (const uint16_t other : nodes.neighbours[node]) {
      if (other == from || distance[other] != 0) continue;
      distance[other] = static_cast<uint8_t>(next);
      queue.push_back(other);
    }
  }
}

void add_pairs(uint16_t* counts, int a, int b, int bonds) {
  for (int i = 0; i < kErgTypes; ++i) {
    if (!((a >> i) & 1)) continue;
    for (int j = 0; j < kErgTypes; ++j) {
      if (!((b >> j) & 1)) continue;
      const int low = std::min(i, j), high = std::max(i, j);
      const int at = (low * kErgTypes - low * (low - 1) / 2 + high - low) * kErgLongest + bonds - 1;
      counts[at] = static_cast<uint16_t>(counts[at] + kWhole);
      if (bonds > 1) counts[at - 1] = static_cast<uint16_t>(counts[at - 1] + kFuzz);
      if (bonds < kErgLongest) counts[at + 1] = static_cast<uint16_t>(counts[at + 1] + kFuzz);
    }
  }
}

}  // namespace

void pharmacophore_features(const Graph& g, std::vector<uint8_t>& out) {
  out.resize(g.atoms);
  for (int a = 0; a < g.atoms; ++a) {
    out[a] = static_cast<uint8_t>((is_donor(g, a) ? kDonor : 0) | (is_acceptor(g, a) ? kAcceptor : 0) | (is_positive(g, a) ? kPositive : 0) |
                                  (is_negative(g, a) ? kNegative : 0) | (is_hydrophobic_end(g, a) ? kHydrophobic : 0));
  }
}

void reduced_graph(const Graph& graph, uint8_t* out) {
  const Nodes nodes = nodes_of(graph);
  uint16_t counts[kErgWidth];
  std::memset(counts, 0, sizeof counts);
  std::vector<uint8_t> distance;
  std::vector<uint16_t> queue;
  const int n = static_cast<int>(nodes.types.size());
  for (int from = 0; from < n; ++from) {
    if (nodes.types[from] == 0) continue;
    walk(nodes, from, distance, queue);
    for (int to = from + 1; to < n; ++to) {
      if (nodes.types[to] != 0 && distance[to] > 0) add_pairs(counts, nodes.types[from], nodes.types[to], distance[to]);
    }
  }
  for (int i = 0; i < kErgWidth; ++i) out[i] = static_cast<uint8_t>(std::min<int>(255, counts[i]));
}

}  // namespace isolens::chem
