// What the sources of the contrastive loss share.
#pragma once
#include "contrastive.h"
#include "tensor_core.h"

namespace isolens::cuda {

// Rows and columns are numbered as in the whole matrix of logits: (N, N + K), or (2N, 2N) of views.
struct LossTerms {
  LossForm form;
  bool exclude_positive;
  float smoothing;
  int pairs;
  const float* scale;
  const float* bias;
  const int32_t* label;
  int more;
  const int32_t* group;
  const int32_t* more_group;
  const float* weight;
  const float* target;
  // Of the targets; a walk over the transposed matrix exchanges the two.
  int64_t row_step, column_step;

  __host__ __device__ bool views() const { return form == LossForm::kViews; }
  __host__ __device__ bool pairwise() const { return form == LossForm::kPairwise; }
  __host__ __device__ bool both_ways() const { return form == LossForm::kSymmetric || form == LossForm::kViews; }
  __host__ __device__ int rows() const { return views() ? 2 * pairs : pairs; }
  __host__ __device__ int columns() const { return rows() + more; }
  __host__ __device__ int statistics() const { return both_ways() ? 2 * pairs : pairs; }
  __device__ int partner(int row) const { return !views() ? row : row < pairs ? row + pairs : row - pairs; }
  __device__ bool excluded(int row, int column) const { return (views() && row == column) || (exclude_positive && column == partner(row)); }
  // The target of a pair that has one.
  __device__ float target_of(int row, int column) const { return target == nullptr ? 1.0f : target[row * row_step + column * column_step]; }
  // What the positives' targets are a mean over; given targets are not.
  __device__ float targets_over(float count) const { return target == nullptr ? count : 1.0f; }
  // Of equal keys are a row and its positives; a view is none of its own.
  // Keys and groups are read for rows and for columns alike, so that a walk over the transposed matrix may exchange them.
  __device__ int row_key(int row) const { return label == nullptr ? partner(row) : label[row % pairs]; }
  __device__ int column_key(int column) const { return label == nullptr ? column : label[column % pairs]; }
  // Given targets decide instead, where there are any.
  __device__ bool positive(int row, int row_key, int column, int column_key) const {
    if (target != nullptr) return row < rows() && column < rows() && target_of(row, column) != 0;
    return row_key == column_key && row < rows() && column < rows() && !(row == column && views());
  }
  __device__ bool positive(int row, int column) const { return positive(row, row_key(row), column, column_key(column)); }
  // What is of no group gets another number on each side, so that numbers alone are compared.
  __device__ int group_of(int line, int none) const {
    const int32_t* from = line < rows() ? group : more_group;
    const int found = from == nullptr ? none : line < rows() ? from[line % pairs] : from[line - rows()];
    return found < 0 ? none : found;
  }
  __device__ int row_group(int row) const { return group_of(row, -1); }
  __device__ int column_group(int column) const { return group_of(column, -2); }
  __device__ float shift() const { return bias == nullptr ? 0.0f : *bias; }
};

inline LossTerms terms_of(const ContrastiveProblem& p) {
  return {p.form, p.exclude_positive, p.smoothing, static_cast<int>(p.pairs), p.scale, p.bias, p.label,
          static_cast<int>(p.more), p.group, p.more_group, p.weight, p.target, p.pairs, 1};
}
// The same for a walk whose rows are the matrix's columns.
inline LossTerms transposed(LossTerms terms) {
  const int64_t step = terms.row_step;
  terms.row_step = terms.column_step, terms.column_step = step;
  return terms;
}

// Of one row, or of one column in the other direction.
struct RowStatistic {
  double sum;        // of e^(logit - top); of the losses themselves in the pairwise form
  double total;      // of the logits, for label smoothing
  double positives;  // of the positives' logits, times their targets where those are given
  float top, count;  // count: of the positives
};

constexpr float kNoLogit = -3.402823466e38f;

// The same over a part of the row, or of the column, in f32.
struct PartialStatistic {
  float top = kNoLogit, sum = 0, total = 0, positives = 0, count = 0;
};

__device__ __forceinline__ void merge_statistics(RowStatistic* to, const RowStatistic& other) {
  const float top = to->top > other.top ? to->top : other.top;
  to->sum = to->sum * static_cast<double>(expf(to->top - top)) + other.sum * static_cast<double>(expf(other.top - top));
  to->total += other.total;
  to->positives += other.positives;
  to->count += other.count;
  to->top = top;
}

__device__ __forceinline__ RowStatistic widen(const PartialStatistic& p) {
  return {static_cast<double>(p.sum), static_cast<double>(p.total), static_cast<double>(p.positives), p.top, p.count};
}

__device__ __forceinline__ float softplus(float u) { return (u > 0 ? u : 0.0f) + log1pf(expf(-fabsf(u))); }
__device__ __forceinline__ float sigmoid_of(float u) { return 1.0f / (1.0f + expf(-u)); }

// What backward knows of the rows (or columns) of one direction: null where that direction does not count. All but `top` times the
// row's weight, where rows have one.
struct RowShares {
  const float* top = nullptr;
  const float* inverse = nullptr;   // 1 / sum
  const float* positive = nullptr;  // 1 / count
  const float* weight = nullptr;    // the weights themselves, 1 on average; null: all are 1
};

// d(loss)/d(logit) without the weight of a row, for the pair of an own row and another.
struct LogitGradient {
  LossTerms terms;
  RowShares own, other;
  float even;  // what label smoothing takes from every logit
  float even_of_weight;  // the same of every row by its weight, where rows have one

