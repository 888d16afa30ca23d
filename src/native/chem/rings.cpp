// Rings of a molecule: the cycles that no sum of shorter ones gives ("relevant cycles"), by P. Vismara's prototypes
// (Electron. J. Combin. 1997, 4, R9). Where there are as many as independent cycles they are the smallest set of smallest rings.
#include <algorithm>
#include <bitset>

#include "graph.h"

namespace isolens::chem {
namespace {

constexpr int kMostRingBonds = 512;
constexpr uint16_t kFar = 0xffff;
using Bonds = std::bitset<kMostRingBonds>;

struct Cycle {
  std::vector<uint16_t> atoms;  // in order
  Bonds bonds;                  // by place among ring bonds
};

// Bonds in cycles: all but bridges, found by depth-first low points (Tarjan 1974), without recursion.
class RingBonds {
 public:
  explicit RingBonds(Graph& graph) : g_(graph), entered_(graph.atoms, 0), low_(graph.atoms, 0), next_(graph.atoms, 0), by_(graph.atoms, -1) {}

  // false where the molecule is not connected.
  bool mark() {
    int clock = 0;
    enter(0, -1, clock);
    while (!stack_.empty()) visit(stack_.back(), clock);
    return clock == g_.atoms;
  }

 private:
  void enter(int a, int bond, int& clock) {
    entered_[a] = low_[a] = ++clock;
    by_[a] = bond;
    next_[a] = g_.offset[a];
    stack_.push_back(a);
  }

  void visit(int a, int& clock) {
    if (next_[a] < g_.offset[a + 1]) {
      const int at = next_[a]++;
      const int b = g_.bond_of[at], other = g_.neighbour[at];
      if (b == by_[a]) return;
      if (entered_[other] == 0) enter(other, b, clock);
      else low_[a] = std::min(low_[a], entered_[other]);
      if (entered_[other] < entered_[a]) g_.ring_bond[b] = 1;
      return;
    }
    stack_.pop_back();
    if (stack_.empty()) return;
    const int parent = stack_.back();
    low_[parent] = std::min(low_[parent], low_[a]);
    if (low_[a] <= entered_[parent]) g_.ring_bond[by_[a]] = 1;
  }

  Graph& g_;
  std::vector<int> entered_, low_, next_, by_, stack_;
};

class RingFinder {
 public:
  explicit RingFinder(Graph& graph) : g_(graph), place_(graph.bonds, -1) {
    for (int b = 0; b < g_.bonds; ++b) {
      if (g_.ring_bond[b]) place_[b] = ring_bonds_++;
    }
    for (int a = 0; a < g_.atoms; ++a) ring_atoms_ += g_.ring_atom[a];
  }

  bool find() {
    if (ring_bonds_ > kMostRingBonds) return false;
    if (ring_bonds_ == 0) return true;
    for (int r = 0; r < g_.atoms; ++r) {
      if (g_.ring_atom[r]) cycles_through(r);
    }
    return keep_relevant();
  }

 private:
  void walk(int root, bool only_before, std::vector<uint16_t>& distance) {
    distance.assign(g_.atoms, kFar);
    distance[root] = 0;
    queue_.assign(1, static_cast<uint16_t>(root));
    for (size_t head = 0; head < queue_.size(); ++head) {
      const int a = queue_[head];
      for (int i = g_.offset[a]; i < g_.offset[a + 1]; ++i) {
        const int other = g_.neighbour[i];
        if (!g_.ring_bond[g_.bond_of[i]] || distance[other] != kFar || (only_before && other > root)) continue;
        distance[other] = static_cast<uint16_t>(distance[a] + 1);
        queue_.push_back(static_cast<uint16_t>(other));
      }
    }
  }

  // Prototypes whose last atom (in the order of the graph) is r.
  void cycles_through(int r) {
    walk(r, false, far_);
    walk(r, true, near_);
    const std::vector<uint16_t> order = queue_;
    ways_.assign(g_.atoms, 0);
    before_.assign(g_.atoms, 0);
    ways_[r] = 1;
    for (const int y : order) {
      if (y == r || near_[y] != far_[y]) continue;
      for (int i = g_.offset[y]; i < g_.offset[y + 1]; ++i) {
        const int z = g_.neighbour[i];
        if (!g_.ring_bond[g_.bond_of[i]] || ways_[z] == 0 || near_[z] + 1 != near_[y]) continue;
        if (ways_[y] == 0) before_[y] = static_cast<uint16_t>(z);
        ways_[y] = std::min(1000, ways_[y] + ways_[z]);
      }
    }
    for (const int y : order) {
      if (y != r && ways_[y] > 0) close_at(r, y);
    }
  }

  void close_at(int r, int y) {
    for (int i = g_.offset[y]; i < g_.offset[y + 1]; ++i) {
      const int z = g_.neighbour[i];
      if (!g_.ring_bond[g_.bond_of[i]] || z > r || ways_[z] == 0) continue;
      if (near_[z] == near_[y] && z < y) add(r, y, z, -1);
      if (near_[z] + 1 != near_[y]) continue;
      for (int j = i + 1; j < g_.offset[y + 1]; ++j) {
        const int other = g_.neighbour[j];
        if (g_.ring_bond[g_.bond_of[j]] && other <= r && ways_[other] > 0 && near_[other] + 1 == near_[y]) add(r, z, other, y);
      }
    }
  }

