// Which rows each batch holds: a fresh permutation every epoch, from (seed, epoch) alone, so that any batch of a run can be
// named without the ones before it. Rows that do not fill a last batch are left out of their epoch.
#pragma once
#include <numeric>
#include <vector>

#include "../core/rng.h"
#include "../feeds/batcher.h"

namespace isolens {

class EpochSampler {
 public:
  // rows >= batch
  EpochSampler(int64_t rows, int64_t batch, uint64_t seed) : rows_(rows), batch_(batch), seed_(seed) {}

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
    order_.resize(static_cast<size_t>(rows_));
    std::iota(order_.begin(), order_.end(), 0);
    Rng rng(seed_, mix_stream(0x5a5a, static_cast<uint64_t>(epoch)));
    for (size_t i = order_.size() - 1; i > 0; i--) std::swap(order_[i], order_[rng.below(static_cast<uint32_t>(i + 1))]);
    epoch_ = epoch;
  }

  const int64_t rows_, batch_;
  const uint64_t seed_;
  int64_t epoch_ = -1;
  std::vector<int32_t> order_;
};

}  // namespace isolens
