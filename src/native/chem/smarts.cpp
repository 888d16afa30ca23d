#include "smarts.h"

#include <algorithm>
#include <set>

namespace isolens::chem {
namespace {

// What is known of a condition from element and aromaticity alone.
enum class Verdict { kNo, kMaybe, kYes };

Verdict judge(const Condition& condition, int element, bool is_aromatic) {
  const auto known = [](bool yes) { return yes ? Verdict::kYes : Verdict::kNo; };
  switch (condition.kind) {
    case Condition::kAny: return Verdict::kYes;
    case Condition::kElement: return known(element == condition.value);
    case Condition::kAromatic: return known(is_aromatic);
    case Condition::kAliphatic: return known(!is_aromatic);
    case Condition::kNot: {
      const Verdict inner = judge(condition.parts[0], element, is_aromatic);
      return inner == Verdict::kMaybe ? inner : known(inner == Verdict::kNo);
    }
    case Condition::kAnd: {
      Verdict all = Verdict::kYes;
      for (const Condition& part : condition.parts) all = std::min(all, judge(part, element, is_aromatic));
      return all;
    }
    case Condition::kOr: {
      Verdict any = Verdict::kNo;
      for (const Condition& part : condition.parts) any = std::max(any, judge(part, element, is_aromatic));
      return any;
    }
    default: return Verdict::kMaybe;
  }
}

}  // namespace

void Pattern::set_possible() {
  for (PatternAtom& atom : atoms_) {
    bool is_certain = true;
    for (int kind = 0; kind < 2 * kElements; ++kind) {
      const Verdict verdict = judge(atom.condition, kind / 2, kind % 2 != 0);
      atom.possible[kind] = verdict != Verdict::kNo;
      is_certain = is_certain && verdict != Verdict::kMaybe;
    }
    atom.rest = is_certain ? PatternAtom::kNothing : atom.condition.kind == Condition::kRing ? PatternAtom::kInRing : PatternAtom::kAll;
  }
}

void Matching::begin(const Graph& graph) {
  graph_ = &graph;
  kinds_.reset();
  for (int a = 0; a < graph.atoms; ++a) kinds_.set(2 * graph.element[a] + graph.aromatic[a]);
  ring_counts_.assign(graph.atoms, 0);
  ring_links_.assign(graph.atoms, 0);
  for (const uint16_t a : graph.ring_atoms) ++ring_counts_[a];
  for (int b = 0; b < graph.bonds; ++b) {
    if (!graph.ring_bond[b]) continue;
    ++ring_links_[graph.begin[b]];
    ++ring_links_[graph.end[b]];
  }
  for (auto& memory : recursive_) std::fill(memory.begin(), memory.end(), uint8_t{0});
}

bool Pattern::holds(Matching& matching, const Condition& condition, int a) const {
  const Graph& g = matching.graph();
  switch (condition.kind) {
    case Condition::kAny: return true;
    case Condition::kElement: return g.element[a] == condition.value;
    case Condition::kAromatic: return g.aromatic[a] != 0;
    case Condition::kAliphatic: return g.aromatic[a] == 0;
    case Condition::kDegree: return g.degree(a) == condition.value;
    case Condition::kHydrogens: return g.all_hydrogens[a] == condition.value;
    case Condition::kImplicitHydrogens: return condition.value < 0 ? g.hydrogens[a] > 0 : g.hydrogens[a] == condition.value;
    case Condition::kConnections: return g.degree(a) + g.hydrogens[a] == condition.value;
    case Condition::kValence: return g.valence[a] == condition.value;
    case Condition::kRing: return g.ring_atom[a] != 0;
    case Condition::kRings: return matching.ring_counts_[a] == condition.value;
    case Condition::kRingConnections: return condition.value < 0 ? matching.ring_links_[a] > 0 : matching.ring_links_[a] == condition.value;
    case Condition::kRingSize: {
      if (condition.value < 0) return g.ring_atom[a] != 0;
      // The smallest ring that it lies in.
      int smallest = 0;
      for (int r = 0; r < g.rings(); ++r) {
        const auto first = g.ring_atoms.begin() + g.ring_at[r], last = g.ring_atoms.begin() + g.ring_at[r + 1];
        if (std::find(first, last, a) != last && (smallest == 0 || g.ring_size(r) < smallest)) smallest = g.ring_size(r);
      }
      return smallest == condition.value;
    }
    case Condition::kCharge: return g.charge[a] == condition.value;
    case Condition::kIsotope: return g.isotope[a] == condition.value;
    case Condition::kRecursive: return recursive_holds(matching, condition.value, a);
    case Condition::kNot: return !holds(matching, condition.parts[0], a);
    case Condition::kAnd: return std::all_of(condition.parts.begin(), condition.parts.end(), [&](const Condition& part) { return holds(matching, part, a); });
    case Condition::kOr: return std::any_of(condition.parts.begin(), condition.parts.end(), [&](const Condition& part) { return holds(matching, part, a); });
    default: return false;
  }
}

bool Pattern::bond_holds(const Graph& g, const Condition& condition, int b) const {
  switch (condition.kind) {
    case Condition::kAny: return true;
    case Condition::kOrder: return !g.aromatic_bond[b] && g.order[b] == condition.value;
    case Condition::kAromaticBond: return g.aromatic_bond[b] != 0;
    case Condition::kRingBond: return g.ring_bond[b] != 0;
    case Condition::kPlainBond: return g.aromatic_bond[b] || g.order[b] == 1;
    case Condition::kNot: return !bond_holds(g, condition.parts[0], b);
    case Condition::kAnd: return std::all_of(condition.parts.begin(), condition.parts.end(), [&](const Condition& part) { return bond_holds(g, part, b); });
    case Condition::kOr: return std::any_of(condition.parts.begin(), condition.parts.end(), [&](const Condition& part) { return bond_holds(g, part, b); });
    default: return false;
  }
}

bool Pattern::recursive_holds(Matching& matching, int index, int atom) const {
  const size_t slot = static_cast<size_t>(recursive_slots_[index]);
  if (matching.recursive_.size() <= slot) matching.recursive_.resize(slot + 1);
  if (matching.recursive_[slot].size() < static_cast<size_t>(matching.graph().atoms)) matching.recursive_[slot].resize(matching.graph().atoms, 0);
  if (matching.recursive_[slot][atom] == 0) {
    const bool found = recursive_[index]->matches_at(matching, atom);
    matching.recursive_[slot][atom] = found ? 2 : 1;
  }
  return matching.recursive_[slot][atom] == 2;
}

bool Pattern::closures_hold(const Graph& graph, int pattern_atom, const std::array<int, kMostPatternAtoms>& places) const {
  for (const auto& [earlier, bond] : atoms_[pattern_atom].closures) {
    const int from = places[pattern_atom], to = places[earlier];
    bool holds = false;
    for (int i = graph.offset[from]; i < graph.offset[from + 1] && !holds; ++i) {
      holds = graph.neighbour[i] == to && bond_holds(graph, bonds_[bond], graph.bond_of[i]);
    }
    if (!holds) return false;
  }
  return true;
}

bool Pattern::matches_at(Matching& matching, int atom) const {
  bool found = false;
  each(matching, atom, [&](const auto&) {
    found = true;
    return false;
  });
  return found;
}

bool Pattern::matches(Matching& matching) const {
  for (const PatternAtom& wanted : atoms_) {
    if ((wanted.possible & matching.kinds()).none()) return false;
  }
  for (int a = 0; a < matching.graph().atoms; ++a) {
    if (matches_at(matching, a)) return true;
  }
  return false;
}

int Pattern::count_starts(Matching& matching) const {
  int count = 0;
  for (int a = 0; a < matching.graph().atoms; ++a) count += matches_at(matching, a) ? 1 : 0;
  return count;
}

int Pattern::count_sets(Matching& matching) const {
  std::set<std::vector<int>> sets;
  for (int a = 0; a < matching.graph().atoms; ++a) {
    each(matching, a, [&](const auto& places) {
      std::vector<int> set(places.begin(), places.begin() + atoms());
      std::sort(set.begin(), set.end());
      sets.insert(std::move(set));
      return true;
    });
  }
  return static_cast<int>(sets.size());
}

}  // namespace isolens::chem