  // The path r..p, then y where there is one, then q..r.
  void add(int r, int p, int q, int y) {
    Cycle cycle;
    for (int a = p; a != r; a = before_[a]) cycle.atoms.push_back(static_cast<uint16_t>(a));
    cycle.atoms.push_back(static_cast<uint16_t>(r));
    const size_t half = cycle.atoms.size();
    for (int a = q; a != r; a = before_[a]) cycle.atoms.push_back(static_cast<uint16_t>(a));
    for (size_t i = 0; i + 1 < half; ++i) {
      if (std::find(cycle.atoms.begin() + static_cast<std::ptrdiff_t>(half), cycle.atoms.end(), cycle.atoms[i]) != cycle.atoms.end()) return;
    }
    std::reverse(cycle.atoms.begin() + static_cast<std::ptrdiff_t>(half), cycle.atoms.end());
    if (y >= 0) cycle.atoms.push_back(static_cast<uint16_t>(y));
    for (size_t i = 0; i < cycle.atoms.size(); ++i) cycle.bonds.set(place_[between(cycle.atoms[i], cycle.atoms[(i + 1) % cycle.atoms.size()])]);
    several_.push_back(ways_[p] > 1 || ways_[q] > 1);
    cycles_.push_back(std::move(cycle));
  }

  int between(int a, int b) const {
    for (int i = g_.offset[a]; i < g_.offset[a + 1]; ++i) {
      if (g_.neighbour[i] == b) return g_.bond_of[i];
    }
    return -1;
  }

  bool keep_relevant() {
    std::vector<int> order(cycles_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return cycles_[a].atoms.size() < cycles_[b].atoms.size(); });
    std::vector<Bonds> fresh;
    size_t size = 0;
    const int independent = independent_cycles();
    for (const int c : order) {
      const Cycle& cycle = cycles_[c];
      if (cycle.atoms.size() != size) {
        for (const Bonds& bonds : fresh) insert(bonds);
        fresh.clear();
        size = cycle.atoms.size();
        if (static_cast<int>(basis_.size()) >= independent) break;
      }
      if (std::find(fresh.begin(), fresh.end(), cycle.bonds) != fresh.end() || reduced(cycle.bonds).none()) continue;
      // A ring of which there are several of one length: which of them RDKit takes is its own affair.
      if (several_[c]) return false;
      fresh.push_back(cycle.bonds);
      keep(cycle);
    }
    return true;
  }

  Bonds reduced(Bonds bonds) const {
    for (const auto& [pivot, row] : basis_) {
      if (bonds[pivot]) bonds ^= row;
    }
    return bonds;
  }

  void insert(const Bonds& bonds) {
    const Bonds left = reduced(bonds);
    if (left.none()) return;
    size_t pivot = 0;
    while (!left[pivot]) ++pivot;
    for (auto& [_, row] : basis_) {
      if (row[pivot]) row ^= left;
    }
    basis_.push_back({pivot, left});
  }

  // Ring bonds less ring atoms plus ring systems.
  int independent_cycles() const {
    std::vector<uint8_t> seen(g_.atoms, 0);
    std::vector<int> stack;
    int systems = 0;
    for (int a = 0; a < g_.atoms; ++a) {
      if (!g_.ring_atom[a] || seen[a]) continue;
      ++systems;
      seen[a] = 1;
      stack.assign(1, a);
      while (!stack.empty()) {
        const int from = stack.back();
        stack.pop_back();
        for (int i = g_.offset[from]; i < g_.offset[from + 1]; ++i) {
          const int to = g_.neighbour[i];
          if (!g_.ring_bond[g_.bond_of[i]] || seen[to]) continue;
          seen[to] = 1;
          stack.push_back(to);
        }
      }
    }
    return ring_bonds_ - ring_atoms_ + systems;
  }

  void keep(const Cycle& cycle) {
    for (size_t i = 0; i < cycle.atoms.size(); ++i) {
      g_.ring_atoms.push_back(cycle.atoms[i]);
      g_.ring_bonds.push_back(static_cast<uint16_t>(between(cycle.atoms[i], cycle.atoms[(i + 1) % cycle.atoms.size()])));
    }
    g_.ring_at.push_back(static_cast<uint32_t>(g_.ring_atoms.size()));
  }

  Graph& g_;
  std::vector<int> place_;
  int ring_bonds_ = 0, ring_atoms_ = 0;
  std::vector<uint16_t> far_, near_, queue_, before_;
  std::vector<int> ways_;
  std::vector<Cycle> cycles_;
  std::vector<bool> several_;
  std::vector<std::pair<size_t, Bonds>> basis_;
};

}  // namespace

bool find_rings(Graph& graph) {
  if (graph.atoms > 1 && !RingBonds(graph).mark()) return false;
  for (int b = 0; b < graph.bonds; ++b) {
    if (graph.ring_bond[b]) graph.ring_atom[graph.begin[b]] = graph.ring_atom[graph.end[b]] = 1;
  }
  return RingFinder(graph).find();
}

}  // namespace isolens::chem
