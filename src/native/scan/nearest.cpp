#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "cosine.h"
#include "likeness.h"
#include "scan.h"

namespace isolens::scan {
namespace {

bool is_better(const Found& a, const Found& b) { return a.score > b.score || (a.score == b.score && a.row < b.row); }

// The best of what is offered, in a heap with the worst on top. Rows come in rising order, so that of equal ones the first stays.
class Best {
 public:
  Best(int64_t breadth, int64_t count) : capacity_(static_cast<size_t>(std::min(breadth, count))) { heap_.reserve(capacity_); }

  // Nothing up to this can enter; below every score while there is room.
  float floor() const { return floor_; }

  void offer(int32_t row, double value) {
    const float score = static_cast<float>(value);
    if (score <= floor_ || capacity_ == 0) return;
    if (heap_.size() == capacity_) {
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.pop_back();
    }
    heap_.push_back({score, row});
    std::push_heap(heap_.begin(), heap_.end(), is_better);
    if (heap_.size() == capacity_) floor_ = heap_.front().score;
  }

  std::vector<Found> take() {
    std::sort(heap_.begin(), heap_.end(), is_better);
    return std::move(heap_);
  }

 private:
  size_t capacity_;
  float floor_ = -std::numeric_limits<float>::infinity();
  std::vector<Found> heap_;
};

}  // namespace

std::vector<Found> nearest_by_vector(const float* vectors, int64_t count, int64_t dimension, const float* query, int64_t breadth, const Words* allowed) {
  Best best(breadth, count);
  const float* waiting[kTogether];
  int32_t rows[kTogether];
  double scores[kTogether];
  int n = 0;
  const auto compare = [&] {
    // Where fewer are left, the last stands in for those that are missing.
    for (int i = n; i < kTogether; i++) waiting[i] = waiting[n - 1];
    cosines(query, waiting, dimension, scores);
    for (int i = 0; i < n; i++) best.offer(rows[i], scores[i]);
    n = 0;
  };
  for (int64_t row = 0; row < count; row++) {
    if (!holds(allowed, row)) continue;
    rows[n] = static_cast<int32_t>(row);
    waiting[n++] = vectors + row * dimension;
    if (n == kTogether) compare();
  }
  if (n > 0) compare();
  return best.take();
}

std::vector<Found> nearest_by_ecfp4(const Columns& columns, const Query& query, int64_t breadth, const Words* allowed) {
  Best best(breadth, columns.count);
  for (int64_t row = 0; row < columns.count; row++) {
    if (!holds(allowed, row)) continue;
    // No more bits can be shared than the smaller has, nor fewer be set than the larger has (Swamidass & Baldi 2007).
    const int64_t size = columns.ecfp4.sizes[row];
    if (static_cast<float>(share(std::min(size, query.ecfp4.size), std::max(size, query.ecfp4.size))) <= best.floor()) continue;
    best.offer(static_cast<int32_t>(row), tanimoto(query.ecfp4, columns.ecfp4, row));
  }
  return best.take();
}

std::vector<Found> nearest_by_pharmacophore(const Columns& columns, const Query& query, int64_t breadth, const Words* allowed) {
  Best best(breadth, columns.count);
  const std::vector<int16_t> counts = widened(query, columns.pharmacophore_width);
  for (int64_t row = 0; row < columns.count; row++) {
    if (holds(allowed, row)) best.offer(static_cast<int32_t>(row), pharmacophore_tanimoto(columns, query, counts.data(), row));
  }
  return best.take();
}

}  // namespace isolens::scan
