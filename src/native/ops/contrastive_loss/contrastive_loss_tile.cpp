// The element-wise passes over one tile of logits.
#include <algorithm>
#include <cmath>

#include "../vector_math.h"
#include "contrastive_loss.h"

namespace isolens {

namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();
constexpr int64_t kColumnChunk = 256;

int64_t grain(int64_t width) { return std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(1, width)); }

float softplus(float u) {
  const float magnitude = u < 0 ? -u : u;
  return (u > 0 ? u : 0.0f) + log1p_f(exp_f(-magnitude));
}

void merge(RowStatistic* to, float top, double sum) {
  if (top > to->top) {
    to->sum *= std::exp(static_cast<double>(to->top) - static_cast<double>(top));
    to->top = top;
  }
  to->sum += sum * std::exp(static_cast<double>(top) - static_cast<double>(to->top));
}

void add_positives(const ContrastiveTerms& terms, const LogitTile& tile, bool columns, int64_t begin, int64_t end, RowStatistic* statistics) {
  for_positives(terms, tile, columns, begin, end, [&](int64_t i, int64_t j) {
    RowStatistic& to = statistics[columns ? terms.column_statistic(tile.column + j) : tile.row + i];
    const double logit = static_cast<double>(tile.at[i * tile.columns + j]);
    to.positives += terms.target == nullptr ? logit : static_cast<double>(terms.target_of(tile.row + i, tile.column + j)) * logit;
    to.count += 1;
  });
}

void mask_left_out(const ContrastiveTerms& terms, const LogitTile& tile, int64_t row) {
  for_left_out(terms, tile, row, [&](int64_t j) { tile.at[row * tile.columns + j] = kNothing; });
}

void add_row(const ContrastiveTerms& terms, const float* logits, int64_t columns, RowStatistic* to) {
  if (terms.smoothing > 0) to->total += sum_of(logits, columns);
  const float top = max_of(logits, columns);
  if (top == kNothing) return;
  merge(to, top, sum_terms(columns, [=](int64_t j) { return exp_f(logits[j] - top); }));
}

// Columns [begin, end) of the tile, at most kColumnChunk.
void add_columns(const ContrastiveTerms& terms, const LogitTile& tile, int64_t begin, int64_t end, RowStatistic* statistics) {
  float top[kColumnChunk], sum[kColumnChunk] = {}, total[kColumnChunk] = {};
  const int64_t count = end - begin;
  std::fill(top, top + count, kNothing);
  for (int64_t i = 0; i < tile.rows; i++) {
    const float* row = tile.at + i * tile.columns + begin;
    for (int64_t j = 0; j < count; j++) top[j] = row[j] > top[j] || row[j] != row[j] ? row[j] : top[j];
  }
  for (int64_t i = 0; i < tile.rows; i++) {
    const float* row = tile.at + i * tile.columns + begin;
    for (int64_t j = 0; j < count; j++) sum[j] += exp_f(row[j] - top[j]);
    if (terms.smoothing > 0) {
      for (int64_t j = 0; j < count; j++) total[j] += row[j];
    }
  }
  for (int64_t j = 0; j < count; j++) {
    RowStatistic& to = statistics[terms.column_statistic(tile.column + begin + j)];
    to.total += total[j];
    if (top[j] != kNothing) merge(&to, top[j], sum[j]);
  }
}

void add_sigmoid_row(const ContrastiveTerms& terms, const LogitTile& tile, int64_t row, RowStatistic* to) {
  float* logits = tile.at + row * tile.columns;
  const float bias = terms.bias;
  store_terms(logits, 0, tile.columns, false, [=](int64_t j) { return logits[j] + bias; });
  for_positives(terms, tile, false, row, row + 1, [&](int64_t, int64_t j) { logits[j] = -logits[j]; });
  mask_left_out(terms, tile, row);
  to->sum += sum_terms(tile.columns, [=](int64_t j) { return softplus(logits[j]); });
}

}  // namespace

void add_to_statistics(ThreadPool& pool, const ContrastiveTerms& terms, const LogitTile& tile, RowStatistic* statistics) {
  const bool both = terms.both_ways(tile), pairwise = terms.form == ContrastiveForm::kPairwise;
  const float scale = terms.scale;
  pool.range(tile.rows, grain(tile.columns), [&](int64_t begin, int64_t end) {
    float* logits = tile.at;
    store_terms(logits, begin * tile.columns, end * tile.columns, false, [=](int64_t k) { return scale * logits[k]; });
    if (!pairwise) add_positives(terms, tile, false, begin, end, statistics);
  });
  if (both) {
    pool.range(tile.columns, grain(tile.rows), [&](int64_t begin, int64_t end) { add_positives(terms, tile, true, begin, end, statistics); });
  }
  pool.range(tile.rows, grain(tile.columns), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      if (pairwise) {
        add_sigmoid_row(terms, tile, i, statistics + tile.row + i);
        continue;
      }
      mask_left_out(terms, tile, i);
      add_row(terms, tile.at + i * tile.columns, tile.columns, statistics + tile.row + i);
    }
  });
  if (!both) return;
  pool.range(tile.columns, 64, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j += kColumnChunk) add_columns(terms, tile, j, std::min(end, j + kColumnChunk), statistics);
  });
}

