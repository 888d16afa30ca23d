// Gradient caching (Gao et al. 2021, arXiv:2101.06983): the exact gradient of a loss over a large batch with the activations of a
// small one. Every chunk of the batch is embedded and forgotten; the loss and its gradients are taken over all embeddings; every
// chunk is embedded once more, with the same augmentation and dropout, and takes its rows of the gradient back through the towers.
//
// Batch normalisation sees a chunk, not the batch, and its running statistics see every chunk twice.
#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "../feeds/batcher.h"
#include "run_config.h"

namespace isolens {

class CachedGradients {
 public:
  // Programs for chunks and for the loss; parameters are those of the store.
  static Expected<std::unique_ptr<CachedGradients>> make(const RunConfig& config, const Batcher& batcher, const std::shared_ptr<Backend>& backend, ParameterStore& store,
                                                         ThreadPool& pool);

  // Batches that one step takes from the prefetcher: every chunk twice.
  static int64_t batches_of_step(const RunConfig& config);
  // Of the batch that the whole step sees, the rows of the index-th of them.
  static std::vector<RowVisit> chunk_of(const RunConfig& config, const std::vector<RowVisit>& batch, int64_t index);

  // Forward and backward over one batch; gradients are added to the store's. next() gives its chunks in order; seed is that of
  // dropout, and no other batch has it.
  Status run(const std::function<Expected<const PreparedBatch*>()>& next, uint64_t seed, float share, const std::function<Status()>& after_loss);

  // Holds the loss and the metrics after run().
  Program& head() { return *head_; }
  size_t memory_bytes() const { return towers_->memory_bytes() + head_->memory_bytes(); }

 private:
  explicit CachedGradients(const RunConfig& config, const Batcher& batcher) : config_(config), batcher_(batcher) {}
  Status embed(const PreparedBatch& chunk, uint64_t seed);
  Status copy_rows(Program& from, const std::string& source, bool gradient, int64_t from_row, Program& to, const std::string& target, int64_t to_row, int64_t rows) const;

  const RunConfig& config_;
  const Batcher& batcher_;
  std::set<std::string> tower_inputs_, head_inputs_;  // that feeds fill
  std::unique_ptr<Program> towers_, head_;
};

}  // namespace isolens
