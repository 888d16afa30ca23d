// Batches for supervised contrast over assays: some assays, and of each some actives and some inactives.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../feeds/batcher.h"

namespace isolens {

// Draws batch i from (seed, i) alone. Assays come in proportion to the square root of their size: large screens do not drown
// the others. Actives are labelled by their assay; every inactive has a label of its own, so it is positive to nothing but
// another view of itself. No molecule stands in a batch twice: as a negative of itself it would contradict itself.
class MeasurementSampler {
 public:
  // A safetensors file of `row`, `assay` (I32) and `active` (U8), one entry a measurement. At most `per_assay` molecules of an
  // assay stand in a batch, of which `actives` may be active and the rest inactive.
  static Expected<MeasurementSampler> open(const std::string& path, int64_t rows, int64_t batch, int64_t per_assay, int64_t actives, uint64_t seed);

  std::vector<RowVisit> batch(int64_t index) const;
  int64_t assays() const { return static_cast<int64_t>(assays_.size()); }

 private:
  struct Assay {
    std::vector<int32_t> inactive, active;  // rows
  };
  MeasurementSampler(int64_t batch, int64_t actives, int64_t inactives, uint64_t seed) : batch_(batch), actives_(actives), inactives_(inactives), seed_(seed) {}

  int64_t batch_, actives_, inactives_;  // the last two of each assay, at most
  uint64_t seed_;
  std::vector<Assay> assays_;      // with at least two actives
  std::vector<double> cumulative_;  // of the assays' weights
};

}  // namespace isolens
