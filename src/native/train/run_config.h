// The configuration of a training run, checked key by key: a misspelt or impossible setting is refused before any work.
#pragma once
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "../core/json.h"
#include "../core/program.h"

namespace isolens {

// Reads one JSON object; the first refusal is kept, keys that nobody read are refused by finish().
class SettingsReader {
 public:
  SettingsReader(const Json& object, std::string place) : object_(object), place_(std::move(place)) {}
  bool has(const char* key);
  const Json& any(const char* key);
  std::string text(const char* key, const char* fallback = nullptr);  // no fallback: required
  std::vector<std::string> texts(const char* key, bool required);
  int64_t integer(const char* key, int64_t fallback, int64_t low, int64_t high = int64_t{1} << 40);
  double number(const char* key, double fallback, double low, double high = std::numeric_limits<double>::max());
  bool flag(const char* key, bool fallback);
  Status finish();

 private:
  void refuse(const char* key, const std::string& expected);
  const Json& object_;
  std::string place_;
  std::vector<std::string> seen_;
  Status status_;
};

struct RetrievalConfig {
  std::string query, gallery;
  int64_t every = 0, rows = 0;  // every 0: none
};

// Batches of groups of alike rows; group 1: rows are drawn one by one.
struct NeighbourConfig {
  std::string column;  // sparse
  int64_t group = 1;
};

// Rows drawn for measured activities; no path: by epochs.
struct MeasurementConfig {
  std::string path;
  int64_t per_assay = 32, actives = 16;  // of one assay in a batch
};

// Gradient caching: the training graph, cut behind its embeddings (src/graph/passes/cut.ts).
struct ChunkConfig {
  struct Value {
    std::string value, gradient;
  };
  int64_t rows = 0;  // 0: the batch runs as a whole
  Json towers, head;
  std::string surrogate;
  std::vector<Value> values;
};

struct RunConfig {
  Json graph, feeds;
  std::string loss;
  std::vector<std::string> metrics, train;
  std::string validation;  // "": none
  int64_t batch = 0, accumulate = 1;
  AdamWOptions optimizer;
  int64_t steps = 0, warmup_steps = 0;
  double final_fraction = 0;
  RetrievalConfig retrieval;
  NeighbourConfig neighbours;
  MeasurementConfig measurements;
  ChunkConfig chunk;
  Precision precision = Precision::kF32;
  std::string device = "cpu";  // as open_device() reads it
  int threads = 1, feed_threads = 1;
  uint64_t seed = 0;
  int64_t log_every = 20;
  std::string checkpoint, best;  // "": none
  int64_t checkpoint_every = 0;
  bool resume = false;
  std::string initial;
  std::string digest;  // of all that decides the losses

  float learning_rate(int64_t step) const;  // step counts from 0
};

Expected<RunConfig> parse_run_config(const Json& json);
// 16 hexadecimal digits that tell one text from another.
std::string digest_text(const std::string& text);
Status parse_optimizer(const Json& json, AdamWOptions& out);
Expected<Precision> parse_precision(const std::string& name);
// 0: as many as the machine has.
int resolve_threads(int64_t threads);

}  // namespace isolens
