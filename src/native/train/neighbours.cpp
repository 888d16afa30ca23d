#include "neighbours.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "../core/rng.h"
#include "../feeds/feed.h"

namespace isolens {
namespace {

constexpr int kWidth = 64;  // of the random projection
constexpr int64_t kLeaf = 4;

struct Row {
  float at[kWidth];
  uint64_t features = 0;  // hash of the row's entries
};

struct SparseColumn {
  const int64_t* offsets = nullptr;  // (rows + 1)
  const uint16_t* indices = nullptr;
  const uint8_t* counts = nullptr;
};

Status open_column(const DataFile& file, const std::string& name, SparseColumn& out) {
  const Columns columns(file);
  int64_t total = 0;
  ISOLENS_TRY(columns.offsets(&out.offsets, &total, name + ".offsets"));
  const StoredTensor* tensor = nullptr;
  ISOLENS_TRY(columns.get(&tensor, name + ".indices", {Element::kU16}, {-1}));
  if (tensor->shape[0] < total) return columns.refuse("expected " + std::to_string(total) + " entries of " + name + ".indices but received " + std::to_string(tensor->shape[0]) + ".");
  out.indices = tensor->as<uint16_t>();
  ISOLENS_TRY(columns.get(&tensor, name + ".values", {Element::kU8}, {tensor->shape[0]}));
  out.counts = tensor->as<uint8_t>();
  return Status::ok();
}

// Signs of a feature in the projection are the bits of its hash.
Row project(const SparseColumn& column, int64_t row, uint64_t seed) {
  Row out{};
  for (int64_t i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
    const uint64_t bits = mix_stream(seed, column.indices[i]);
    const float weight = std::log1p(static_cast<float>(column.counts[i]));
    for (int k = 0; k < kWidth; k++) out.at[k] += ((bits >> k) & 1) != 0 ? weight : -weight;
    out.features = mix_stream(out.features ^ column.indices[i], column.counts[i]);
  }
  float norm = 0;
  for (const float x : out.at) norm += x * x;
  const float scale = norm > 0 ? 1.0f / std::sqrt(norm) : 0.0f;
  for (float& x : out.at) x *= scale;
  return out;
}

float squared_distance(const Row& a, const Row& b) {
  float sum = 0;
  for (int k = 0; k < kWidth; k++) sum += (a.at[k] - b.at[k]) * (a.at[k] - b.at[k]);
  return sum;
}

class Tree {
 public:
  Tree(const std::vector<Row>& rows, uint64_t seed) : rows_(rows), rng_(seed, 0x7e4e), place_(rows.size()) {}

  // Reorders [begin, end) so that every leaf stands together.
  void sort(int32_t* begin, int32_t* end) {
    if (end - begin <= kLeaf) return;
    const Row& anywhere = rows_[static_cast<size_t>(begin[rng_.below(static_cast<uint32_t>(end - begin))])];
    const Row one = rows_[static_cast<size_t>(farthest(begin, end, anywhere))];
    const Row other = rows_[static_cast<size_t>(farthest(begin, end, one))];
    for (const int32_t* row = begin; row < end; row++) {
      float along = 0;
      for (int k = 0; k < kWidth; k++) along += rows_[static_cast<size_t>(*row)].at[k] * (other.at[k] - one.at[k]);
      place_[static_cast<size_t>(*row)] = along;
    }
    int32_t* middle = begin + (end - begin) / 2;
    std::nth_element(begin, middle, end, [this](int32_t a, int32_t b) {
      const float x = place_[static_cast<size_t>(a)], y = place_[static_cast<size_t>(b)];
      return x != y ? x < y : a < b;
    });
    sort(begin, middle);
    sort(middle, end);
  }

 private:
  int32_t farthest(const int32_t* begin, const int32_t* end, const Row& from) const {
    int32_t found = *begin;
    float most = -1;
    for (const int32_t* row = begin; row < end; row++) {
      const float distance = squared_distance(rows_[static_cast<size_t>(*row)], from);
      if (distance > most) {
        most = distance;
        found = *row;
      }
    }
    return found;
  }

  const std::vector<Row>& rows_;
  Rng rng_;
  std::vector<float> place_;
};

}  // namespace

Expected<std::vector<int32_t>> neighbour_order(const Dataset& data, const std::string& column, uint64_t seed) {
  std::vector<SparseColumn> columns(data.files().size());
  for (size_t f = 0; f < columns.size(); f++) ISOLENS_TRY(open_column(data.files()[f], column, columns[f]));
  std::vector<Row> rows(static_cast<size_t>(data.rows()));
  std::unordered_map<uint64_t, int> seen;
  std::map<int, std::vector<int32_t>> occurrences;  // which occurrence -> rows
  for (int64_t row = 0; row < data.rows(); row++) {
    const Dataset::Place place = data.place(row);
    rows[static_cast<size_t>(row)] = project(columns[place.file], place.row, seed);
    occurrences[seen[rows[static_cast<size_t>(row)].features]++].push_back(static_cast<int32_t>(row));
  }
  Tree tree(rows, seed);
  std::vector<int32_t> order;
  order.reserve(rows.size());
  for (auto& [occurrence, list] : occurrences) {
    tree.sort(list.data(), list.data() + list.size());
    order.insert(order.end(), list.begin(), list.end());
  }
  return order;
}

}  // namespace isolens
