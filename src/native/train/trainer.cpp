#include "trainer.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>

#include "../cuda/loader/loader.h"
#include "batch_sampler.h"
#include "cached_gradients.h"
#include "embedder.h"
#include "retrieval.h"
#include "run_config.h"
#include "run_rules.h"
#include "weights.h"

namespace isolens {
namespace {

double now_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string with_step(int64_t step) { return " at step " + std::to_string(step); }

class Trainer {
 public:
  Trainer(RunConfig config, const TrainHooks& hooks) : config_(std::move(config)), hooks_(hooks), pool_(config_.threads), store_(make_parameter_store()) {}

  Status open();
  Status run();
  Json summary() const;

 private:
  struct StepResult {
    double loss = 0;
    std::vector<double> metrics;
    float gradient_norm = 0;
  };

  Status open_device_of_run();
  Status open_program();
  Status open_weights();
  Status step(Prefetcher& prefetcher, StepResult& result);
  Status part(Prefetcher& prefetcher, uint64_t index, double share, StepResult& result);
  Status read_loss(double share, StepResult& result);
  Status finish_step(StepResult& result);
  Status catch_up();
  bool on_device() const { return device_.backend != nullptr; }
  Program& loss_program() { return chunks_ != nullptr ? chunks_->head() : *program_; }
  int64_t batches_of_step() const { return config_.accumulate * (config_.chunk.rows > 0 ? CachedGradients::batches_of_step(config_) : 1); }
  Expected<float> scalar(const std::string& name);
  Status report_step(const StepResult& result);
  Status validate();
  Status save();
  Status diverged(const std::string& what) const;
  bool cancelled() const { return hooks_.cancelled != nullptr && hooks_.cancelled->load(); }
  void emit(Json event) const {
    if (hooks_.event) hooks_.event(event);
  }
  void warn(const std::string& message) const { emit(Json::object({{"event", "warning"}, {"message", message}})); }

