#include "measurements.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_set>

#include "../core/rng.h"
#include "../core/safetensors.h"

namespace isolens {
namespace {

Status refuse(const std::string& path, const std::string& why) { return {Code::kDatasetInvalid, "Measurements in " + path + ": " + why}; }

// One number an assay; none where the file has no such tensor.
template <class T>
Expected<std::vector<T>> of_assays(const SafetensorsFile& file, const std::string& path, const char* name, Element element, int64_t assays) {
  const StoredTensor* found = file.find(name);
  if (found == nullptr) return std::vector<T>();
  if (found->element != element || found->shape.size() != 1 || found->shape[0] < assays) {
    return refuse(path, std::string("expected one ") + name + " for each of " + std::to_string(assays) + " assays.");
  }
  return std::vector<T>(found->as<T>(), found->as<T>() + found->shape[0]);
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
  int32_t last = -1;
  for (int64_t i = 0; i < count; i++) {
    const int32_t at = row->as<int32_t>()[i];
    if (at < 0 || at >= rows) return refuse(path, "expected rows below " + std::to_string(rows) + " but entry " + std::to_string(i) + " names row " + std::to_string(at) + ".");
    last = std::max(last, assay->as<int32_t>()[i]);
    if (assay->as<int32_t>()[i] < 0) return refuse(path, "expected assays from 0 but entry " + std::to_string(i) + " names assay " + std::to_string(assay->as<int32_t>()[i]) + ".");
    Assay& of = found[assay->as<int32_t>()[i]];
    (active->as<uint8_t>()[i] != 0 ? of.active : of.inactive).push_back(at);
  }
  Expected<std::vector<int32_t>> targets = of_assays<int32_t>(**file, path, "target", Element::kI32, last + 1);
  Expected<std::vector<float>> weights = of_assays<float>(**file, path, "weight", Element::kF32, last + 1);
  if (!targets) return targets.status();
  if (!weights) return weights.status();
  MeasurementSampler sampler(batch, actives, per_assay - actives, seed);
  std::vector<std::pair<int32_t, int32_t>> acting;  // row and target
  double sum = 0;
  std::unordered_set<int32_t> different;
  for (auto& [id, one] : found) {
    const std::unordered_set<int32_t> distinct(one.active.begin(), one.active.end());
    if (distinct.size() < 2) continue;
    // What can be drawn alone: a batch that waits for more never fills.
    different.insert(distinct.begin(), distinct.end());
    if (sampler.inactives_ > 0) different.insert(one.inactive.begin(), one.inactive.end());
    const float weight = weights->empty() ? 1.0f : (*weights)[static_cast<size_t>(id)];
    one.target = targets->empty() ? id : (*targets)[static_cast<size_t>(id)];
    if (!(weight > 0) || one.target < 0) return refuse(path, "expected a weight above 0 and a target from 0 for assay " + std::to_string(id) + ".");
    sampler.targets_ = std::max(sampler.targets_, one.target + 1);
    for (const int32_t at : distinct) acting.emplace_back(at, one.target);
    sum += static_cast<double>(weight) * std::sqrt(static_cast<double>(one.active.size() + one.inactive.size()));
    sampler.cumulative_.push_back(sum);
    sampler.assays_.push_back(std::move(one));
  }
  if (static_cast<int64_t>(different.size()) < batch) {
    return refuse(path, "expected at least " + std::to_string(batch) +
                            " molecules to draw in assays with two actives or more, enough for one batch, but received " + std::to_string(different.size()) + ". Make the batch smaller, or give more of each assay.");
  }
  std::sort(acting.begin(), acting.end());
  acting.erase(std::unique(acting.begin(), acting.end()), acting.end());
  sampler.first_.assign(static_cast<size_t>(rows) + 1, 0);
  for (const auto& [at, target] : acting) {
    sampler.first_[static_cast<size_t>(at) + 1]++;
    sampler.acting_.push_back(target);
  }
  std::partial_sum(sampler.first_.begin(), sampler.first_.end(), sampler.first_.begin());
  return sampler;
}

// A batch in the making.
class MeasurementSampler::Draw {
 public:
  Draw(const MeasurementSampler& of, int64_t index) : of_(of), index_(index), rng_(of.seed_, mix_stream(0xa55a, static_cast<uint64_t>(index))) {}

  std::vector<RowVisit> run() {
    std::unordered_set<size_t> used;
    size_t before = 0;
    while (room() > 0) {
      const double at = static_cast<double>(rng_.uniform()) * of_.cumulative_.back();
      const auto found = std::upper_bound(of_.cumulative_.begin(), of_.cumulative_.end(), at);
      const size_t chosen = std::min(of_.assays_.size() - 1, static_cast<size_t>(found - of_.cumulative_.begin()));
      if (used.insert(chosen).second) {
        add(of_.assays_[chosen]);
      } else if (used.size() == of_.assays_.size()) {
        // Small assays may give too little to fill the batch; then an assay comes again, its other molecules first. Where even
        // that gives nothing, what is left contradicts the batch, and the batch is filled nevertheless.
        used.clear();
        strict_ = strict_ && visits_.size() > before;
        before = visits_.size();
      }
    }
    return std::move(visits_);
  }

 private:
  int64_t room() const { return of_.batch_ - static_cast<int64_t>(visits_.size()); }

  // Calls `use` for each target at which the row acts.
  template <class Use>
  void each_target(int32_t row, const Use& use) const {
    for (int64_t i = of_.first_[static_cast<size_t>(row)]; i < of_.first_[static_cast<size_t>(row) + 1]; i++) use(of_.acting_[static_cast<size_t>(i)]);
  }

  void add(const Assay& assay) {
    // Molecules that act at this target stand in the batch under another label.
    if (strict_ && elsewhere_.count(assay.target) > 0) return;
    here_.insert(assay.target);
    draw(assay.active, of_.actives_, assay.target, true);
    draw(assay.inactive, of_.inactives_, assay.target, false);
  }

  // Up to `wanted` of `rows`, in an order of chance.
  void draw(std::vector<int32_t> rows, int64_t wanted, int32_t target, bool active) {
    wanted = std::min(wanted, room());
    for (size_t i = 0; i < rows.size() && wanted > 0; i++) {
      std::swap(rows[i], rows[i + rng_.below(static_cast<uint32_t>(rows.size() - i))]);
      const int32_t row = rows[i];
      bool contradicts = false;
      each_target(row, [&](int32_t other) { contradicts |= (!active || other != target) && here_.count(other) > 0; });
      if ((strict_ && contradicts) || !taken_.insert(row).second) continue;
      each_target(row, [&](int32_t other) {
        if (!active || other != target) elsewhere_.insert(other);
      });
      const int32_t label = active ? target : of_.targets_ + static_cast<int32_t>(visits_.size());
      visits_.push_back({row, static_cast<uint64_t>(index_), true, label});
      wanted--;
    }
  }

  const MeasurementSampler& of_;
  const int64_t index_;
  Rng rng_;
  bool strict_ = true;
  std::vector<RowVisit> visits_;
  std::unordered_set<int32_t> taken_;             // rows
  std::unordered_set<int32_t> here_, elsewhere_;  // targets that are labels; targets of molecules under another label
};

std::vector<RowVisit> MeasurementSampler::batch(int64_t index) const { return Draw(*this, index).run(); }

}  // namespace isolens
