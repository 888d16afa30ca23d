// Batches for supervised contrast over assays: some assays, and of each some actives and some inactives.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../feeds/batcher.h"

namespace isolens {

// Draws batch i from (seed, i) alone. Assays come in proportion to the square root of their size, times the weight of their
// table: large screens do not drown the others. Actives are labelled by the target of their assay; every inactive has a label of
// its own, so it is positive to nothing but another view of itself. No molecule stands in a batch twice, and none stands beside
// actives of a target at which it acts too under another label: as negatives of each other they would contradict what was measured.
class MeasurementSampler {
 public:
  // A safetensors file of `row`, `assay` (I32) and `active` (U8), one entry a measurement; and, one entry an assay, of `target`
  // (I32, from 0; without it each assay is a target of its own) and `weight` (F32, above 0; without it 1). At most `per_assay`
  // molecules of an assay stand in a batch, of which `actives` may be active and the rest inactive.
  static Expected<MeasurementSampler> open(const std::string& path, int64_t rows, int64_t batch, int64_t per_assay, int64_t actives, uint64_t seed);

  std::vector<RowVisit> batch(int64_t index) const;
  int64_t assays() const { return static_cast<int64_t>(assays_.size()); }

 private:
  struct Assay {
    std::vector<int32_t> inactive, active;  // rows
    int32_t target = 0;
  };
  class Draw;
  MeasurementSampler(int64_t batch, int64_t actives, int64_t inactives, uint64_t seed) : batch_(batch), actives_(actives), inactives_(inactives), seed_(seed) {}

  int64_t batch_, actives_, inactives_;  // the last two of each assay, at most
  uint64_t seed_;
  std::vector<Assay> assays_;      // with at least two actives
  std::vector<double> cumulative_;  // of the assays' weights
  int32_t targets_ = 0;
  // Targets at which row r acts: acting_[first_[r]] up to acting_[first_[r + 1]].
  std::vector<int64_t> first_;
  std::vector<int32_t> acting_;
};

}  // namespace isolens
