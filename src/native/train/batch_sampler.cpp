#include "batch_sampler.h"

#include <memory>

#include "measurements.h"
#include "neighbours.h"
#include "sampler.h"

namespace isolens {

Expected<BatchSampler> open_sampler(const RunConfig& config, const Dataset& data) {
  if (!config.measurements.path.empty()) {
    Expected<MeasurementSampler> measured =
        MeasurementSampler::open(config.measurements.path, data.rows(), config.batch, config.measurements.per_assay, config.measurements.actives, config.seed);
    if (!measured) return measured.status();
    return BatchSampler([sampler = std::move(*measured)](int64_t index) { return sampler.batch(index); });
  }
  std::vector<int32_t> order;
  if (config.neighbours.group > 1) {
    Expected<std::vector<int32_t>> alike = neighbour_order(data, config.neighbours.column, config.seed);
    if (!alike) return alike.status();
    order = std::move(*alike);
  }
  const auto sampler = order.empty() ? std::make_shared<EpochSampler>(data.rows(), config.batch, config.seed)
                                     : std::make_shared<EpochSampler>(std::move(order), config.neighbours.group, config.batch, config.seed);
  return BatchSampler([sampler](int64_t index) { return sampler->batch(index); });
}

Status digest_of_data(const RunConfig& config, const Dataset& data, std::string* digest) {
  std::string text;
  const auto add = [&](const SafetensorsFile& file) {
    for (const auto& [key, value] : file.metadata()) text += key + '=' + value + '\n';
    text += '\n';
  };
  for (const DataFile& file : data.files()) add(*file.tensors);
  if (!config.measurements.path.empty()) {
    Expected<std::shared_ptr<const SafetensorsFile>> file = SafetensorsFile::open(config.measurements.path, Code::kDatasetInvalid);
    if (!file) return file.status();
    add(**file);
  }
  *digest = digest_text(text);
  return Status::ok();
}

}  // namespace isolens
