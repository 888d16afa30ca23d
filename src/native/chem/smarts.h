// SMARTS as this program's rules use them, compiled once and matched on a Graph: atoms and bonds with logic, branches, rings and
// recursion. Elements, a, A, D, h, H, R, r, v, X, x, charges and $() of atoms; - = # : ~ @ of bonds. RDKit's meanings are kept.
#pragma once
#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "elements.h"
#include "graph.h"

namespace isolens::chem {

// One node of a condition: a test, or what joins others.
struct Condition {
  enum Kind : uint8_t { kAny, kElement, kAromatic, kAliphatic, kDegree, kHydrogens, kImplicitHydrogens, kConnections, kValence, kRing, kRings, kRingSize,
                        kRingConnections, kCharge, kIsotope, kRecursive, kNot, kAnd, kOr, kOrder, kAromaticBond, kRingBond, kPlainBond };
  Kind kind = kAny;
  int value = 0;
  std::vector<Condition> parts;
};

class Pattern;

struct PatternAtom {
  Condition condition;
  // By (element, aromatic): what cannot match whatever else it is.
  std::bitset<2 * kElements> possible;
  // What is left to test of an atom that is possible.
  enum Rest : uint8_t { kNothing, kInRing, kAll } rest = kAll;
  // The earlier atom that it hangs on, and the bond to it; -1 for the first.
  int parent = -1;
  int bond = -1;
  // Bonds to other earlier atoms: (atom, bond).
  std::vector<std::pair<int, int>> closures;
};

// Memory of one thread for matching; tells molecules apart by `begin`.
class Matching {
 public:
  // Before the first pattern of each molecule.
  void begin(const Graph& graph);
  const Graph& graph() const { return *graph_; }
  // Which (element, aromatic) the molecule has.
  const std::bitset<2 * kElements>& kinds() const { return kinds_; }

 private:
  friend class Pattern;
  const Graph* graph_ = nullptr;
  std::bitset<2 * kElements> kinds_;
  std::vector<uint8_t> ring_counts_, ring_links_;
  // By (recursive pattern, atom): 0 not tried, 1 no, 2 yes.
  std::vector<std::vector<uint8_t>> recursive_;
};

class Pattern {
 public:
  // nullptr for a text that this reader does not know. `slots` numbers the recursive parts of all patterns that share a Matching.
  static std::unique_ptr<Pattern> read(std::string_view text, int& slots);

  int atoms() const { return static_cast<int>(atoms_.size()); }
  const PatternAtom& atom(int a) const { return atoms_[a]; }
  int bonds() const { return static_cast<int>(bonds_.size()); }
  // Atoms of each bond, in the order in which the text makes bonds.
  const std::vector<std::pair<int, int>>& bond_atoms() const { return bond_atoms_; }

  // Whether it matches with its first atom at `atom`.
  bool matches_at(Matching& matching, int atom) const;
  bool matches(Matching& matching) const;
  // Atoms of the graph at which it begins to match.
  int count_starts(Matching& matching) const;
  // Distinct sets of atoms.
  int count_sets(Matching& matching) const;

  // Calls visit(places) for each way to match, places[i] being the graph's atom of pattern atom i, until it answers false.
  template <typename Visit>
  void each(Matching& matching, int first, const Visit& visit) const {
    if (!fits(matching, 0, first)) return;
    std::array<int, kMostPatternAtoms> places;
    places[0] = first;
    extend(matching, 1, places, visit);
  }

  static constexpr int kMostPatternAtoms = 32;

 private:
  friend class SmartsReader;

  bool fits(Matching& matching, int pattern_atom, int atom) const {
    const Graph& graph = matching.graph();
    const PatternAtom& wanted = atoms_[pattern_atom];
    if (!wanted.possible[2 * graph.element[atom] + graph.aromatic[atom]]) return false;
    if (wanted.rest == PatternAtom::kNothing) return true;
    return wanted.rest == PatternAtom::kInRing ? graph.ring_atom[atom] != 0 : holds(matching, wanted.condition, atom);
  }
  bool holds(Matching& matching, const Condition& condition, int atom) const;
  bool bond_holds(const Graph& graph, const Condition& condition, int bond) const;
  bool recursive_holds(Matching& matching, int index, int atom) const;
  bool closures_hold(const Graph& graph, int pattern_atom, const std::array<int, kMostPatternAtoms>& places) const;
  void set_possible();

  // false: visit wants no more.
  template <typename Visit>
  bool extend(Matching& matching, int next, std::array<int, kMostPatternAtoms>& places, const Visit& visit) const {
    if (next == atoms()) return visit(places);
    const Graph& graph = matching.graph();
    const PatternAtom& wanted = atoms_[next];
    const int from = places[wanted.parent];
    for (int i = graph.offset[from]; i < graph.offset[from + 1]; ++i) {
      const int to = graph.neighbour[i];
      bool used = false;
      for (int p = 0; p < next; ++p) used |= places[p] == to;
      if (used || (bonds_[wanted.bond].kind != Condition::kAny && !bond_holds(graph, bonds_[wanted.bond], graph.bond_of[i])) || !fits(matching, next, to)) continue;
      places[next] = to;
      if ((wanted.closures.empty() || closures_hold(graph, next, places)) && !extend(matching, next + 1, places, visit)) return false;
    }
    return true;
  }

  std::vector<PatternAtom> atoms_;
  std::vector<Condition> bonds_;
  std::vector<std::pair<int, int>> bond_atoms_;
  std::vector<std::unique_ptr<Pattern>> recursive_;
  // Their places in a Matching's memory.
  std::vector<int> recursive_slots_;
};

}  // namespace isolens::chem
