#include "common_part.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <unordered_map>

namespace isolens::chem {
namespace {

constexpr int kKept = 100;
// A ring is rather mapped without swaps, if that keeps as many atoms.
constexpr int kSwapped = -10;
// Rings laid on rings, at most: the largest cages come to a million. What is found by then is a common part, if not the largest.
constexpr int kMostLaid = 400000;

// What is gained, and the pairs that gain it: its own, then its children's.
struct Found {
  int value = 0;
  std::vector<std::pair<int, int>> pairs;
  std::vector<const Found*> children;
};

const Found kNothing;

// From atoms of the first molecule to those of the second; -1 for none.
using Placing = std::vector<int>;

// Rows to columns, each at most once, for the largest sum; few of each.
constexpr int kMostBranches = 8;

class Assignment {
 public:
  int values[kMostBranches][kMostBranches] = {};
  int rows = 0, columns = 0;

  int value = 0;
  int partners[kMostBranches];

  void solve() {
    std::fill(std::begin(partners), std::end(partners), -1);
    walk(0, 0);
  }

 private:
  void walk(int row, int sum) {
    if (row == rows) {
      if (sum <= value) return;
      value = sum;
      std::copy(std::begin(now_), std::end(now_), std::begin(partners));
      return;
    }
    for (int column = 0; column < columns; ++column) {
      const int gain = values[row][column];
      if (gain <= 0 || taken_[column]) continue;
      taken_[column] = true;
      now_[row] = column;
      walk(row + 1, sum + gain);
      taken_[column] = false;
    }
    now_[row] = -1;
    walk(row + 1, sum);
  }

  int now_[kMostBranches] = {};
  bool taken_[kMostBranches] = {};
};

class Search {
 public:
  Search(const Frame& a, const Frame& b) : a_(a), b_(b) {}

  const Found* best() {
    const Found* best = &kNothing;
    const auto offer = [&](const Found* found) {
      if (found->value > best->value) best = found;
    };
    for (const auto& ring : a_.rings) {
      for (const auto& other : b_.rings) each_map(ring, other, -1, -1, [&](const auto& map) { offer(system(map, -1, -1, -1)); });
    }
    for (int x = 0; x < a_.graph.atoms; ++x) {
      if (a_.is_ring_atom(x)) continue;
      for (int y = 0; y < b_.graph.atoms; ++y) {
        if (!b_.is_ring_atom(y) && is_same(x, y)) offer(chain_atom(x, y, -1, -1));
      }
    }
    return best;
  }

  bool is_same(int x, int y) const { return a_.kinds[x] == b_.kinds[y]; }

 private:
  using Map = std::vector<std::pair<int, int>>;

  // Ways to lay one ring on another of its size; x and y, where they are given, on each other.
  template <typename Each>
  void each_map(const std::vector<int>& ring, const std::vector<int>& other, int x, int y, const Each& each) {
    const size_t size = ring.size();
    if (other.size() != size) return;
    const size_t first = x < 0 ? 0 : static_cast<size_t>(std::find(ring.begin(), ring.end(), x) - ring.begin());
    const size_t begin = y < 0 ? 0 : static_cast<size_t>(std::find(other.begin(), other.end(), y) - other.begin());
    const size_t end = y < 0 ? size : begin + 1;
    for (size_t start = begin; start < end; ++start) {
      for (const size_t step : {size_t{1}, size - 1}) {
        if (++laid_ > kMostLaid) return;
        if (depth_ == maps_.size()) maps_.emplace_back();
        Map& map = maps_[depth_++];
        map.resize(size);
        for (size_t i = 0, p = first, q = start; i < size; ++i) {
          map[i] = {ring[p], other[q]};
          if (++p == size) p = 0;
          q += step;
          if (q >= size) q -= size;
        }
        each(map);
        --depth_;
      }
    }
  }

  // Atoms x and y are the same place; nothing is followed back over the branches that led there.
  const Found* from(int x, int y, int back_x, int back_y) {
    const bool ring_x = a_.is_ring_atom(x), ring_y = b_.is_ring_atom(y);
    if (ring_x != ring_y) return &kNothing;
    if (!ring_x) return is_same(x, y) ? chain_atom(x, y, back_x, back_y) : &kNothing;
    const Found* best = &kNothing;
    for (const int ring : a_.rings_of[x]) {
      for (const int other : b_.rings_of[y]) {
        each_map(a_.rings[ring], b_.rings[other], x, y, [&](const Map& map) {
          const Found* found = system(map, x, back_x, back_y);
          if (found->value > best->value) best = found;
        });
      }
    }
    return best;
  }

  const Found* chain_atom(int x, int y, int back_x, int back_y) {
    const Found* branches = pair_branches(x, y, back_x, back_y);
    return &found_.emplace_back(Found{kKept + branches->value, {{x, y}}, {branches}});
  }

