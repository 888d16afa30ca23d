// What the parts of the fused contrastive loss share. Logits are scale * x_i . y_j; they exist one tile at a time.
//
//   rows       mean over i of lse_i - target_i                                  InfoNCE, one direction of InfoLOOB
//   symmetric  the mean of that over rows and over columns                      CLIP
//   views      rows and columns are all 2N views, a view is not its own negative   NT-Xent; with labels SupCon
//   pairwise   sum over all pairs of softplus(-+(logit + bias)), over N         SigLIP
//
// lse_i: log sum of exponentials of the row; target_i: mean logit of its positives, softened by label smoothing. Positives are
// the partner, or everything of equal label. `rows` takes further columns behind its N, negatives of every row (a queue: He et al.
// 2020, arXiv:1911.05722). Two rows of one group are no negatives of each other: what is not positive is left out, of the sum over
// pairs too; a row that is left without a term in its denominator counts 0. The positive may be left out of the denominator
// (decoupled contrastive learning: Yeh et al. 2022, arXiv:2110.06848). Soft targets may take the place of the positives: t_ij of
// l_ij in both directions (MolPhenix: arXiv:2409.08302). Rows may count by weights, over the sum of which the mean is then taken. In
// every form d(loss)/d(logit) = weight * (probabilities - targets), and a tile adds it times the other side's rows to both sides'
// gradients.
#pragma once
#include <limits>

#include "../loops.h"

namespace isolens {

enum class ContrastiveForm { kRows, kSymmetric, kViews, kPairwise };

constexpr int64_t kContrastiveBlock = 512;  // rows of a block: a tile of logits is 1 MiB

// The logits (rows, columns) from row and column on, counted among all.
struct LogitTile {
  float* at;
  int64_t row, rows, column, columns;
};

// Of one row, or of one column where both directions count.
struct RowStatistic {
  double sum = 0;        // of e^(logit - top); of the losses themselves in the pairwise form
  double total = 0;      // of the logits, for label smoothing
  double positives = 0;  // of the positives' logits, times their targets where those are given
  float top = -std::numeric_limits<float>::max();
  float count = 0;       // of the positives
};

// What backward needs of the statistics, (statistics()) each; all but `top` times the row's weight, where rows have one.
struct RowShares {
  const float* top;
  const float* inverse;   // 1 / sum
  const float* positive;  // 1 / count
  const float* weight;    // the weights themselves, 1 on average; null: all are 1
};

struct ContrastiveTerms {
  ContrastiveForm form = ContrastiveForm::kRows;
  bool exclude_positive = false;
  float smoothing = 0;
  int64_t pairs = 0;                    // N
  int64_t more = 0;                     // K further columns, in the form rows alone
  const int32_t* label = nullptr;       // (N), or null
  const int32_t* group = nullptr;       // (N), or null; a negative one is of no group
  const int32_t* more_group = nullptr;  // (K), or null
  const float* weight = nullptr;        // (N), or null
  const float* target = nullptr;        // (N, N), or null
  float scale = 1, bias = 0;

  bool views() const { return form == ContrastiveForm::kViews; }
  int64_t rows() const { return views() ? 2 * pairs : pairs; }
  int64_t columns() const { return rows() + more; }
  int64_t statistics() const { return form == ContrastiveForm::kSymmetric || views() ? 2 * pairs : pairs; }
  // Does the tile also count for its columns? Of two views that meet, only one order is computed.
  bool both_ways(const LogitTile& tile) const {
    return form == ContrastiveForm::kSymmetric || (views() && tile.row != tile.column);
  }
  int64_t column_statistic(int64_t column) const { return views() ? column : pairs + column; }
  int64_t partner(int64_t row) const { return !views() ? row : row < pairs ? row + pairs : row - pairs; }
  // The target of a pair that has one.
  float target_of(int64_t row, int64_t column) const { return target == nullptr ? 1.0f : target[row * pairs + column]; }
  // Does a pair have a target? Further columns have none.
  bool positive(int64_t row, int64_t column) const {
    if (target != nullptr) return column < pairs && target[row * pairs + column] != 0;
    if (label == nullptr || column >= rows()) return column == partner(row);
    return label[row % pairs] == label[column % pairs] && !(views() && row == column);
  }
  // What the positives' targets are a mean over; given targets are not.
  float count_of(const RowStatistic& statistic) const { return target == nullptr ? statistic.count : 1.0f; }
  // What a weight is multiplied with so that the statistics' weights are 1 on average; 0 where their sum is.
  double weight_norm() const {
    double sum = 0;
    for (int64_t i = 0; weight != nullptr && i < pairs; i++) sum += static_cast<double>(weight[i]);
    return sum == 0 ? 0 : static_cast<double>(pairs) / sum;
  }
  // Of one of the statistics.
  double weight_of(int64_t statistic, double norm) const {
    return weight == nullptr ? 1 : norm * static_cast<double>(weight[statistic < pairs ? statistic : statistic - pairs]);
  }
  // Of a row or a column; negative: of none.
  int32_t group_of(int64_t line) const {
    if (line < rows()) return group[line < pairs ? line : line - pairs];
    return more_group == nullptr ? -1 : more_group[line - rows()];
  }
};

// Calls body(column), within the tile, for what the denominator of the tile's row leaves out.
template <typename Body>
inline void for_left_out(const ContrastiveTerms& terms, const LogitTile& tile, int64_t row, const Body& body) {
  const auto leave_out = [&](int64_t column) {
    if (column >= tile.column && column < tile.column + tile.columns) body(column - tile.column);
  };
  if (terms.views()) leave_out(tile.row + row);
  if (terms.exclude_positive) leave_out(terms.partner(tile.row + row));
  const int32_t own = terms.group == nullptr ? -1 : terms.group_of(tile.row + row);
  if (own < 0) return;
  for (int64_t j = 0; j < tile.columns; j++) {
    if (terms.group_of(tile.column + j) == own && !terms.positive(tile.row + row, tile.column + j)) body(j);
  }
}

// Calls body(row, column), both within the tile, for its positives among [begin, end) of its rows, or of its columns.
template <typename Body>
inline void for_positives(const ContrastiveTerms& terms, const LogitTile& tile, bool columns, int64_t begin, int64_t end, const Body& body) {
  const int64_t own = columns ? tile.column : tile.row, other = columns ? tile.row : tile.column;
  const int64_t others = columns ? tile.rows : tile.columns;
  for (int64_t i = begin; i < end; i++) {
    if (terms.label == nullptr && terms.target == nullptr) {
      const int64_t j = terms.partner(own + i) - other;
      if (j >= 0 && j < others) columns ? body(j, i) : body(i, j);
      continue;
    }
    for (int64_t j = 0; j < others; j++) {
      if (columns ? terms.positive(other + j, own + i) : terms.positive(own + i, other + j)) columns ? body(j, i) : body(i, j);
    }
  }
}

// Adds a tile of cosines to the statistics; the tile is left with logits.
void add_to_statistics(ThreadPool& pool, const ContrastiveTerms& terms, const LogitTile& tile, RowStatistic* statistics);
// The loss from the statistics of all tiles.
double contrastive_loss(const ContrastiveTerms& terms, const RowStatistic* statistics);

struct ScalarGradients {
  double scale = 0, bias = 0;
};
// Turns a tile of cosines into d(loss)/d(logits) and adds to the gradients of scale and bias. row_sums: (2 rows) of scratch.
void logit_gradients(ThreadPool& pool, const ContrastiveTerms& terms, const LogitTile& tile, const RowShares& shares, float dloss,
                     double* row_sums, ScalarGradients* scalars);

}  // namespace isolens