  const RunConfig config_;
  const TrainHooks& hooks_;
  ThreadPool pool_;
  DeviceChoice device_;
  std::unique_ptr<ParameterStore> store_;
  std::shared_ptr<const Dataset> data_;
  std::unique_ptr<Batcher> batcher_;
  std::unique_ptr<Program> program_;  // of the whole batch, or
  std::unique_ptr<CachedGradients> chunks_;
  std::unique_ptr<Embedder> validation_;
  RunRules rules_;
  CheckpointFacts facts_;  // facts_.step: completed steps
  bool resumed_ = false;
  int64_t saved_step_ = -1;
  float last_norm_ = 0;
  double started_ = 0, window_started_ = 0, window_waited_ = 0, window_loss_ = 0, last_loss_ = 0;
  std::vector<double> window_metrics_;
  int64_t window_steps_ = 0;
};

Status Trainer::open() {
  started_ = now_seconds();
  Expected<std::shared_ptr<const Dataset>> data = Dataset::open(config_.train);
  if (!data) return data.status();
  data_ = *data;
  if (data_->rows() < config_.batch) {
    return {Code::kDatasetInvalid, "Expected at least " + std::to_string(config_.batch) + " rows for one batch but received " + std::to_string(data_->rows()) + ". Add data or make the batch smaller."};
  }
  ISOLENS_TRY(open_device_of_run());
  ISOLENS_TRY(open_program());
  ISOLENS_TRY(rules_.open(config_, data_->rows()));
  ISOLENS_TRY(open_weights());
  if (config_.retrieval.every > 0) {
    Expected<std::shared_ptr<const Dataset>> validation = Dataset::open({config_.validation});
    if (!validation) return validation.status();
    EmbedderOptions options{config_.chunk.rows > 0 ? std::min(config_.chunk.rows, config_.batch) : config_.batch, config_.precision, config_.seed, config_.feed_threads, device_.backend};
    Expected<std::unique_ptr<Embedder>> embedder =
        Embedder::make(config_.graph, config_.feeds, {config_.retrieval.query, config_.retrieval.gallery}, *validation, options, *store_, pool_);
    if (!embedder) return embedder.status();
    validation_ = std::move(*embedder);
  }
  int64_t parameters = 0;
  for (const Parameter& parameter : store_->all()) parameters += parameter.trainable ? static_cast<int64_t>(parameter.value.size()) : 0;
  emit(Json::object({{"event", "start"},
                     {"step", facts_.step},
                     {"steps", config_.steps},
                     {"rows", data_->rows()},
                     {"parameters", parameters},
                     {"threads", config_.threads},
                     {"device", on_device() ? device_.backend->description() : "cpu"},
                     {"memoryBytes", static_cast<uint64_t>(chunks_ != nullptr ? chunks_->memory_bytes() : program_->memory_bytes())},
                     {"resumed", resumed_}}));
  return Status::ok();
}

Status Trainer::open_device_of_run() {
  Expected<DeviceChoice> device = open_device(config_.device);
  if (!device) return device.status();
  device_ = std::move(*device);
  if (!device_.notice.empty()) warn(device_.notice);
  return Status::ok();
}

Status Trainer::open_program() {
  Expected<GraphInputs> inputs = read_graph_inputs(config_.graph);
  if (!inputs) return inputs.status();
  Expected<std::unique_ptr<Batcher>> batcher = Batcher::make(config_.feeds, *inputs, data_, config_.seed);
  if (!batcher) return batcher.status();
  batcher_ = std::move(*batcher);
  if (config_.chunk.rows > 0) {
    Expected<std::unique_ptr<CachedGradients>> chunks = CachedGradients::make(config_, *batcher_, device_.backend, *store_, pool_);
    if (!chunks) return chunks.status();
    chunks_ = std::move(*chunks);
    return Status::ok();
  }
  Expected<std::map<std::string, int64_t>> capacity = batcher_->capacity(config_.batch);
  if (!capacity) return capacity.status();
  ProgramOptions options;
  options.training = true;
  options.capacity = *capacity;
  options.seed = config_.seed;
  options.precision = config_.precision;
  options.backend = device_.backend;
  options.loss = config_.loss;
  Expected<std::unique_ptr<Program>> program = make_program(config_.graph.dump(), options, *store_, pool_);
  if (!program) return program.status();
  program_ = std::move(*program);
  return Status::ok();
}

Status Trainer::open_weights() {
  facts_.seed = config_.seed;
  facts_.config_digest = config_.digest;
  ISOLENS_TRY(digest_of_data(config_, *data_, &facts_.data_digest));
  if (config_.resume && ::access(config_.checkpoint.c_str(), F_OK) == 0) {
    std::string doubt;
    Expected<CheckpointFacts> facts = load_checkpoint_of(facts_, config_.checkpoint, *store_, &doubt);
    if (!facts) return facts.status();
    if (!doubt.empty()) warn(doubt);
    facts_.step = facts->step;
    facts_.best_metric = facts->best_metric;
    facts_.best_step = facts->best_step;
    saved_step_ = facts_.step;
    resumed_ = true;
    return Status::ok();
  }
  if (config_.initial.empty()) return Status::ok();
  std::vector<std::string> absent;
  ISOLENS_TRY(load_weights(config_.initial, *store_, &absent));
  const bool meant_for_frozen = all_trained_absent(*store_, absent);  // teachers' weights: that the others start fresh is no news
  absent = rules_.copy_absent(absent, *store_);
  if (absent.empty() || meant_for_frozen) return Status::ok();
  warn("The weights in " + config_.initial + " lack " + std::to_string(absent.size()) + " parameters, which start fresh: " + first_names(absent) + ".");
  return Status::ok();
}

Status Trainer::run() {
  Expected<BatchSampler> sampler = open_sampler(config_, *data_);
  if (!sampler) return sampler.status();
  const int64_t each = batches_of_step(), of_part = each / config_.accumulate;
  Prefetcher prefetcher(*batcher_, config_.feed_threads, facts_.step * each, config_.steps * each, [&](int64_t index) {
    const std::vector<RowVisit> batch = (*sampler)(index / of_part);
    return chunks_ == nullptr ? batch : CachedGradients::chunk_of(config_, batch, index % of_part);
  });
  window_metrics_.assign(config_.metrics.size(), 0.0);
  window_started_ = now_seconds();
  // The run may have been cancelled within this validation; where it was not, the best stays as it is.
  if (resumed_ && validation_ != nullptr && facts_.step > 0 && facts_.step % config_.retrieval.every == 0) ISOLENS_TRY(validate());
  while (facts_.step < config_.steps) {
    if (cancelled()) {
      ISOLENS_TRY(save());
      return {Code::kCancelled, "Training was cancelled" + with_step(facts_.step) + (config_.checkpoint.empty() ? "." : "; resume it from " + config_.checkpoint + ".")};
    }
    StepResult result;
    ISOLENS_TRY(step(prefetcher, result));
    ISOLENS_TRY(report_step(result));
    const bool last = facts_.step == config_.steps;
    if (validation_ != nullptr && (last || facts_.step % config_.retrieval.every == 0)) {
      const Status validated = validate();
      // Cancelled within validation: the step is complete, the checkpoint is written above.
      if (!validated.is_ok() && validated.code() != Code::kCancelled) return validated;
    }
    if (last || (config_.checkpoint_every > 0 && facts_.step % config_.checkpoint_every == 0)) ISOLENS_TRY(save());
  }
  if (validation_ == nullptr && !config_.best.empty()) ISOLENS_TRY(save_weights(config_.best, *store_, facts_));
  return Status::ok();
}

Expected<float> Trainer::scalar(const std::string& name) {
  Expected<TensorView> value = loss_program().value(name);
  if (!value) return value.status();
  if (value->dtype != DType::kF32 || value->count() != 1) return Status(Code::kArgumentInvalid, "Expected value " + name + " to be one number.");
  return value->f32()[0];
}

Status Trainer::read_loss(double share, StepResult& result) {
  if (on_device()) {  // read when somebody wants to know, in catch_up()
    std::vector<std::string> scalars = {config_.loss};
    scalars.insert(scalars.end(), config_.metrics.begin(), config_.metrics.end());
    return loss_program().record(scalars, static_cast<float>(share));
  }
  Expected<float> loss = scalar(config_.loss);
  if (!loss) return loss.status();
  if (!std::isfinite(*loss)) return diverged("the loss");
  result.loss += static_cast<double>(*loss) * share;
  for (size_t i = 0; i < config_.metrics.size(); i++) {
    Expected<float> metric = scalar(config_.metrics[i]);
    if (!metric) return metric.status();
    result.metrics[i] += static_cast<double>(*metric) * share;
  }
  return Status::ok();
}

// One batch, the index-th of the run: adds its share to the gradients and to the result.
Status Trainer::part(Prefetcher& prefetcher, uint64_t index, double share, StepResult& result) {
  const auto next = [&] {
    const double asked = now_seconds();
    Expected<const PreparedBatch*> batch = prefetcher.next();
    window_waited_ += now_seconds() - asked;
    return batch;
  };
  if (chunks_ != nullptr) return chunks_->run(next, index, static_cast<float>(share), [&] { return read_loss(share, result); });
  Expected<const PreparedBatch*> batch = next();
  if (!batch) return batch.status();
  ISOLENS_TRY(batcher_->load(**batch, *program_));
  ISOLENS_TRY(program_->forward(true, index));
  ISOLENS_TRY(read_loss(share, result));
  return program_->backward(static_cast<float>(share));
}

Status Trainer::step(Prefetcher& prefetcher, StepResult& result) {
  store_->zero_grad();
  result.metrics.assign(config_.metrics.size(), 0.0);
  for (int64_t i = 0; i < config_.accumulate; i++) {
    ISOLENS_TRY(part(prefetcher, static_cast<uint64_t>(facts_.step * config_.accumulate + i), 1.0 / static_cast<double>(config_.accumulate), result));
  }
  ISOLENS_TRY(finish_step(result));
  facts_.step++;
  return Status::ok();
}

Status Trainer::finish_step(StepResult& result) {
  AdamWOptions options = config_.optimizer;
  options.learning_rate = config_.learning_rate(facts_.step);
  const int64_t step = facts_.step + 1;
  if (on_device()) {
    ISOLENS_TRY(store_->mirror()->step(options, step));
  } else {
    result.gradient_norm = adamw_step(*store_, options, step, pool_);
    if (!std::isfinite(result.gradient_norm)) return diverged("the gradient");
  }
  return rules_.apply(step, loss_program(), *store_);
}

// What a device has done since the last time, good or bad. Whatever is written or shown comes after it.
Status Trainer::catch_up() {
  if (!on_device() || store_->mirror() == nullptr) return Status::ok();
  Expected<StepNumbers> numbers = store_->mirror()->take();
  if (!numbers) return numbers.status();
  // Data that a kernel refused is known where values are read.
  if (numbers->steps > 0) {
    Expected<float> loss = scalar(config_.loss);
    if (!loss) return loss.status();
  }
  if (numbers->bad_step >= 0) {
    facts_.step = numbers->bad_step - 1;
    return diverged(numbers->bad_loss ? "the loss" : "the gradient");
  }
  if (numbers->steps == 0) return Status::ok();
  last_loss_ = numbers->last[0];
  last_norm_ = numbers->gradient_norm;
  window_loss_ += numbers->sums[0];
  for (size_t i = 0; i < config_.metrics.size(); i++) window_metrics_[i] += numbers->sums[i + 1];
  window_steps_ += numbers->steps;
  return Status::ok();
}

Status Trainer::diverged(const std::string& what) const {
  std::string advice = " Lower the learning rate, lengthen the warm-up or clip the gradient norm";
  if (saved_step_ >= 0) advice += ", and resume from " + config_.checkpoint + " (step " + std::to_string(saved_step_) + ")";
  return {Code::kTrainingDiverged, "Expected finite values but " + what + " is not" + with_step(facts_.step + 1) + "." + advice + "."};
}

Status Trainer::report_step(const StepResult& result) {
  const bool due = facts_.step % config_.log_every == 0 || facts_.step == config_.steps;
  if (!on_device()) {
    last_loss_ = result.loss;
    last_norm_ = result.gradient_norm;
    window_loss_ += result.loss;
    for (size_t i = 0; i < result.metrics.size(); i++) window_metrics_[i] += result.metrics[i];
    window_steps_++;
  }
  if (!due) return Status::ok();
  ISOLENS_TRY(catch_up());
  const double seconds = std::max(1e-9, now_seconds() - window_started_), steps = static_cast<double>(window_steps_);
  const int64_t samples = config_.batch * config_.accumulate;
  Json metrics = Json::object();
  for (size_t i = 0; i < config_.metrics.size(); i++) metrics.set(config_.metrics[i], window_metrics_[i] / steps);
  emit(Json::object({{"event", "step"},
                     {"step", facts_.step},
                     {"loss", last_loss_},
                     {"meanLoss", window_loss_ / steps},
                     {"metrics", std::move(metrics)},
                     {"learningRate", config_.learning_rate(facts_.step - 1)},
                     {"gradientNorm", last_norm_},
                     {"samplesPerSecond", steps * static_cast<double>(samples) / seconds},
                     {"waitShare", window_waited_ / seconds},
                     {"seen", facts_.step * samples}}));
  window_started_ = now_seconds();
  window_waited_ = window_loss_ = 0;
  window_steps_ = 0;
  window_metrics_.assign(config_.metrics.size(), 0.0);
  return Status::ok();
}

Status Trainer::validate() {
  ISOLENS_TRY(catch_up());
  const double began = now_seconds();
  const int64_t rows = std::min(config_.retrieval.rows, validation_->rows());
  std::vector<EmbeddedOutput> out;
  ISOLENS_TRY(validation_->run(rows, out, hooks_.cancelled));
  if (out[0].width != out[1].width) return {Code::kArgumentInvalid, "Expected the query and gallery of \"retrieval\" to have the same width."};
  const RetrievalResult result = score_retrieval(pool_, out[0].data.data(), out[1].data.data(), rows, out[0].width);
  if (result.forward.mrr > facts_.best_metric) {
    facts_.best_metric = result.forward.mrr;
    facts_.best_step = facts_.step;
    if (!config_.best.empty()) ISOLENS_TRY(save_weights(config_.best, *store_, facts_));
  }
  Json event = Json::object({{"event", "validation"}, {"step", facts_.step}});
  const Json scores = result.forward.json();
  for (const auto& [key, value] : scores.members()) event.set(key, value);
  event.set("reverse", result.reverse.json()).set("alignment", result.alignment).set("uniformity", result.uniformity).set("rows", rows);
  emit(std::move(event));
  // The time of validation is no part of the training rate.
  window_started_ += now_seconds() - began;
  return Status::ok();
}

Status Trainer::save() {
  if (config_.checkpoint.empty() || saved_step_ == facts_.step) return Status::ok();
  ISOLENS_TRY(catch_up());
  const double began = now_seconds();
  ISOLENS_TRY(save_checkpoint(config_.checkpoint, *store_, facts_));
  saved_step_ = facts_.step;
  emit(Json::object({{"event", "checkpoint"}, {"step", facts_.step}, {"path", config_.checkpoint}}));
  window_started_ += now_seconds() - began;
  return Status::ok();
}

Json Trainer::summary() const {
  Json summary = Json::object({{"step", facts_.step},
                               {"seen", facts_.step * config_.batch * config_.accumulate},
                               {"loss", last_loss_},
                               {"seconds", now_seconds() - started_}});
  if (facts_.best_metric >= 0) summary.set("best", Json::object({{"step", facts_.best_step}, {"mrr", facts_.best_metric}}));
  return summary;
}

}  // namespace

Expected<Json> run_training(const Json& json, const TrainHooks& hooks) {
  try {
    Expected<RunConfig> config = parse_run_config(json);
    if (!config) return config.status();
    Trainer trainer(std::move(*config), hooks);
    ISOLENS_TRY(trainer.open());
    ISOLENS_TRY(trainer.run());
    Json summary = trainer.summary();
    Json event = Json::object({{"event", "done"}});
    for (const auto& [key, value] : summary.members()) event.set(key, value);
    if (hooks.event) hooks.event(event);
    return summary;
  } catch (const std::bad_alloc&) {
    return Status(Code::kNativeFailed, "Expected memory for the run but there is none left. Make the batch smaller.");
  }
}

}  // namespace isolens