  // The best partners of the branches of both atoms.
  const Found* pair_branches(int x, int y, int back_x, int back_y) {
    const auto &all_x = a_.branches[x], &all_y = b_.branches[y];
    if (all_x.empty() || all_y.empty()) return &kNothing;
    const Frame::Branch *own[kMostBranches], *others[kMostBranches];
    Assignment assigned;
    for (const Frame::Branch& branch : all_x) {
      if (branch.direction != back_x) own[assigned.rows++] = &branch;
    }
    for (const Frame::Branch& branch : all_y) {
      if (branch.direction != back_y) others[assigned.columns++] = &branch;
    }
    if (assigned.rows == 0 || assigned.columns == 0) return &kNothing;
    const Found* gains[kMostBranches][kMostBranches];
    for (int i = 0; i < assigned.rows; ++i) {
      for (int j = 0; j < assigned.columns; ++j) {
        gains[i][j] = is_same_bond(x, *own[i], y, *others[j]) ? across(*own[i], *others[j]) : &kNothing;
        assigned.values[i][j] = gains[i][j]->value;
      }
    }
    assigned.solve();
    if (assigned.value == 0) return &kNothing;
    Found found{assigned.value, {}, {}};
    for (int i = 0; i < assigned.rows; ++i) {
      if (assigned.partners[i] >= 0) found.children.push_back(gains[i][assigned.partners[i]]);
    }
    return &found_.emplace_back(std::move(found));
  }

  // C=O and C-OH on an aromatic ring are one group, drawn as two tautomers.
  bool is_same_bond(int x, const Frame::Branch& one, int y, const Frame::Branch& other) const {
    if (one.kind == other.kind) return true;
    const Graph &a = a_.graph, &b = b_.graph;
    return a.aromatic[x] && b.aromatic[y] && a.element[one.to] == b.element[other.to] && (a.element[one.to] == kOxygen || a.element[one.to] == kSulfur) &&
           (a.hydrogens[one.to] == 0) != (b.hydrogens[other.to] == 0);
  }

  const Found* across(const Frame::Branch& one, const Frame::Branch& other) {
    const int64_t key = static_cast<int64_t>(one.direction) * 2 * b_.graph.bonds + other.direction;
    const auto known = behind_.find(key);
    if (known != behind_.end()) return known->second;
    const Found* found = from(one.to, other.to, one.direction ^ 1, other.direction ^ 1);
    behind_[key] = found;
    return found;
  }

  // A ring system from the map of one of its rings; `root` is the atom at which branches back are not followed.
  const Found* system(const Map& start, int root, int back_x, int back_y) {
    const Placing placed = grow(start);
    Found found;
    for (int x = 0; x < a_.graph.atoms; ++x) {
      const int y = placed[x];
      if (y < 0) continue;
      found.pairs.push_back({x, y});
      const Found* branches = pair_branches(x, y, x == root ? back_x : -1, x == root ? back_y : -1);
      found.value += (is_same(x, y) ? kKept : kSwapped) + branches->value;
      if (branches->value != 0) found.children.push_back(branches);
    }
    return &found_.emplace_back(std::move(found));
  }

  // Adds rings that share atoms with what is placed, as long as they agree with it.
  Placing grow(const Map& start) {
    Placing placed(a_.graph.atoms, -1);
    for (const auto& [x, y] : start) placed[x] = y;
    for (bool has_grown = true; has_grown;) {
      has_grown = false;
      for (const auto& ring : a_.rings) {
        const auto is_placed = [&](int atom) { return placed[atom] >= 0; };
        if (std::all_of(ring.begin(), ring.end(), is_placed) || std::none_of(ring.begin(), ring.end(), is_placed)) continue;
        const Map map = best_addition(ring, placed);
        for (const auto& [x, y] : map) placed[x] = y;
        has_grown = has_grown || !map.empty();
      }
    }
    return placed;
  }

  // Empty where none agrees.
  Map best_addition(const std::vector<int>& ring, const Placing& placed) {
    const int anchor = *std::find_if(ring.begin(), ring.end(), [&](int atom) { return placed[atom] >= 0; });
    const int image = placed[anchor];
    std::vector<uint8_t> taken(b_.graph.atoms, 0);
    for (const int y : placed) {
      if (y >= 0) taken[y] = 1;
    }
    Map best;
    int best_value = 0;
    for (const int other : b_.rings_of[image]) {
      each_map(ring, b_.rings[other], anchor, image, [&](const Map& map) {
        const bool agrees = std::all_of(map.begin(), map.end(), [&](const auto& pair) { return placed[pair.first] >= 0 ? placed[pair.first] == pair.second : !taken[pair.second]; });
        if (!agrees) return;
        const int value = value_of(map, placed);
        if (!best.empty() && value <= best_value) return;
        best = map;
        best_value = value;
      });
    }
    return best;
  }

  // Of a ring that is added: its atoms and the first atoms of what hangs on them.
  int value_of(const Map& map, const Placing& placed) {
    int value = 0;
    for (const auto& [x, y] : map) {
      if (placed[x] < 0) value += (is_same(x, y) ? kKept : kSwapped) + pair_branches(x, y, -1, -1)->value;
    }
    return value;
  }

  const Frame &a_, &b_;
  std::unordered_map<int64_t, const Found*> behind_;
  std::deque<Found> found_;
  int laid_ = 0;
  // One map for each that is being looked at: what is found of one may lead to others.
  std::deque<Map> maps_;
  size_t depth_ = 0;
};

void place(const Found& found, Placing& into) {
  for (const auto& [x, y] : found.pairs) into[x] = y;
  for (const Found* child : found.children) place(*child, into);
}

}  // namespace

CommonPart common_part(const Frame& a, const Frame& b) {
  Search search(a, b);
  Placing placed(a.graph.atoms, -1);
  place(*search.best(), placed);
  CommonPart part;
  for (int x = 0; x < a.graph.atoms; ++x) {
    if (placed[x] >= 0) (search.is_same(x, placed[x]) ? part.kept : part.swapped).push_back({x, placed[x]});
  }
  return part;
}

}  // namespace isolens::chem
