// The statistics of the logits (running log-sum-exp, positives) in one pass over tiles that never leave the chip. A block keeps 64
// rows and walks over its share of the columns; every thread keeps the statistics of its own four rows over its own columns, which
// are merged once, at the end, in a fixed order.
#include "contrastive_tile.h"

namespace isolens::cuda {

namespace {

// Of the columns that one thread sees of one row.
struct PartialStatistic {
  float top = kNoLogit, sum = 0, total = 0, positives = 0, count = 0;

  __device__ __forceinline__ void add(const float (&logits)[4], const bool (&kept)[4]) {
    float best = top;
#pragma unroll
    for (int k = 0; k < 4; k++) best = kept[k] && !(logits[k] <= best) ? logits[k] : best;  // NaN stays visible
    sum *= __expf(top - best);
    top = best;
#pragma unroll
    for (int k = 0; k < 4; k++) sum += kept[k] ? __expf(logits[k] - best) : 0.0f;
  }
};

__device__ __forceinline__ void add_logits(const LossTerms& terms, PartialStatistic* to, int row, int first, const float (&cosines)[4], const int (&columns)[4], int count,
                                           float scale, float shift) {
  float logits[4];
  bool kept[4];
#pragma unroll
  for (int k = 0; k < 4; k++) {
    const int column = first + columns[k];
    const bool there = row < terms.rows() && column < count;
    logits[k] = scale * cosines[k] + shift;
    kept[k] = there && !terms.excluded(row, column);
    const bool positive = there && terms.positive(row, column);
    if (terms.pairwise()) {
      to->sum += there ? softplus(positive ? -logits[k] : logits[k]) : 0.0f;
      continue;
    }
    if (positive) {
      to->positives += logits[k];
      to->count += 1;
    }
    to->total += there ? logits[k] : 0.0f;
  }
  if (!terms.pairwise()) to->add(logits, kept);
}

__device__ __forceinline__ RowStatistic widen(const PartialStatistic& p) {
  return {static_cast<double>(p.sum), static_cast<double>(p.total), static_cast<double>(p.positives), p.top, p.count};
}

// The 16 threads that share a row meet in shared memory. merge: (64 rows, 16) of shared memory, free to use.
__device__ __forceinline__ void store_statistics(const PartialStatistic (&mine)[4], PartialStatistic* merge, RowStatistic* statistics, int first, int rows) {
  const int part = static_cast<int>(threadIdx.x) / 32 % 4 * 4 + static_cast<int>(threadIdx.x) % 4;
#pragma unroll
  for (int r = 0; r < 4; r++) merge[CosineFragments::row(r) * 16 + part] = mine[r];
  __syncthreads();
  const int row = threadIdx.x;
  if (row >= kTileRows || first + row >= rows) return;
  RowStatistic sum = widen(merge[row * 16]);
  for (int i = 1; i < 16; i++) merge_statistics(&sum, widen(merge[row * 16 + i]));
  statistics[first + row] = sum;
}

// Grid: tiles of rows, splits of the columns.
template <int Width, int Stages>
__global__ void __launch_bounds__(kLossThreads, 1) statistics_kernel(LossTerms terms, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits) {
  using Tile = EmbeddingTile<Width>;
  ISOLENS_DYNAMIC_SHARED(bf16, shared);
  const int count = terms.rows(), first = static_cast<int>(blockIdx.x) * kTileRows, split = static_cast<int>(blockIdx.y);
  const SplitRange range(split, splits, count);
  const float scale = *terms.scale, shift = terms.shift();
  PartialStatistic mine[4];
  Tile::load(shared, rows, first, count);
  if (range.begin < range.end) {
    int places[4];
#pragma unroll
    for (int k = 0; k < 4; k++) places[k] = CosineFragments::column(k);
    for_column_tiles<Width, Stages>(shared + Tile::kSize, columns, range.begin, range.end, count, [&](int column, const bf16* tile) {
      CosineFragments cosines;
      cosines.multiply<Width>(shared, tile);
#pragma unroll
      for (int r = 0; r < 4; r++) {
        const float values[4] = {cosines.at(r, 0), cosines.at(r, 1), cosines.at(r, 2), cosines.at(r, 3)};
        add_logits(terms, &mine[r], first + CosineFragments::row(r), column, values, places, count, scale, shift);
      }
    });
  } else {
    wait_for_copies<0>();
    __syncthreads();
  }
  store_statistics(mine, reinterpret_cast<PartialStatistic*>(shared), statistics + static_cast<int64_t>(split) * count, first, count);
}

template <int Width>
cudaError_t start(const LossTerms& terms, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits, cudaStream_t stream) {
  constexpr size_t kTileBytes = EmbeddingTile<Width>::kSize * sizeof(bf16);
  static_assert(2 * kTileBytes >= kTileRows * 16 * sizeof(PartialStatistic), "statistics are merged where the tiles were");
  const dim3 grid(static_cast<unsigned>(tiles_of(terms.rows())), static_cast<unsigned>(splits));
  if (grant_shared(statistics_kernel<Width, 2>, 3 * kTileBytes)) {
    ISOLENS_LAUNCH((statistics_kernel<Width, 2>), grid, kLossThreads, 3 * kTileBytes, stream, terms, rows, columns, statistics, splits);
  } else if (grant_shared(statistics_kernel<Width, 1>, 2 * kTileBytes)) {
    ISOLENS_LAUNCH((statistics_kernel<Width, 1>), grid, kLossThreads, 2 * kTileBytes, stream, terms, rows, columns, statistics, splits);
  } else {
    return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

}  // namespace

cudaError_t fused_statistics(const LossTerms& terms, int padded, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits, cudaStream_t stream) {
  switch (padded) {
    case 128: return start<128>(terms, rows, columns, statistics, splits, stream);
    case 256: return start<256>(terms, rows, columns, statistics, splits, stream);
    case 512: return start<512>(terms, rows, columns, statistics, splits, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace isolens::cuda
