// The same passes over a tile of logits that lies in memory: for f32 and for embeddings wider than the fused kernels hold.
#include "contrastive_parts.h"

namespace isolens::cuda {

namespace {

constexpr int kThreads = 256;

// One block a row (or column) of the tile.
__global__ void __launch_bounds__(kThreads) stored_statistics_kernel(LossTerms terms, StoredTile tile, bool by_column, RowStatistic* statistics) {
  __shared__ RowStatistic parts[kThreads];
  const int line = static_cast<int>(blockIdx.x), length = by_column ? tile.rows : tile.columns;
  const int own = line + (by_column ? tile.column : tile.row), first = by_column ? tile.row : tile.column;
  const float scale = *terms.scale, shift = terms.shift();
  const int group = terms.row_group(own);
  RowStatistic mine{0, 0, 0, kNoLogit, 0};
  for (int i = threadIdx.x; i < length; i += kThreads) {
    const int64_t at = by_column ? static_cast<int64_t>(i) * tile.columns + line : static_cast<int64_t>(line) * tile.columns + i;
    const float logit = scale * tile.at[at] + shift;
    const bool positive = terms.positive(own, first + i), grouped = !positive && group == terms.column_group(first + i);
    if (terms.pairwise()) {
      mine.sum += grouped ? 0 : static_cast<double>(softplus(positive ? -logit : logit));
      continue;
    }
    const double target = positive ? static_cast<double>(terms.target_of(own, first + i)) : 0;
    RowStatistic one{1, static_cast<double>(logit), positive ? target * static_cast<double>(logit) : 0, logit, positive ? 1.0f : 0.0f};
    if (grouped || terms.excluded(own, first + i)) one.sum = 0, one.top = kNoLogit;
    merge_statistics(&mine, one);
  }
  parts[threadIdx.x] = mine;
  for (int width = kThreads / 2; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < width) merge_statistics(&parts[threadIdx.x], parts[threadIdx.x + width]);
  }
  if (threadIdx.x == 0) merge_statistics(&statistics[own], parts[0]);
}

// One block a row of the tile.
__global__ void __launch_bounds__(kThreads) stored_gradients_kernel(LogitGradient gradient, StoredTile tile, const float* dloss, float row_weight, double share,
                                                                    double* row_sums) {
  __shared__ double2 parts[kThreads];
  const int row = static_cast<int>(blockIdx.x);
  float* line = tile.at + static_cast<int64_t>(row) * tile.columns;
  const float scale = *gradient.terms.scale, shift = gradient.terms.shift(), weight = row_weight * *dloss;
  double2 mine = make_double2(0, 0);
  for (int i = threadIdx.x; i < tile.columns; i += kThreads) {
    const float g = weight * gradient(tile.row + row, tile.column + i, scale * line[i] + shift);
    mine.x += static_cast<double>(g * line[i]);
    mine.y += static_cast<double>(g);
    line[i] = scale * g;
  }
  parts[threadIdx.x] = mine;
  for (int width = kThreads / 2; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) >= width) continue;
    parts[threadIdx.x].x += parts[threadIdx.x + width].x;
    parts[threadIdx.x].y += parts[threadIdx.x + width].y;
  }
  if (threadIdx.x != 0) return;
  row_sums[2 * row] += share * parts[0].x;
  row_sums[2 * row + 1] += share * parts[0].y;
}

}  // namespace

cudaError_t stored_statistics(const LossTerms& terms, const StoredTile& tile, bool columns, RowStatistic* statistics, cudaStream_t stream) {
  ISOLENS_LAUNCH(stored_statistics_kernel, static_cast<unsigned>(columns ? tile.columns : tile.rows), kThreads, 0, stream, columns ? transposed(terms) : terms, tile,
                 columns, statistics);
  return cudaGetLastError();
}

cudaError_t stored_gradients(const LogitGradient& gradient, const StoredTile& tile, const float* dloss, float weight, double share, double* row_sums, cudaStream_t stream) {
  ISOLENS_LAUNCH(stored_gradients_kernel, static_cast<unsigned>(tile.rows), kThreads, 0, stream, gradient, tile, dloss, weight, share, row_sums);
  return cudaGetLastError();
}

}  // namespace isolens::cuda
