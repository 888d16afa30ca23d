// Which rows each batch holds: a fresh permutation every epoch, from (seed, epoch) alone, so that any batch of a run can be
// named without the ones before it. Rows that do not fill a last batch are left out of their epoch.
//
// With an order in which neighbours are alike, groups of `group` consecutive rows are shuffled instead of single rows, so that
// each batch holds every molecule beside some that resemble it. Groups begin elsewhere in every epoch.
#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

#include "../core/rng.h"
#include "../feeds/batcher.h"

namespace isolens {

class EpochSampler {
 public:
  // rows >= batch
  EpochSampler(int64_t rows, int64_t batch, uint64_t seed) : rows_(rows), batch_(batch), seed_(seed) {}
  // order: a permutation of the rows; group >= 1
  EpochSampler(std::vector<int32_t> order, int64_t group, int64_t batch, uint64_t seed)
      : rows_(static_cast<int64_t>(order.size())), batch_(batch), seed_(seed), group_(group), neighbours_(std::move(order)) {}

  std::vector<RowVisit> batch(int64_t index) {
    const int64_t per_epoch = rows_ / batch_, epoch = index / per_epoch;
    if (epoch != epoch_) shuffle(epoch);
    std::vector<RowVisit> visits;
    visits.reserve(static_cast<size_t>(batch_));
    const int64_t first = (index % per_epoch) * batch_;
    for (int64_t i = first; i < first + batch_; i++) {
      visits.push_back({order_[static_cast<size_t>(i)], static_cast<uint64_t>(epoch), true});
    }
    return visits;
  }

 private:
  void shuffle(int64_t epoch) {
    Rng rng(seed_, mix_stream(0x5a5a, static_cast<uint64_t>(epoch)));
    const int64_t groups = (rows_ + group_ - 1) / group_;
    std::vector<int32_t> places(static_cast<size_t>(groups));
    std::iota(places.begin(), places.end(), 0);
    for (size_t i = places.size() - 1; i > 0; i--) std::swap(places[i], places[rng.below(static_cast<uint32_t>(i + 1))]);
    epoch_ = epoch;
    if (neighbours_.empty()) {
      order_ = std::move(places);
      return;
    }
    const int64_t offset = rng.below(static_cast<uint32_t>(group_));
    order_.clear();
    for (const int32_t place : places) {
      const int64_t first = int64_t{place} * group_;
      for (int64_t i = first; i < std::min(rows_, first + group_); i++) order_.push_back(neighbours_[static_cast<size_t>((i + offset) % rows_)]);
    }
  }

  const int64_t rows_, batch_;
  const uint64_t seed_;
  const int64_t group_ = 1;
  const std::vector<int32_t> neighbours_;  // empty: single rows are shuffled
  int64_t epoch_ = -1;
  std::vector<int32_t> order_;
};

}  // namespace isolens
