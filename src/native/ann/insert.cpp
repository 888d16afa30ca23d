// Insertion, a batch of rows at a time.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "../core/rng.h"
#include "walk.h"

namespace isolens::ann {
namespace {

// The wider the search for links, the fewer rows in a batch: one takes some ten milliseconds, and a build can stop between two.
size_t batch_of(int64_t ef_construction) { return static_cast<size_t>(std::clamp<int64_t>(16384 / ef_construction, 8, 128)); }

constexpr size_t kGrain = 4;  // rows that a thread takes at a time

size_t width_of(int64_t links) { return static_cast<size_t>(links) + 1; }

}  // namespace

Graph::Graph(const GraphOptions& options)
    : options_(options), batch_(batch_of(options.ef_construction)), vectors_(static_cast<size_t>(options.dimension)),
      codes_(static_cast<size_t>(options.dimension)), base_links_(width_of(2 * options.m)), upper_links_(width_of(options.m)),
      base_distances_(static_cast<size_t>(2 * options.m)), upper_distances_(static_cast<size_t>(options.m)) {}

Expected<std::unique_ptr<Graph>> Graph::create(const GraphOptions& options) {
  if (options.dimension < 1 || options.dimension > (1 << 20) || options.m < 2 || options.m > 4096 || options.ef_construction < 1) {
    return Status{Code::kArgumentInvalid, "Expected a dimension of 1 to 2^20, m of 2 to 4096 and efConstruction of at least 1 for a graph."};
  }
  GraphOptions used = options;
  used.ef_construction = std::max(used.ef_construction, used.m);
  return std::unique_ptr<Graph>(new Graph(used));
}

Graph::List Graph::list(uint32_t node, uint32_t level) {
  if (level == 0) {
    uint32_t* head = base_links_.at(node);
    return {head, head + 1, node < base_distances_.size() ? base_distances_.at(node) : nullptr};
  }
  const size_t row = upper_first_[node] + level - 1;
  uint32_t* head = upper_links_.at(row);
  return {head, head + 1, row < upper_distances_.size() ? upper_distances_.at(row) : nullptr};
}

// Each node has its own stream of chance: its level is the same however the build came to it.
uint32_t Graph::draw_level(uint64_t node) const {
  Rng rng(options_.seed, node);
  const double uniform = (static_cast<double>(rng.next()) + 1.0) / 4294967296.0;
  return static_cast<uint32_t>(-std::log(uniform) / std::log(static_cast<double>(options_.m)));
}

void Graph::append_node(const float* vector, int32_t label, uint32_t level) {
  std::copy(vector, vector + options_.dimension, vectors_.at(vectors_.append(1)));
  base_links_.append(1);
  upper_first_.push_back(static_cast<uint32_t>(upper_links_.append(level)));
  levels_.push_back(static_cast<uint8_t>(level));
  labels_.push_back(label);
}

// An opened file tells no distances and no codes, and only a graph that grows needs them.
void Graph::make_ready() {
  const auto fill = [](Rows<float>& rows, size_t count) {
    for (size_t row = rows.size(); row < count; ++row) {
      float* distances = rows.at(rows.append(1));
      std::fill(distances, distances + rows.width(), std::numeric_limits<float>::quiet_NaN());
    }
  };
  fill(base_distances_, base_links_.size());
  fill(upper_distances_, upper_links_.size());
  while (codes_.size() < vectors_.size()) append_code(vectors_.at(codes_.size()));
}

void Graph::append_code(const float* values) {
  steps_.push_back(encode(values, static_cast<size_t>(options_.dimension), codes_.at(codes_.append(1))));
}

Status Graph::add(const float* vectors, const int32_t* labels, int64_t rows) {
  if (count() + rows > int64_t{1} << 30) {
    return {Code::kArgumentInvalid, "Expected at most 2^30 rows in one graph. Split the library into several indexes."};
  }
  ISOLENS_TRY(restore_vectors());
  for (int64_t row = 0; row < rows; ++row) {
    append_node(vectors + row * options_.dimension, labels[row], draw_level(labels_.size()));
    make_ready();
    // Batches begin at fixed rows, so that portions in which rows come make no difference.
    if (labels_.size() % batch_ == 0) link_waiting();
  }
  return Status::ok();
}

// work(index, scratch) for all indices; threads take some at a time.
template <typename Work>
void Graph::in_parallel(size_t count, size_t grain, const Work& work) {
  if (pool_ == nullptr) {
    pool_ = std::make_unique<ThreadPool>(std::min(options_.threads, static_cast<int>(batch_ / kGrain)));
    while (scratches_.size() < static_cast<size_t>(pool_->threads())) scratches_.push_back(std::make_unique<Scratch>());
  }
  std::atomic<size_t> next{0};
  pool_->run(pool_->threads(), [&](int part) {
    for (size_t from; (from = next.fetch_add(grain)) < count;) {
      for (size_t i = from; i < std::min(from + grain, count); ++i) work(i, *scratches_[static_cast<size_t>(part)]);
    }
  });
}

void Graph::link_waiting() {
  const size_t first = linked_, rows = labels_.size() - linked_;
  if (rows == 0) return;
  in_parallel(rows, kGrain, [&](size_t i, Scratch& scratch) { find_links(static_cast<uint32_t>(first + i), scratch); });
  link_targets();
  for (size_t node = first; node < first + rows; ++node) {
    if (levels_[node] <= top_level_) continue;
    top_level_ = levels_[node];
    entry_ = static_cast<uint32_t>(node);
  }
  linked_ += rows;
}

// The node's own links in all its layers; reads the graph as it was before the batch, and vectors alone of the batch's earlier rows.
void Graph::find_links(uint32_t node, Scratch& scratch) {
  const Exact exact{*this, vector(node)};
  const Rough rough = rough_query(vector(node), scratch);
  const int level = levels_[node];
  uint32_t entry = linked_ > 0 ? descend(rough, level) : 0;
  for (int layer = level; layer >= 0; --layer) {
    scratch.pool.clear();
    if (layer <= top_level_) {
      find_near(rough, exact, entry, static_cast<uint32_t>(layer), scratch);
      entry = scratch.pool[0].node;
    }
    for (auto mate = static_cast<uint32_t>(linked_); mate < node; ++mate) {
      if (levels_[mate] >= layer) scratch.offer({exact.distance(mate), mate}, static_cast<size_t>(options_.ef_construction));
    }
    keep_links(node, static_cast<uint32_t>(layer), scratch);
  }
}

void Graph::keep_links(uint32_t node, uint32_t level, Scratch& scratch) {
  scratch.candidates.clear();
  for (const Near& near : scratch.pool) scratch.candidates.push_back({near, false});
  const bool selected = select(static_cast<size_t>(options_.m), scratch);
  List links = list(node, level);
  const auto size = static_cast<uint32_t>(scratch.chosen.size());
  for (uint32_t i = 0; i < size; ++i) {
    links.nodes[i] = scratch.chosen[i].near.node;
    links.distances[i] = scratch.chosen[i].near.distance;
  }
  links.set(size, selected ? size : 0);
}

// Links back to the batch's rows: each target's list belongs to one thread, and takes its new links in the order of rows.
void Graph::link_targets() {
  backs_.clear();
  targets_.clear();
  for (auto node = static_cast<uint32_t>(linked_); node < labels_.size(); ++node) {
    for (uint32_t level = 0; level <= levels_[node]; ++level) {
      const List links = list(node, level);
      for (uint32_t i = 0, n = links.size(); i < n; ++i) backs_.push_back({links.nodes[i], node, links.distances[i], level});
    }
  }
  std::sort(backs_.begin(), backs_.end(), [](const Back& a, const Back& b) {
    if (a.target != b.target) return a.target < b.target;
    return a.level != b.level ? a.level < b.level : a.source < b.source;
  });
  for (size_t i = 0; i < backs_.size(); ++i) {
    if (i == 0 || backs_[i].target != backs_[i - 1].target) targets_.push_back(i);
  }
  in_parallel(targets_.size(), 4 * kGrain, [&](size_t target, Scratch& scratch) {
    const size_t end = target + 1 < targets_.size() ? targets_[target + 1] : backs_.size();
    for (size_t i = targets_[target]; i < end; ++i) link_back(backs_[i], scratch);
  });
}

}  // namespace isolens::ann
