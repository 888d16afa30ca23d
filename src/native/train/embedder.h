// Outputs of a graph for rows of a dataset, without gradients: validation, and embeddings for use elsewhere.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../feeds/batcher.h"

namespace isolens {

// The part of a graph that `outputs` need. Of the inputs also those stay that share a feed with a needed one; feeds whose
// inputs are all gone are dropped from *feeds.
Expected<Json> prune_graph(const Json& graph, const std::vector<std::string>& outputs, Json* feeds);

struct EmbedderOptions {
  int64_t batch = 0;
  Precision precision = Precision::kF32;
  uint64_t seed = 0;
  int feed_threads = 1;
  std::shared_ptr<Backend> backend;  // null: this processor
};

struct EmbeddedOutput {
  int64_t width = 0;
  std::vector<float> data;  // (rows, width)
};

class Embedder {
 public:
  // outputs: values of shape (N, D). Parameters the store has are shared with it.
  static Expected<std::unique_ptr<Embedder>> make(const Json& graph, const Json& feeds, const std::vector<std::string>& outputs,
                                                  std::shared_ptr<const Dataset> data, const EmbedderOptions& options,
                                                  ParameterStore& store, ThreadPool& pool);

  // The first `rows` rows; kCancelled as soon as *cancelled is true (may be null). progress(done) after every batch.
  Status run(int64_t rows, std::vector<EmbeddedOutput>& out, const std::atomic<bool>* cancelled,
             const std::function<void(int64_t)>& progress = nullptr);
  int64_t rows() const { return batcher_->rows(); }

 private:
  std::vector<std::string> outputs_;
  EmbedderOptions options_;
  std::unique_ptr<Batcher> batcher_;
  std::unique_ptr<Program> program_;
};

}  // namespace isolens
