// A hierarchical navigable small world graph over unit vectors (Malkov and Yashunin 2018, arXiv:1603.09320), with hnswlib's choices
// (neighbour selection, levels, limits of links) and hnswlib's file.
//
// Rows are inserted in batches of a size that depends on the options alone. The rows of a batch search the graph as it stood before
// the batch, and are compared with the earlier rows of their batch one by one, so that nothing is missed; then the links back to them
// are made, target by target, in the order of rows. Every step of a batch runs on all threads and none depends on their number: the
// same rows, options and seed give the same file, however many threads there are and in whatever portions rows come. (Batches as in
// Manohar et al. 2024, ParlayANN, arXiv:2305.04359.)
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../core/status.h"
#include "../core/thread_pool.h"
#include "rows.h"

namespace isolens::ann {

struct GraphOptions {
  int64_t dimension = 0;
  int64_t m = 24;                 // links of a new row in each layer; layer 0 keeps up to 2 m, the others m
  int64_t ef_construction = 120;  // breadth of the search that finds them
  uint64_t seed = 100;            // of the rows' levels
  int threads = 1;
  // Of a graph that is opened to be searched: rows are kept in 8 bits alone, a quarter of the memory. It is searched by rough distances,
  // so whoever asks looks at all ef nodes again. To grow or to be written it reads its rows from the file again.
  bool rough = false;
};

// A node and its distance, 1 - inner product, to what was looked for.
struct Near {
  float distance;
  uint32_t node;
};
// Equal distances in the order of nodes.
inline bool operator<(const Near& a, const Near& b) { return a.distance != b.distance ? a.distance < b.distance : a.node < b.node; }

class Graph {
 public:
  static Expected<std::unique_ptr<Graph>> create(const GraphOptions& options);
  // Opens what save() or hnswlib wrote; m and efConstruction are the file's. A file that describes no such graph is refused.
  static Expected<std::unique_ptr<Graph>> open(const std::string& path, GraphOptions options);

  int64_t dimension() const { return options_.dimension; }
  int64_t count() const { return static_cast<int64_t>(labels_.size()); }

  // Appends rows. vectors: (rows, dimension), of unit length; labels: (rows), whatever search() is to return.
  Status add(const float* vectors, const int32_t* labels, int64_t rows);
  // The labels of the k nearest nodes that a search of breadth max(ef, k) meets, best first. vector: (dimension)
  void search(const float* vector, int64_t k, int64_t ef, std::vector<int32_t>& labels);
  // The row that was added as the place-th: (dimension); null where there is none, or the graph is rough.
  const float* row(int64_t place) const { return place < static_cast<int64_t>(vectors_.size()) ? vectors_.at(static_cast<size_t>(place)) : nullptr; }
  // Links what waits for its batch to fill, and writes hnswlib's file.
  Status save(const std::string& path);

 private:
  // The links of one node in one layer. `settled` leading ones stand in order of distance and have passed the selection among
  // each other; those behind were appended since. A distance that is not known is NaN.
  struct List {
    uint32_t* head;
    uint32_t* nodes;
    float* distances;
    uint32_t size() const { return *head & 0xffff; }
    uint32_t settled() const { return *head >> 16; }
    void set(uint32_t size, uint32_t settled) { *head = size | settled << 16; }
  };
  struct Candidate {
    Near near;
    bool settled;
  };
  struct Exact;
  struct Rough;
  // What one thread needs; `query` and `codes` with room to align them.
  struct Scratch {
    std::vector<uint16_t> seen;
    uint16_t mark = 0;
    std::vector<Near> pool;
    std::vector<uint32_t> fresh;
    std::vector<Candidate> candidates, chosen;
    std::vector<float> query;
    std::vector<int8_t> codes;

    // Puts a node where it belongs in the pool of the `most` nearest, behind equally near ones; returns its place, or `most` where
    // there is none for it.
    size_t offer(Near found, size_t most) {
      size_t size = pool.size(), place = 0;
      if (size == most && !(found.distance < pool[size - 1].distance)) return most;
      // Halving without a branch: which half it will be cannot be predicted.
      for (size_t length = size; length > 0;) {
        const size_t half = (length + 1) / 2;
        place += half & -static_cast<size_t>(!(found.distance < pool[place + half - 1].distance));
        length -= half;
      }
      if (size == most) pool.pop_back();
      pool.insert(pool.begin() + static_cast<std::ptrdiff_t>(place), found);
      return place;
    }
  };
  // One link back, from `target` to the new node `source`.
  struct Back {
    uint32_t target, source;
    float distance;
    uint32_t level;
  };

  explicit Graph(const GraphOptions& options);

  const float* vector(uint32_t node) const { return vectors_.at(node); }
  List list(uint32_t node, uint32_t level);
  uint32_t most_links(uint32_t level) const { return static_cast<uint32_t>(level == 0 ? 2 * options_.m : options_.m); }
  uint32_t draw_level(uint64_t node) const;
  void append_node(const float* vector, int32_t label, uint32_t level);

  // walk.h, search.cpp
  template <typename Query>
  void search_by(const Query& query, size_t breadth, Scratch& scratch);
  Rough rough_query(const float* values, Scratch& scratch) const;
  void begin_walk(Scratch& scratch) const;
  template <typename Query>
  uint32_t descend(const Query& query, int level);
  template <typename Query>
  void walk(const Query& query, uint32_t entry, uint32_t level, size_t ef, Scratch& scratch);
  void find_near(const Rough& rough, const Exact& exact, uint32_t entry, uint32_t level, Scratch& scratch);

  // select.cpp
  bool select(size_t most, Scratch& scratch) const;
  bool passes(const Candidate& candidate, const std::vector<Candidate>& chosen) const;
  void link_back(const Back& back, Scratch& scratch);

  // insert.cpp
  void make_ready();
  void append_code(const float* values);
  void link_waiting();
  void find_links(uint32_t node, Scratch& scratch);
  void keep_links(uint32_t node, uint32_t level, Scratch& scratch);
  void link_targets();
  template <typename Work>
  void in_parallel(size_t count, size_t grain, const Work& work);

  // file.cpp
  Status read(const std::string& path);
  Status restore_vectors();

  GraphOptions options_;
  std::string path_;  // of a rough graph
  size_t batch_;
  Rows<float> vectors_;  // none of them in a rough graph
  // The same rows in 8 bits, and what one step is worth: walks of insertion read these, and selection decides by exact distances.
  Rows<uint8_t> codes_;
  std::vector<float> steps_;
  Rows<uint32_t> base_links_, upper_links_;  // [size | settled << 16, nodes...]
  Rows<float> base_distances_, upper_distances_;
  std::vector<uint32_t> upper_first_;  // row of the node's list in layer 1; those of higher layers follow
  std::vector<uint8_t> levels_;
  std::vector<int32_t> labels_;
  size_t linked_ = 0;  // nodes of the graph; those behind wait for their batch to fill
  int top_level_ = -1;
  uint32_t entry_ = 0;

  std::vector<Back> backs_;
  std::vector<size_t> targets_;  // where each target's links begin in backs_
  std::vector<std::unique_ptr<Scratch>> scratches_;
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace isolens::ann
