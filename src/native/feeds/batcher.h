// All feeds of a run: prepares whole batches, on a thread of its own ahead of the step that uses them.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "feed.h"

namespace isolens {

// A graph input as declared: dims are sizes or symbols.
struct GraphInputs {
  std::vector<DeclaredInput> declared;
  std::vector<std::vector<std::string>> symbols;  // "" where the size is fixed
};
// Reads "inputs" of a graph; what else the graph holds is checked by make_program().
Expected<GraphInputs> read_graph_inputs(const Json& graph);

// Which row, and which draw of its random choices.
struct RowVisit {
  int64_t row = 0;
  uint64_t epoch = 0;
  bool training = true;
  int32_t label = 0;  // of a measurement; 0 where rows are drawn without one
};

struct PreparedBatch {
  std::map<std::string, int64_t> sizes;  // of the symbols
  std::vector<FeedBatch> feeds;
  std::vector<RowVisit> visits;
};

class Batcher {
 public:
  static Expected<std::unique_ptr<Batcher>> make(const Json& feeds, const GraphInputs& inputs, std::shared_ptr<const Dataset> data, uint64_t seed);

  int64_t rows() const { return data_->rows(); }
  // Largest size of every symbol that a batch of `rows` rows can need.
  Expected<std::map<std::string, int64_t>> capacity(int64_t rows) const;
  // batch.visits in, everything else out; memory of an earlier batch is used again.
  Status prepare(PreparedBatch& batch, ThreadPool& pool) const;
  // Binds the program to the batch and copies its inputs.
  Status load(const PreparedBatch& batch, Program& program) const;
  // Copies the inputs that `names` holds into a bound program, the batch's first row to `row`.
  Status copy(const PreparedBatch& batch, const std::set<std::string>& names, int64_t row, Program& program) const;

 private:
  struct Part {
    FeedSpec spec;
    std::vector<std::vector<std::string>> symbols;  // of each input
    std::unique_ptr<Feed> feed;
  };
  static Status copy_input(const PreparedInput& from, const std::string& name, int64_t row, bool whole, Program& program);
  Status bind(const Part& part, size_t input, const std::vector<int64_t>& shape, std::map<std::string, int64_t>& sizes) const;

  std::shared_ptr<const Dataset> data_;
  uint64_t seed_ = 0;
  std::vector<Part> parts_;
};

// Prepares batch i + 1 while batch i is in use.
class Prefetcher {
 public:
  // visits(i): the rows of batch i, first <= i < end; called on the prefetching thread.
  Prefetcher(const Batcher& batcher, int threads, int64_t first, int64_t end, std::function<std::vector<RowVisit>(int64_t)> visits);
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  // The next batch; valid until the next call. nullptr after the last.
  Expected<const PreparedBatch*> next();

 private:
  void loop();

  struct Slot {
    PreparedBatch batch;
    Status status;
    bool ready = false;
  };
  const Batcher& batcher_;
  const int threads_;
  const int64_t first_, end_;
  const std::function<std::vector<RowVisit>(int64_t)> visits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Slot slots_[2];
  int64_t taken_;  // batches handed out so far, counted from first_
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace isolens
