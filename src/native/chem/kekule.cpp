// A Kekule structure is a perfect matching of the atoms that have a double bond within their rings (J. Edmonds 1965, doi:10.4153/CJM-1965-045-4).
#include "kekule.h"

namespace isolens::chem {
namespace {

class Matching {
 public:
  explicit Matching(const Graph& graph) : g_(graph), partner_(graph.atoms, -1) {}

  bool find() {
    greedy();
    for (int a = 0; a < g_.atoms; ++a) {
      if (!g_.ring_double[a] || partner_[a] >= 0) continue;
      if (!augment(a)) return false;
    }
    return true;
  }

  int partner(int a) const { return partner_[a]; }

 private:
  bool joins(int at) const { return g_.aromatic_bond[g_.bond_of[at]] && g_.ring_double[g_.neighbour[at]]; }

  void greedy() {
    for (int a = 0; a < g_.atoms; ++a) {
      if (!g_.ring_double[a] || partner_[a] >= 0) continue;
      for (int i = g_.offset[a]; i < g_.offset[a + 1]; ++i) {
        if (!joins(i) || partner_[g_.neighbour[i]] >= 0) continue;
        partner_[a] = g_.neighbour[i];
        partner_[g_.neighbour[i]] = a;
        break;
      }
    }
  }

  // The atom at which both paths back to the root meet.
  int common(int a, int b) {
    std::vector<uint8_t> seen(g_.atoms, 0);
    for (a = base_[a];; a = base_[parent_[partner_[a]]]) {
      seen[a] = 1;
      if (partner_[a] < 0) break;
    }
    for (b = base_[b]; !seen[b]; b = base_[parent_[partner_[b]]]) {
    }
    return b;
  }

  void contract_path(int a, int base, int child) {
    while (base_[a] != base) {
      in_blossom_[base_[a]] = in_blossom_[base_[partner_[a]]] = 1;
      parent_[a] = child;
      child = partner_[a];
      a = parent_[partner_[a]];
    }
  }

  void contract(int a, int b) {
    const int base = common(a, b);
    in_blossom_.assign(g_.atoms, 0);
    contract_path(a, base, b);
    contract_path(b, base, a);
    for (int v = 0; v < g_.atoms; ++v) {
      if (!in_blossom_[base_[v]]) continue;
      base_[v] = base;
      if (!reached_[v]) {
        reached_[v] = 1;
        queue_.push_back(v);
      }
    }
  }

  void turn(int end) {
    while (end >= 0) {
      const int before = parent_[end], next = partner_[before];
      partner_[end] = before;
      partner_[before] = end;
      end = next;
    }
  }

  bool augment(int root) {
    parent_.assign(g_.atoms, -1);
    reached_.assign(g_.atoms, 0);
    base_.resize(g_.atoms);
    for (int a = 0; a < g_.atoms; ++a) base_[a] = a;
    queue_.assign(1, root);
    reached_[root] = 1;
    for (size_t head = 0; head < queue_.size(); ++head) {
      const int a = queue_[head];
      for (int i = g_.offset[a]; i < g_.offset[a + 1]; ++i) {
        const int b = g_.neighbour[i];
        if (!joins(i) || base_[a] == base_[b] || partner_[a] == b) continue;
        if (b == root || (partner_[b] >= 0 && parent_[partner_[b]] >= 0)) {
          contract(a, b);
        } else if (parent_[b] < 0) {
          parent_[b] = a;
          if (partner_[b] < 0) {
            turn(b);
            return true;
          }
          reached_[partner_[b]] = 1;
          queue_.push_back(partner_[b]);
        }
      }
    }
    return false;
  }

  const Graph& g_;
  std::vector<int> partner_, parent_, base_, queue_;
  std::vector<uint8_t> reached_, in_blossom_;
};

}  // namespace

bool kekulise(const Graph& graph, std::vector<uint8_t>& out) {
  out = graph.order;
  Matching matching(graph);
  if (!matching.find()) return false;
  for (int b = 0; b < graph.bonds; ++b) {
    if (graph.aromatic_bond[b] && matching.partner(graph.begin[b]) == graph.end[b]) out[b] = 2;
  }
  return true;
}

}  // namespace isolens::chem
