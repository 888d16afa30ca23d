// What the parts of the fused contrastive loss share. Logits are scale * x_i . y_j; they exist one tile at a time.
//
//   rows       mean over i of lse_i - target_i                                  InfoNCE, one direction of InfoLOOB
//   symmetric  the mean of that over rows and over columns                      CLIP
//   views      rows and columns are all 2N views, a view is not its own negative   NT-Xent; with labels SupCon
//   pairwise   sum over all pairs of softplus(-+(logit + bias)), over N         SigLIP
//
// lse_i: log sum of exponentials of the row; target_i: mean logit of its positives, softened by label smoothing. Positives are
// the partner, or everything of equal label. In every form d(loss)/d(logit) = weight * (probabilities - targets), and a tile
// adds it times the other side's rows to both sides' gradients.
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
  double positives = 0;  // of the positives' logits
  float top = -std::numeric_limits<float>::max();
  float count = 0;       // of the positives
};

// What backward needs of the statistics, (statistics()) each.
struct RowShares {
  const float* top;
  const float* inverse;   // 1 / sum
  const float* positive;  // 1 / count
};

struct ContrastiveTerms {
  ContrastiveForm form = ContrastiveForm::kRows;
  bool exclude_positive = false;
  float smoothing = 0;
  int64_t pairs = 0;               // N
  const int32_t* label = nullptr;  // (N), or null
  float scale = 1, bias = 0;

  bool views() const { return form == ContrastiveForm::kViews; }
  int64_t rows() const { return views() ? 2 * pairs : pairs; }
  int64_t statistics() const { return form == ContrastiveForm::kSymmetric || views() ? 2 * pairs : pairs; }
  // Does the tile also count for its columns? Of two views that meet, only one order is computed.
  bool both_ways(const LogitTile& tile) const {
    return form == ContrastiveForm::kSymmetric || (views() && tile.row != tile.column);
  }
  int64_t column_statistic(int64_t column) const { return views() ? column : pairs + column; }
  int64_t partner(int64_t row) const { return !views() ? row : row < pairs ? row + pairs : row - pairs; }
  // The column that the denominator of a row leaves out; -1: none.
  int64_t excluded(int64_t row) const { return views() || exclude_positive ? row : -1; }
  bool positive(int64_t row, int64_t column) const {
    if (label == nullptr) return column == partner(row);
    return label[row % pairs] == label[column % pairs] && !(views() && row == column);
  }
};

// Calls body(row, column), both within the tile, for its positives among [begin, end) of its rows, or of its columns.
template <typename Body>
inline void for_positives(const ContrastiveTerms& terms, const LogitTile& tile, bool columns, int64_t begin, int64_t end, const Body& body) {
  const int64_t own = columns ? tile.column : tile.row, other = columns ? tile.row : tile.column;
  const int64_t others = columns ? tile.rows : tile.columns;
  for (int64_t i = begin; i < end; i++) {
    if (terms.label == nullptr) {
      const int64_t j = terms.partner(own + i) - other;
      if (j >= 0 && j < others) columns ? body(j, i) : body(i, j);
      continue;
    }
    for (int64_t j = 0; j < others; j++) {
      if (terms.positive(own + i, other + j)) columns ? body(j, i) : body(i, j);
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