double contrastive_loss(const ContrastiveTerms& terms, const RowStatistic* statistics) {
  double loss = 0;
  const double norm = terms.weight_norm();
  const double smoothing = static_cast<double>(terms.smoothing);
  for (int64_t i = 0; i < terms.statistics(); i++) {
    const RowStatistic& row = statistics[i];
    if (terms.form == ContrastiveForm::kPairwise) {
      loss += row.sum;
      continue;
    }
    if (row.sum == 0) continue;  // everything is left out
    const double positives = row.positives / static_cast<double>(terms.count_of(row));
    const double target = (1 - smoothing) * positives + smoothing * row.total / static_cast<double>(terms.columns());
    loss += terms.weight_of(i, norm) * (static_cast<double>(row.top) + std::log(row.sum) - target);
  }
  return loss / static_cast<double>(terms.statistics());
}

void logit_gradients(ThreadPool& pool, const ContrastiveTerms& terms, const LogitTile& tile, const RowShares& shares, float dloss,
                     double* row_sums, ScalarGradients* scalars) {
  const bool pairwise = terms.form == ContrastiveForm::kPairwise;
  const bool columns_count = terms.form == ContrastiveForm::kSymmetric || terms.views();
  const float scale = terms.scale, bias = terms.bias, weight = dloss / static_cast<float>(terms.statistics());
  const float even = terms.smoothing / static_cast<float>(terms.columns()), sure = 1 - terms.smoothing;
  const int64_t first = terms.column_statistic(tile.column), n = tile.columns;
  const float *top = shares.top + first, *inverse = shares.inverse + first;
  const bool weighted = shares.weight != nullptr;
  pool.range(tile.rows, grain(n), [&](int64_t begin, int64_t end) {
    float g[kContrastiveBlock];
    for (int64_t i = begin; i < end; i++) {
      float* cosines = tile.at + i * n;
      if (pairwise) {
        store_terms(g, 0, n, false, [=](int64_t j) { return weight * sigmoid_f(scale * cosines[j] + bias); });
        for_positives(terms, tile, false, i, i + 1, [&](int64_t, int64_t j) { g[j] = -weight * sigmoid_f(-scale * cosines[j] - bias); });
        for_left_out(terms, tile, i, [&](int64_t j) { g[j] = 0; });
      } else {
        const float row_top = shares.top[tile.row + i], row_inverse = shares.inverse[tile.row + i];
        const float row_even = even * (weighted ? shares.weight[tile.row + i] : columns_count ? 2.0f : 1.0f);
        store_terms(g, 0, n, false, [=](int64_t j) { return exp_f(scale * cosines[j] - row_top) * row_inverse - row_even; });
        if (columns_count) store_terms(g, 0, n, true, [=](int64_t j) { return exp_f(scale * cosines[j] - top[j]) * inverse[j]; });
        if (columns_count && weighted && even > 0) store_terms(g, 0, n, true, [&](int64_t j) { return -even * shares.weight[first + j]; });
        for_left_out(terms, tile, i, [&](int64_t j) { g[j] = 0; });
        const float share = sure * shares.positive[tile.row + i];
        for_positives(terms, tile, false, i, i + 1, [&](int64_t, int64_t j) {
          g[j] -= terms.target_of(tile.row + i, tile.column + j) * (columns_count ? share + sure * shares.positive[first + j] : share);
        });
        store_terms(g, 0, n, false, [&](int64_t j) { return weight * g[j]; });
      }
      row_sums[2 * i] = sum_terms(n, [&](int64_t j) { return g[j] * cosines[j]; });
      row_sums[2 * i + 1] = pairwise ? sum_of(g, n) : 0;
      store_terms(cosines, 0, n, false, [&](int64_t j) { return g[j]; });
    }
  });
  // Within one block of views every pair is there twice.
  const double share = terms.views() && tile.row == tile.column ? 0.5 : 1;
  for (int64_t i = 0; i < tile.rows; i++) {
    scalars->scale += share * row_sums[2 * i];
    scalars->bias += row_sums[2 * i + 1];
  }
}

}  // namespace isolens
