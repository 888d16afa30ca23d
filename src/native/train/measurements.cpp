#include "measurements.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include "../core/rng.h"
#include "../core/safetensors.h"

namespace isolens {
namespace {

Status refuse(const std::string& path, const std::string& why) { return {Code::kDatasetInvalid, "Measurements in " + path + ": " + why}; }

// The first `wanted` of `rows` after a shuffle that are not yet taken.
template <class Take>
void draw(std::vector<int32_t> rows, int64_t wanted, Rng& rng, std::unordered_set<int32_t>& taken, const Take& take) {
  for (size_t i = 0; i < rows.size() && wanted > 0; i++) {
    std::swap(rows[i], rows[i + rng.below(static_cast<uint32_t>(rows.size() - i))]);
    if (!taken.insert(rows[i]).second) continue;
    take(rows[i]);
    wanted--;
  }
}

}  // namespace

Expected<MeasurementSampler> MeasurementSampler::open(const std::string& path, int64_t rows, int64_t batch, int64_t per_assay, int64_t actives, uint64_t seed) {
  Expected<std::shared_ptr<const SafetensorsFile>> file = SafetensorsFile::open(path, Code::kDatasetInvalid);
  if (!file) return file.status();
  const StoredTensor *row = (*file)->find("row"), *assay = (*file)->find("assay"), *active = (*file)->find("active");
  if (row == nullptr || assay == nullptr || active == nullptr) return refuse(path, "expected the columns row, assay and active.");
  const int64_t count = row->shape.empty() ? 0 : row->shape[0];
  const bool fits = row->element == Element::kI32 && assay->element == Element::kI32 && active->element == Element::kU8 &&
                    assay->shape == row->shape && active->shape == row->shape && row->shape.size() == 1;
  if (!fits) return refuse(path, "expected row and assay as I32 and active as U8, one entry a measurement.");
  std::map<int32_t, Assay> found;
  for (int64_t i = 0; i < count; i++) {
    const int32_t at = row->as<int32_t>()[i];
    if (at < 0 || at >= rows) return refuse(path, "expected rows below " + std::to_string(rows) + " but entry " + std::to_string(i) + " names row " + std::to_string(at) + ".");
    Assay& of = found[assay->as<int32_t>()[i]];
    (active->as<uint8_t>()[i] != 0 ? of.active : of.inactive).push_back(at);
  }
  MeasurementSampler sampler(batch, actives, per_assay - actives, seed);
  double sum = 0;
  std::unordered_set<int32_t> different;
  for (auto& [id, one] : found) {
    const std::unordered_set<int32_t> distinct(one.active.begin(), one.active.end());
    if (distinct.size() < 2) continue;
    // What can be drawn alone: a batch that waits for more never fills.
    different.insert(distinct.begin(), distinct.end());
    if (sampler.inactives_ > 0) different.insert(one.inactive.begin(), one.inactive.end());
    sum += std::sqrt(static_cast<double>(one.active.size() + one.inactive.size()));
    sampler.cumulative_.push_back(sum);
    sampler.assays_.push_back(std::move(one));
  }
  if (static_cast<int64_t>(different.size()) < batch) {
    return refuse(path, "expected at least " + std::to_string(batch) +
                            " molecules to draw in assays with two actives or more, enough for one batch, but received " + std::to_string(different.size()) + ". Make the batch smaller, or give more of each assay.");
  }
  return sampler;
}

std::vector<RowVisit> MeasurementSampler::batch(int64_t index) const {
  Rng rng(seed_, mix_stream(0xa55a, static_cast<uint64_t>(index)));
  std::vector<RowVisit> visits;
  std::unordered_set<int32_t> taken;
  std::unordered_set<size_t> used;
  const auto add = [&](int32_t row, int32_t label) { visits.push_back({row, static_cast<uint64_t>(index), true, label}); };
  const auto room = [&] { return batch_ - static_cast<int64_t>(visits.size()); };
  while (room() > 0) {
    const double at = static_cast<double>(rng.uniform()) * cumulative_.back();
    const size_t chosen = std::min(assays_.size() - 1, static_cast<size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), at) - cumulative_.begin()));
    if (!used.insert(chosen).second) {
      // Small assays may give too little to fill the batch; then an assay comes again, its other molecules first.
      if (used.size() == assays_.size()) used.clear();
      continue;
    }
    const Assay& assay = assays_[chosen];
    draw(assay.active, std::min(room(), actives_), rng, taken, [&](int32_t row) { add(row, static_cast<int32_t>(chosen)); });
    draw(assay.inactive, std::min(room(), inactives_), rng, taken, [&](int32_t row) { add(row, static_cast<int32_t>(assays_.size() + visits.size())); });
  }
  return visits;
}

}  // namespace isolens
