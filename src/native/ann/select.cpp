// Which neighbours a node keeps: those that are nearer to it than to any neighbour kept before (Malkov and Yashunin 2018,
// algorithm 4, as hnswlib has it: no extension of candidates, no pruned ones kept).
#include <algorithm>
#include <cmath>

#include "distance.h"
#include "graph.h"

namespace isolens::ann {

// No chosen node is nearer to the candidate than the node whose links these are. Two settled ones passed each other before, and
// distances do not change: that check is spared, and it is most of them.
bool Graph::passes(const Candidate& candidate, const std::vector<Candidate>& chosen) const {
  constexpr size_t kGroup = 4;
  const size_t width = vectors_.stride();
  const float* own = vector(candidate.near.node);
  const float* rows[kGroup];
  float distances[kGroup];
  size_t n = 0;
  const auto nearer = [&] {
    if (n == 1) {
      distances_of<1>(own, rows, width, distances);
    } else {
      for (size_t i = n; i < kGroup; ++i) rows[i] = rows[n - 1];
      distances_of<kGroup>(own, rows, width, distances);
    }
    return std::any_of(distances, distances + n, [&](float d) { return d < candidate.near.distance; });
  };
  for (const Candidate& other : chosen) {
    if (candidate.settled && other.settled) continue;
    rows[n++] = vector(other.near.node);
    if (n < kGroup) continue;
    if (nearer()) return false;
    n = 0;
  }
  return n == 0 || !nearer();
}

// From scratch.candidates, in order of distance, to scratch.chosen, at most `most`. False where all were taken unchecked, because
// they are too few to choose from.
bool Graph::select(size_t most, Scratch& scratch) const {
  scratch.chosen.clear();
  if (scratch.candidates.size() < most) {
    scratch.chosen = scratch.candidates;
    return false;
  }
  for (const Candidate& candidate : scratch.candidates) {
    if (scratch.chosen.size() == most) break;
    if (passes(candidate, scratch.chosen)) scratch.chosen.push_back(candidate);
  }
  return true;
}

// Adds a link; a full list is selected anew among its own and the new one.
void Graph::link_back(const Back& back, Scratch& scratch) {
  const uint32_t most = most_links(back.level);
  List links = list(back.target, back.level);
  const uint32_t size = links.size(), settled = links.settled();
  if (size < most) {
    links.nodes[size] = back.source;
    links.distances[size] = back.distance;
    links.set(size + 1, settled);
    return;
  }
  scratch.candidates.clear();
  scratch.candidates.push_back({{back.distance, back.source}, false});
  for (uint32_t i = 0; i < size; ++i) {
    float distance = links.distances[i];
    if (std::isnan(distance)) distance = distance_of(vector(links.nodes[i]), vector(back.target), vectors_.stride());
    scratch.candidates.push_back({{distance, links.nodes[i]}, i < settled});
  }
  std::sort(scratch.candidates.begin(), scratch.candidates.end(), [](const Candidate& a, const Candidate& b) { return a.near < b.near; });
  select(most, scratch);
  const auto kept = static_cast<uint32_t>(scratch.chosen.size());
  for (uint32_t i = 0; i < kept; ++i) {
    links.nodes[i] = scratch.chosen[i].near.node;
    links.distances[i] = scratch.chosen[i].near.distance;
  }
  links.set(kept, kept);
}

}  // namespace isolens::ann
