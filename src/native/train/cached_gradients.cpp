#include "cached_gradients.h"

#include <algorithm>
#include <cstring>

namespace isolens {
namespace {

std::set<std::string> fed_inputs(const Json& graph, const std::set<std::string>& others) {
  std::set<std::string> names;
  for (const Json& input : graph["inputs"].items()) {
    if (others.count(input["name"].as_string()) == 0) names.insert(input["name"].as_string());
  }
  return names;
}

int64_t chunks_of(const RunConfig& config) { return (config.batch + config.chunk.rows - 1) / config.chunk.rows; }

}  // namespace

int64_t CachedGradients::batches_of_step(const RunConfig& config) { return 2 * chunks_of(config); }

std::vector<RowVisit> CachedGradients::chunk_of(const RunConfig& config, const std::vector<RowVisit>& batch, int64_t index) {
  const int64_t first = index % chunks_of(config) * config.chunk.rows, last = std::min<int64_t>(first + config.chunk.rows, static_cast<int64_t>(batch.size()));
  return {batch.begin() + first, batch.begin() + last};
}

Expected<std::unique_ptr<CachedGradients>> CachedGradients::make(const RunConfig& config, const Batcher& batcher, const std::shared_ptr<Backend>& backend, ParameterStore& store,
                                                                          ThreadPool& pool) {
  std::unique_ptr<CachedGradients> made(new CachedGradients(config, batcher));
  std::set<std::string> values, gradients;
  for (const ChunkConfig::Value& value : config.chunk.values) values.insert(value.value), gradients.insert(value.gradient);
  made->tower_inputs_ = fed_inputs(config.chunk.towers, gradients);
  made->head_inputs_ = fed_inputs(config.chunk.head, values);

  const std::set<std::string> fed = fed_inputs(config.graph, {});
  for (const std::set<std::string>* names : {&made->tower_inputs_, &made->head_inputs_}) {
    for (const std::string& name : *names) {
      if (fed.count(name) == 0) return Status(Code::kArgumentInvalid, "Expected every input of \"chunk\" to be one of the graph or of its values but received \"" + name + "\".");
    }
  }

  Expected<std::map<std::string, int64_t>> capacity = batcher.capacity(std::min(config.chunk.rows, config.batch));
  if (!capacity) return capacity.status();
  ProgramOptions options;
  options.capacity = *capacity;
  options.seed = config.seed;
  options.precision = config.precision;
  options.backend = backend;
  options.loss = config.chunk.surrogate;
  Expected<std::unique_ptr<Program>> towers = make_program(config.chunk.towers.dump(), options, store, pool);
  if (!towers) return towers.status();
  options.capacity = {{"N", config.batch}};
  options.loss = config.loss;
  options.input_gradients = true;
  Expected<std::unique_ptr<Program>> head = make_program(config.chunk.head.dump(), options, store, pool);
  if (!head) return head.status();
  made->towers_ = std::move(*towers);
  made->head_ = std::move(*head);
  return made;
}

Status CachedGradients::copy_rows(Program& from, const std::string& source, bool gradient, int64_t from_row, Program& to, const std::string& target, int64_t to_row,
                                  int64_t rows) const {
  Expected<TensorView> values = gradient ? from.input_gradient(source) : from.value(source);
  if (!values) return values.status();
  Expected<TensorView> place = to.input(target);
  if (!place) return place.status();
  const int64_t width = values->shape.empty() || values->shape[0] == 0 ? 0 : values->count() / values->shape[0];
  if (place->shape.empty() || values->shape[0] < from_row + rows || place->shape[0] < to_row + rows || place->count() != place->shape[0] * width) {
    return {Code::kGraphInvalid, "Expected " + source + " to have one row for each of the batch. Train this model without chunks."};
  }
  std::memcpy(place->f32() + to_row * width, values->f32() + from_row * width, static_cast<size_t>(rows * width) * sizeof(float));
  return Status::ok();
}

Status CachedGradients::embed(const PreparedBatch& chunk, uint64_t seed) {
  ISOLENS_TRY(batcher_.copy(chunk, tower_inputs_, 0, *towers_));
  return towers_->forward(true, seed);
}

Status CachedGradients::run(const std::function<Expected<const PreparedBatch*>()>& next, uint64_t seed, float share, const std::function<Status()>& after_loss) {
  const uint64_t chunks = static_cast<uint64_t>(chunks_of(config_));
  ISOLENS_TRY(head_->bind({{"N", config_.batch}}));
  int64_t row = 0;
  for (uint64_t c = 0; c < chunks; c++) {
    Expected<const PreparedBatch*> chunk = next();
    if (!chunk) return chunk.status();
    const int64_t rows = static_cast<int64_t>((*chunk)->visits.size());
    ISOLENS_TRY(towers_->bind((*chunk)->sizes));
    ISOLENS_TRY(embed(**chunk, seed * chunks + c));
    for (const ChunkConfig::Value& value : config_.chunk.values) ISOLENS_TRY(copy_rows(*towers_, value.value, false, 0, *head_, value.value, row, rows));
    ISOLENS_TRY(batcher_.copy(**chunk, head_inputs_, row, *head_));
    row += rows;
  }
  ISOLENS_TRY(head_->forward(true, seed));
  ISOLENS_TRY(after_loss());
  ISOLENS_TRY(head_->backward(share));
  row = 0;
  for (uint64_t c = 0; c < chunks; c++) {
    Expected<const PreparedBatch*> chunk = next();
    if (!chunk) return chunk.status();
    const int64_t rows = static_cast<int64_t>((*chunk)->visits.size());
    ISOLENS_TRY(towers_->bind((*chunk)->sizes));
    for (const ChunkConfig::Value& value : config_.chunk.values) ISOLENS_TRY(copy_rows(*head_, value.value, true, row, *towers_, value.gradient, 0, rows));
    ISOLENS_TRY(embed(**chunk, seed * chunks + c));
    ISOLENS_TRY(towers_->backward(1));
    row += rows;
  }
  return Status::ok();
}

}  // namespace isolens
