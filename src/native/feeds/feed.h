// A feed turns rows of data files into graph inputs. Adding a kind: one file here and one line in index.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/json.h"
#include "../core/program.h"
#include "../core/rng.h"
#include "dataset.h"

namespace isolens {

// One row, looked at once. Random choices come from (seed, stream) alone, never from the order of work.
struct Visit {
  int64_t row = 0;
  uint64_t seed = 0;
  uint64_t stream = 0;  // of the row, the epoch and the feed
  bool training = true;
  int32_t label = 0;
  uint64_t shared_stream = 0;  // of the row and the epoch: what all feeds draw alike
};

// What a graph declares of one input; -1 where a symbol stands.
struct DeclaredInput {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
};

// One graph input of the batch being prepared; `f32` or `i32` is used as the dtype says.
struct PreparedInput {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<float> f32;
  std::vector<int32_t> i32;

  void resize(std::vector<int64_t> to) {
    shape = std::move(to);
    int64_t count = 1;
    for (const int64_t d : shape) count *= d;
    if (dtype == DType::kF32) {
      f32.resize(static_cast<size_t>(count));
    } else {
      i32.resize(static_cast<size_t>(count));
    }
  }
};

struct FeedBatch {
  std::vector<PreparedInput> inputs;  // in the order of the kind's roles
  std::vector<int64_t> starts;        // for feeds whose items differ in size
};

class Feed {
 public:
  virtual ~Feed() = default;
  // Shapes of the inputs for the largest batch of `rows` different rows.
  virtual std::vector<std::vector<int64_t>> largest(int64_t rows) const = 0;
  // Sizes every input of the batch; called once, before fill().
  virtual void plan(const std::vector<Visit>& visits, FeedBatch& batch) const = 0;
  // Writes item `item` of the batch and nothing else; called from several threads.
  virtual Status fill(const std::vector<Visit>& visits, int64_t item, FeedBatch& batch) const = 0;
};

// {"kind","column","inputs":{role:name},"options":{...}} of the run configuration.
struct FeedSpec {
  std::string kind, column;
  std::vector<DeclaredInput> inputs;  // in the order of the kind's roles; no name: the graph does without
  Json options;
};

struct FeedRole {
  const char* name;
  const char* dtype;      // "f32", "i32" or "any"
  bool optional = false;  // the graph may do without
};

struct FeedKind {
  const char* id;
  std::vector<FeedRole> roles;
  std::vector<const char*> options;
  Expected<std::unique_ptr<Feed>> (*make)(const FeedSpec& spec, std::shared_ptr<const Dataset> data);
};

const std::vector<FeedKind>& feed_kinds();

// Reads and checks one entry of "feeds" against the inputs that the graph declares.
Expected<FeedSpec> parse_feed(const Json& entry, const std::vector<DeclaredInput>& graph_inputs);
Expected<std::unique_ptr<Feed>> make_feed(const FeedSpec& spec, std::shared_ptr<const Dataset> data);

// Kinds, one file each.
FeedKind drawing_feed();
FeedKind sparse_feed();
FeedKind graph_feed();
FeedKind dense_feed();
FeedKind group_feed();
FeedKind label_feed();
FeedKind reading_feed();
FeedKind row_feed();
FeedKind smiles_feed();
FeedKind cells_feed();

// Well-mixed stream number of several counters (splitmix64's finaliser).
inline uint64_t mix_stream(uint64_t a, uint64_t b) {
  uint64_t z = a * 0x9e3779b97f4a7c15ull + b + 0x632be59bd9b4e019ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

}  // namespace isolens
