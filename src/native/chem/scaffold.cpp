#include "scaffold.h"

#include <algorithm>
#include <cstdlib>

#include "elements.h"
#include "hashes.h"

namespace isolens::chem {
namespace {

// As in the TypeScript twin, scaffold.ts.
constexpr int kRounds = 8;
constexpr uint32_t kGolden = 0x9e3779b9u, kFar = 0x85ebca6bu;
constexpr uint32_t kSeeds[2] = {0x1b873593u, 0xcc9e2d51u};

}  // namespace

bool Scaffolds::find(const Graph& g) {
  keep_.assign(g.atoms, 1);
  std::vector<int> degree(g.atoms), ends;
  for (int a = 0; a < g.atoms; ++a) {
    degree[a] = g.degree(a);
    if (degree[a] <= 1) ends.push_back(a);
  }
  while (!ends.empty()) {
    const int a = ends.back();
    ends.pop_back();
    if (!keep_[a]) continue;
    keep_[a] = 0;
    for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
      const int other = g.neighbour[i];
      if (keep_[other] && --degree[other] <= 1) ends.push_back(other);
    }
  }
  const std::vector<uint8_t> core = keep_;
  for (int b = 0; b < g.bonds; ++b) {
    if (!g.is_double(b)) continue;
    if (core[g.begin[b]]) keep_[g.end[b]] = 1;
    if (core[g.end[b]]) keep_[g.begin[b]] = 1;
  }
  return std::find(keep_.begin(), keep_.end(), 1) != keep_.end();
}

// Those in the place of pruned neighbours among them.
int Scaffolds::hydrogens_of(const Graph& g, int a) const {
  int sum = g.hydrogens[a];
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
    if (!keep_[g.neighbour[i]]) sum += g.order[g.bond_of[i]];
  }
  return sum;
}

// Colours of atoms from those of their neighbours, a few rounds.
void Scaffolds::refine(const Graph& g, uint32_t seed) {
  colours_.resize(g.atoms);
  next_.resize(g.atoms);
  for (const int a : kept_) {
    const uint32_t own = g.element[a] | static_cast<uint32_t>(g.charge[a] + 128) << 8 | static_cast<uint32_t>(hydrogens_of(g, a)) << 16 |
                         static_cast<uint32_t>(g.aromatic[a]) << 24 | static_cast<uint32_t>(g.ring_atom[a]) << 25;
    colours_[a] = mix(own ^ seed);
  }
  for (int round = 0; round < kRounds; ++round) {
    for (const int a : kept_) {
      uint32_t sum = 0;
      for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
        const int b = g.bond_of[i];
        if (keep_[g.neighbour[i]]) sum += mix(colours_[g.neighbour[i]] + (g.aromatic_bond[b] ? 5u : g.order[b]) * kGolden);
      }
      next_[a] = mix(colours_[a] * 3 + sum);
    }
    for (const int a : kept_) colours_[a] = next_[a];
  }
}

// Over pairs of atoms, colours and distance: what lies how far from each tells apart what colours alone cannot.
ScaffoldKey Scaffolds::key(const Graph& g, const std::vector<uint8_t>& distances) {
  kept_.clear();
  for (int a = 0; a < g.atoms; ++a) {
    if (keep_[a]) kept_.push_back(a);
  }
  ScaffoldKey key = {0, 0, 0, 0};
  for (int lane = 0; lane < 2; ++lane) {
    refine(g, kSeeds[lane]);
    for (const int a : kept_) {
      const uint8_t* row = distances.data() + static_cast<size_t>(a) * g.atoms;
      uint32_t sum = 0;
      for (const int b : kept_) sum += mix(colours_[b] + row[b] * kFar);
      key[2 * lane] += mix(sum ^ colours_[a]);
      key[2 * lane + 1] += mix(sum + kGolden * colours_[a]);
    }
  }
  return key;
}

void Scaffolds::write_atom(const Graph& g, int a, std::string& out) const {
  out += '[';
  const std::string_view symbol = symbol_of(g.element[a]);
  const size_t first = out.size();
  out += symbol;
  if (g.aromatic[a]) out[first] = static_cast<char>(out[first] - 'A' + 'a');
  const int hydrogens = hydrogens_of(g, a);
  if (hydrogens > 0) out += 'H';
  if (hydrogens > 1) out += std::to_string(hydrogens);
  if (g.charge[a] != 0) {
    out += g.charge[a] > 0 ? '+' : '-';
    out += std::to_string(std::abs(g.charge[a]));
  }
  out += ']';
}

// Finds, from one atom on, what to write after each and which bonds close rings.
void Scaffolds::walk(const Graph& g, int root) {
  visited_.assign(g.atoms, 0);
  parent_bond_.assign(g.atoms, -1);
  closing_.assign(g.bonds, 0);
  if (static_cast<int>(children_.size()) < g.atoms) {
    children_.resize(g.atoms);
    closures_.resize(g.atoms);
  }
  for (int a = 0; a < g.atoms; ++a) {
    children_[a].clear();
    closures_[a].clear();
  }
  int rings = 0;
  stack_.assign(1, {root, g.offset[root]});
  visited_[root] = 1;
  while (!stack_.empty()) {
    auto& [from, next] = stack_.back();
    if (next == g.offset[from + 1]) {
      stack_.pop_back();
      continue;
    }
    const int at = next++;
    const int a = from, other = g.neighbour[at], b = g.bond_of[at];
    if (!keep_[other] || b == parent_bond_[a] || closing_[b] != 0) continue;
    if (visited_[other]) {
      closing_[b] = ++rings;
      closures_[other].push_back(b);
      closures_[a].push_back(b);
      continue;
    }
    visited_[other] = 1;
    parent_bond_[other] = b;
    children_[a].push_back(other);
    stack_.push_back({other, g.offset[other]});
  }
}

void Scaffolds::write(const Graph& g, std::string& out) {
  out.clear();
  int root = 0;
  while (!keep_[root]) ++root;
  walk(g, root);
  const auto write_bond = [&](int b) { out += g.aromatic_bond[b] ? ':' : g.order[b] == 1 ? '-' : g.order[b] == 2 ? '=' : '#'; };
  path_.clear();
  const auto open = [&](int a) {
    write_atom(g, a, out);
    for (const int b : closures_[a]) {
      write_bond(b);
      out += "%(" + std::to_string(closing_[b]) + ")";
    }
    path_.push_back({a, 0});
  };
  open(root);
  while (!path_.empty()) {
    auto& [a, next] = path_.back();
    if (next == children_[a].size()) {
      path_.pop_back();
      // All but the last of an atom's children stand in parentheses.
      if (!path_.empty() && path_.back().second < children_[path_.back().first].size()) out += ')';
      continue;
    }
    const int child = children_[a][next++];
    if (next < children_[a].size()) out += '(';
    write_bond(parent_bond_[child]);
    open(child);
  }
}

}  // namespace isolens::chem
