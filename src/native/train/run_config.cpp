#include "run_config.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../core/safetensors.h"

namespace isolens {
namespace {

bool has_text(const std::vector<std::string>& list, const std::string& text) { return std::find(list.begin(), list.end(), text) != list.end(); }

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Status read_schedule(const Json& json, RunConfig& out) {
  SettingsReader reader(json, "schedule");
  out.steps = reader.integer("steps", -1, 1);
  out.warmup_steps = reader.integer("warmupSteps", 0, 0);
  out.final_fraction = reader.number("finalFraction", 0, 0, 1);
  return reader.finish();
}

Status read_data(const Json& json, RunConfig& out) {
  SettingsReader reader(json, "data");
  out.train = reader.texts("train", true);
  out.validation = reader.text("validation", "");
  return reader.finish();
}

Status read_retrieval(const Json& json, RetrievalConfig& out) {
  SettingsReader reader(json, "retrieval");
  out.query = reader.text("query");
  out.gallery = reader.text("gallery");
  out.every = reader.integer("every", -1, 1);
  out.rows = reader.integer("rows", 2000, 2, 100000);
  return reader.finish();
}

Status read_neighbours(const Json& json, NeighbourConfig& out) {
  SettingsReader reader(json, "neighbours");
  out.column = reader.text("column");
  out.group = reader.integer("group", 1, 1, 4096);
  return reader.finish();
}

Status read_measurements(const Json& json, MeasurementConfig& out) {
  SettingsReader reader(json, "measurements");
  out.path = reader.text("path");
  out.per_assay = reader.integer("perAssay", 32, 2, 4096);
  out.actives = reader.integer("actives", out.per_assay / 2, 2, out.per_assay);
  return reader.finish();
}

Status read_checkpoint(const Json& json, RunConfig& out) {
  SettingsReader reader(json, "checkpoint");
  out.checkpoint = reader.text("path");
  out.checkpoint_every = reader.integer("every", 0, 0);
  out.best = reader.text("best", "");
  return reader.finish();
}

Status read_chunk(const Json& json, ChunkConfig& out) {
  SettingsReader reader(json, "chunk");
  out.rows = reader.integer("rows", -1, 1, 1 << 20);
  out.towers = reader.any("towers");
  out.head = reader.any("head");
  out.surrogate = reader.text("surrogate");
  const Json& values = reader.any("values");
  ISOLENS_TRY(reader.finish());
  for (const Json& entry : values.items()) {
    SettingsReader value(entry, "chunk.values");
    out.values.push_back({value.text("value"), value.text("gradient")});
    ISOLENS_TRY(value.finish());
  }
  return Status::ok();
}

// Everything that decides the losses; paths, threads and intervals of reports do not count.
std::string digest_of(const Json& json) {
  std::string text;
  for (const char* key : {"graph", "loss", "feeds", "symbols", "accumulate", "optimizer", "schedule", "precision", "seed"}) text += json[key].dump();
  for (const char* key : {"chunk", "neighbours", "measurements"}) {
    if (!json[key].is_null()) text += json[key].dump();
  }
  return digest_text(text);
}

}  // namespace

std::string digest_text(const std::string& text) {
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(digest64(text.data(), text.size(), 0)));
  return digest;
}

Status parse_optimizer(const Json& json, AdamWOptions& out) {
  SettingsReader reader(json, "optimizer");
  out.learning_rate = static_cast<float>(reader.number("learningRate", -1, 0, 1e3));
  out.beta1 = static_cast<float>(reader.number("beta1", 0.9, 0, 0.99999));
  out.beta2 = static_cast<float>(reader.number("beta2", 0.999, 0, 0.9999999));
  out.epsilon = static_cast<float>(reader.number("epsilon", 1e-8, 1e-16, 1));
  out.weight_decay = static_cast<float>(reader.number("weightDecay", 0.01, 0, 100));
  out.clip_norm = static_cast<float>(reader.number("clipNorm", 0, 0));
  return reader.finish();
}

bool SettingsReader::has(const char* key) { return !any(key).is_null(); }

const Json& SettingsReader::any(const char* key) {
  seen_.emplace_back(key);
  return object_[key];
}

void SettingsReader::refuse(const char* key, const std::string& expected) {
  if (!status_.is_ok()) return;
  std::string received = object_[key].is_null() ? "nothing" : object_[key].dump();
  if (received.size() > 60) received = received.substr(0, 60) + "...";
  const std::string name = place_.empty() ? key : place_ + "." + key;
  status_ = Status(Code::kArgumentInvalid, "Expected " + expected + " for \"" + name + "\" but received " + received + ".");
}

std::string SettingsReader::text(const char* key, const char* fallback) {
  const Json& value = any(key);
  if (value.is_string() && !value.as_string().empty()) return value.as_string();
  if (value.is_null() && fallback != nullptr) return fallback;
  refuse(key, "text");
  return "";
}

std::vector<std::string> SettingsReader::texts(const char* key, bool required) {
  std::vector<std::string> list;
  const Json& value = any(key);
  for (const Json& item : value.items()) {
    if (item.as_string().empty()) refuse(key, "a list of text");
    list.push_back(item.as_string());
  }
  if ((required && list.empty()) || !(value.is_array() || value.is_null())) refuse(key, "a list of text");
  return list;
}