  __device__ __forceinline__ float even_at(int row, int column) const {
    if (!(even_of_weight > 0)) return even;
    return even_of_weight * ((own.weight == nullptr ? 0.0f : own.weight[row]) + (other.weight == nullptr ? 0.0f : other.weight[column]));
  }
  __device__ __forceinline__ float operator()(int row, int column, float logit) const {
    const bool positive = terms.positive(row, column);
    if (!positive && terms.row_group(row) == terms.column_group(column)) return 0;
    if (terms.pairwise()) return positive ? -sigmoid_of(-logit) : sigmoid_of(logit);
    float value = 0;
    if (!terms.excluded(row, column)) {
      value = -even_at(row, column);
      if (own.top != nullptr) value += expf(logit - own.top[row]) * own.inverse[row];
      if (other.top != nullptr) value += expf(logit - other.top[column]) * other.inverse[column];
    }
    if (positive) {
      const float sure = 1.0f - terms.smoothing;
      const float target = terms.target_of(row, column);
      if (own.top != nullptr) value -= target * (sure * own.positive[row]);
      if (other.top != nullptr) value -= target * (sure * other.positive[column]);
    }
    return value;
  }
};

// The tiles of contrastive_fused*.cu: 64 rows against 64 columns at a time.
constexpr int kTileRows = 64, kTileColumns = 64;
inline int64_t tiles_of(int64_t rows) { return (rows + kTileRows - 1) / kTileRows; }

// rows: (terms.rows(), padded width), columns: (terms.columns(), padded width) bf16. statistics: (splits, rows).
// by_column: (groups, columns), where both directions count: every group of blocks adds up its own,
// since sums by atomics would come in another order every time.
cudaError_t fused_statistics(const LossTerms& terms, int padded, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits, PartialStatistic* by_column,
                             int groups, cudaStream_t stream);

struct FusedGradient {
  LogitGradient gradient;
  const float* dloss;
  float weight;           // of a row in the mean
  int rows, columns;      // of the walk: with rows and columns exchanged it gives the other side's gradients
  float* shares;          // (splits, rows, width): gradients of the rows to be added up
  double* scalars;        // (splits * tiles, 2): d(scale), d(bias); or null
};
cudaError_t fused_gradients(const FusedGradient& work, int padded, int width, const bf16* rows, const bf16* columns, int splits, cudaStream_t stream);

// A tile of cosines in memory: (rows, columns) from (row, column) on.
struct StoredTile {
  float* at;
  int row, rows, column, columns;
};
// Adds to the statistics of the tile's rows, or of its columns; both are numbered from 0.
cudaError_t stored_statistics(const LossTerms& terms, const StoredTile& tile, bool columns, RowStatistic* statistics, cudaStream_t stream);
// Turns the tile into scale * d(loss)/d(logits); row_sums: (tile rows, 2) += share * (d(scale), d(bias)).
cudaError_t stored_gradients(const LogitGradient& gradient, const StoredTile& tile, const float* dloss, float weight, double share, double* row_sums, cudaStream_t stream);

}  // namespace isolens::cuda