int64_t SettingsReader::integer(const char* key, int64_t fallback, int64_t low, int64_t high) {
  const Json& value = any(key);
  const int64_t number = value.is_null() ? fallback : value.is_integer() ? value.as_integer() : low - 1;
  if (number < low || number > high) refuse(key, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return number;
}

double SettingsReader::number(const char* key, double fallback, double low, double high) {
  const Json& value = any(key);
  const double number = value.is_null() ? fallback : value.is_number() ? value.as_number() : std::nan("");
  if (!(number >= low && number <= high)) refuse(key, "a number of at least " + number_text(low) + (high < 1e300 ? " and at most " + number_text(high) : ""));
  return number;
}

bool SettingsReader::flag(const char* key, bool fallback) {
  const Json& value = any(key);
  if (!value.is_null() && !value.is_bool()) refuse(key, "true or false");
  return value.as_bool(fallback);
}

Status SettingsReader::finish() {
  if (!status_.is_ok()) return status_;
  const std::string where = place_.empty() ? "the configuration" : "\"" + place_ + "\"";
  if (!object_.is_object()) return {Code::kArgumentInvalid, "Expected " + where + " to be an object but received " + object_.dump().substr(0, 60) + "."};
  for (const auto& [key, value] : object_.members()) {
    if (!has_text(seen_, key)) return {Code::kArgumentInvalid, "Expected the known settings of " + where + " but received \"" + key + "\". Check its spelling or remove it."};
  }
  return Status::ok();
}

Expected<Precision> parse_precision(const std::string& name) {
  if (name == "f32" || name.empty()) return Precision::kF32;
  if (name == "bf16") return Precision::kBf16;
  return Status(Code::kArgumentInvalid, "Expected f32 or bf16 for \"precision\" but received \"" + name + "\".");
}

int resolve_threads(int64_t threads) {
  if (threads > 0) return static_cast<int>(std::min<int64_t>(threads, 256));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

float RunConfig::learning_rate(int64_t step) const {
  const double base = static_cast<double>(optimizer.learning_rate);
  if (step < warmup_steps) return static_cast<float>(base * static_cast<double>(step + 1) / static_cast<double>(warmup_steps));
  const double length = static_cast<double>(std::max<int64_t>(1, steps - warmup_steps));
  const double progress = std::min(1.0, static_cast<double>(step - warmup_steps) / length);
  const double cosine = 0.5 * (1.0 + std::cos(3.14159265358979323846 * progress));
  return static_cast<float>(base * (final_fraction + (1.0 - final_fraction) * cosine));
}

Expected<RunConfig> parse_run_config(const Json& json) {
  RunConfig config;
  SettingsReader reader(json, "");
  config.graph = reader.any("graph");
  config.feeds = reader.any("feeds");
  config.loss = reader.text("loss");
  config.metrics = reader.texts("metrics", false);
  config.accumulate = reader.integer("accumulate", 1, 1, 1 << 20);
  config.threads = resolve_threads(reader.integer("threads", 0, 0, 256));
  config.feed_threads = static_cast<int>(reader.integer("feedThreads", std::max(1, config.threads / 8), 1, 256));
  config.seed = static_cast<uint64_t>(reader.integer("seed", 0, 0, (int64_t{1} << 53) - 1));
  config.log_every = reader.integer("logEvery", 20, 1);
  config.resume = reader.flag("resume", false);
  config.initial = reader.text("initial", "");
  config.device = reader.text("device", "cpu");
  const Expected<Precision> precision = parse_precision(reader.text("precision", "f32"));
  const Json &symbols = reader.any("symbols"), &data = reader.any("data"), &optimizer = reader.any("optimizer");
  const Json& schedule = reader.any("schedule");
  const Json& retrieval = reader.has("retrieval") ? json["retrieval"] : json["-"];
  const Json& neighbours = reader.has("neighbours") ? json["neighbours"] : json["-"];
  const Json& measurements = reader.has("measurements") ? json["measurements"] : json["-"];
  const Json& chunk = reader.has("chunk") ? json["chunk"] : json["-"];
  const Json& checkpoint = reader.has("checkpoint") ? json["checkpoint"] : json["-"];
  ISOLENS_TRY(reader.finish());
  if (!precision) return precision.status();
  config.precision = *precision;
  if (!config.graph.is_object()) return Status(Code::kArgumentInvalid, "Expected \"graph\" to be a graph but received " + config.graph.dump().substr(0, 60) + ".");
  config.batch = symbols["N"].as_integer(0);
  if (config.batch < 1 || config.batch > (1 << 20)) return Status(Code::kArgumentInvalid, "Expected \"symbols\" to give the batch size N as a whole number of at least 1.");
  ISOLENS_TRY(read_data(data, config));
  ISOLENS_TRY(parse_optimizer(optimizer, config.optimizer));
  ISOLENS_TRY(read_schedule(schedule, config));
  if (!retrieval.is_null()) {
    ISOLENS_TRY(read_retrieval(retrieval, config.retrieval));
    if (config.validation.empty()) config.retrieval.every = 0;
  }
  if (!neighbours.is_null()) ISOLENS_TRY(read_neighbours(neighbours, config.neighbours));
  if (!measurements.is_null()) ISOLENS_TRY(read_measurements(measurements, config.measurements));
  if (!chunk.is_null()) ISOLENS_TRY(read_chunk(chunk, config.chunk));
  if (!checkpoint.is_null()) ISOLENS_TRY(read_checkpoint(checkpoint, config));
  if (config.resume && config.checkpoint.empty()) return Status(Code::kArgumentInvalid, "Expected \"checkpoint.path\" to resume from but received none.");
  config.digest = digest_of(json);
  return config;
}

}  // namespace isolens
