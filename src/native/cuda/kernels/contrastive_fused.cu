// The statistics of the logits (running log-sum-exp, positives) in one pass over tiles that never leave the chip. A block keeps 64
// rows and walks over its share of the columns; every thread keeps the statistics of its own four rows over its own columns, which
// are merged once, at the end, in a fixed order. Where columns count as well, every tile also adds to its columns' statistics.
#include "contrastive_tile.h"

namespace isolens::cuda {

namespace {

// What decides about a row's pairs.
struct RowMarks {
  int key = 0, group = 0;
};

// This thread's 4 x 4 logits of a tile, and which of them count.
struct ThreadLogits {
  float value[4][4];
  unsigned there, kept, positive;  // bit 4 * row + column

  __device__ __forceinline__ ThreadLogits(const LossTerms& terms, CosineFragments& cosines, const RowMarks (&rows)[4], int first, int column,
                                          float scale, float shift)
      : there(0), kept(0), positive(0) {
    const int row_count = terms.rows(), column_count = terms.columns();
#pragma unroll
    for (int k = 0; k < 4; k++) {
      const int j = column + CosineFragments::column(k), known = j < column_count ? j : 0;
      const int key = terms.column_key(known), group = terms.column_group(known);
#pragma unroll
      for (int r = 0; r < 4; r++) {
        const int i = first + CosineFragments::row(r);
        value[r][k] = scale * cosines.at(r, k) + shift;
        const bool exists = i < row_count && j < column_count, matches = exists && terms.positive(i, rows[r].key, j, key);
        there |= (exists ? 1u : 0u) << (4 * r + k);
        kept |= (exists && !terms.excluded(i, j) && (matches || rows[r].group != group) ? 1u : 0u) << (4 * r + k);
        positive |= (matches ? 1u : 0u) << (4 * r + k);
      }
    }
  }
  __device__ __forceinline__ bool has(unsigned set, int r, int k) const { return (set >> (4 * r + k)) & 1u; }
};

__device__ __forceinline__ float larger(float a, float b) { return !(b <= a) ? b : a; }  // NaN stays visible

// row, column: where the tile begins.
__device__ __forceinline__ void add_row(PartialStatistic* to, const LossTerms& terms, const ThreadLogits& logits, int r, int row, int column) {
  const bool pairwise = terms.pairwise();
  float best = to->top;
#pragma unroll
  for (int k = 0; k < 4; k++) {
    const float value = logits.value[r][k];
    const bool positive = logits.has(logits.positive, r, k), there = logits.has(logits.there, r, k);
    if (pairwise) {
      to->sum += logits.has(logits.kept, r, k) ? softplus(positive ? -value : value) : 0.0f;
      continue;
    }
    to->positives += positive ? terms.target_of(row + CosineFragments::row(r), column + CosineFragments::column(k)) * value : 0.0f;
    to->count += positive ? 1.0f : 0.0f;
    to->total += there ? value : 0.0f;
    best = logits.has(logits.kept, r, k) ? larger(best, value) : best;
  }
  if (pairwise) return;
  to->sum *= __expf(to->top - best);
  to->top = best;
#pragma unroll
  for (int k = 0; k < 4; k++) to->sum += logits.has(logits.kept, r, k) ? __expf(logits.value[r][k] - best) : 0.0f;
}

// A column's sums over the lanes that hold its rows: those with the same lane % 4.
template <typename Combine>
__device__ __forceinline__ float over_rows(float value, const Combine& combine) {
#pragma unroll
  for (int offset = 4; offset < 32; offset *= 2) value = combine(value, __shfl_xor_sync(0xffffffffu, value, offset));
  return value;
}

// parts: (2, 64) of shared memory, one for each row of warps. mine: this block's statistics of all columns; `fresh`: not yet written.
__device__ __forceinline__ void add_columns(const LossTerms& terms, const ThreadLogits& logits, PartialStatistic* parts, PartialStatistic* mine, int row,
                                            int column, int count, bool fresh) {
  const auto add = [](float a, float b) { return a + b; };
#pragma unroll
  for (int k = 0; k < 4; k++) {
    PartialStatistic sum;
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const float value = logits.value[r][k];
      sum.top = logits.has(logits.kept, r, k) ? larger(sum.top, value) : sum.top;
      sum.total += logits.has(logits.there, r, k) ? value : 0.0f;
      const bool positive = logits.has(logits.positive, r, k);
      sum.positives += positive ? terms.target_of(row + CosineFragments::row(r), column + CosineFragments::column(k)) * value : 0.0f;
      sum.count += positive ? 1.0f : 0.0f;
    }
    sum.top = over_rows(sum.top, [](float a, float b) { return larger(a, b); });
#pragma unroll
    for (int r = 0; r < 4; r++) sum.sum += logits.has(logits.kept, r, k) ? __expf(logits.value[r][k] - sum.top) : 0.0f;
    sum.sum = over_rows(sum.sum, add);
    sum.total = over_rows(sum.total, add);
    sum.positives = over_rows(sum.positives, add);
    sum.count = over_rows(sum.count, add);
    if (threadIdx.x % 32 < 4) parts[static_cast<int>(threadIdx.x) / 128 * kTileColumns + CosineFragments::column(k)] = sum;
  }
  __syncthreads();
  const int own = column + static_cast<int>(threadIdx.x);
  if (threadIdx.x >= kTileColumns || own >= count) return;
  PartialStatistic sum = fresh ? PartialStatistic() : mine[own];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const PartialStatistic& part = parts[half * kTileColumns + threadIdx.x];
    const float top = larger(sum.top, part.top);
    sum.sum = sum.sum * __expf(sum.top - top) + part.sum * __expf(part.top - top);
    sum.top = top;
    sum.total += part.total;
    sum.positives += part.positives;
    sum.count += part.count;
  }
  mine[own] = sum;
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

// Grid: groups of tiles of rows, splits of the columns. Group g has the tiles g, g + groups, ..
template <int Width, int Stages>
__global__ void __launch_bounds__(kLossThreads, 1) statistics_kernel(LossTerms terms, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits,
                                                                     PartialStatistic* by_column) {
  using Tile = EmbeddingTile<Width>;
  ISOLENS_DYNAMIC_SHARED(bf16, shared);
  __shared__ PartialStatistic parts[2 * kTileColumns];
  const int count = terms.rows(), split = static_cast<int>(blockIdx.y), group = static_cast<int>(blockIdx.x);
  const SplitRange range(split, splits, terms.columns());
  const float scale = *terms.scale, shift = terms.shift();
  for (int first = group * kTileRows; first < count; first += static_cast<int>(gridDim.x) * kTileRows) {
    PartialStatistic mine[4];
    RowMarks marks[4];
#pragma unroll
    for (int r = 0; r < 4; r++) {
      const int row = first + CosineFragments::row(r), known = row < count ? row : 0;
      marks[r] = {terms.row_key(known), terms.row_group(known)};
    }
    Tile::load(shared, rows, first, count);
    if (range.begin < range.end) {
      for_column_tiles<Width, Stages>(shared + Tile::kSize, columns, range.begin, range.end, terms.columns(), [&](int column, const bf16* tile) {
        CosineFragments cosines;
        cosines.multiply<Width>(shared, tile);
        const ThreadLogits logits(terms, cosines, marks, first, column, scale, shift);
#pragma unroll
        for (int r = 0; r < 4; r++) add_row(&mine[r], terms, logits, r, first, column);
        if (by_column == nullptr) return;
        add_columns(terms, logits, parts, by_column + static_cast<int64_t>(group) * count, first, column, count, first == group * kTileRows);
      });
    } else {
      wait_for_copies<0>();
      __syncthreads();
    }
    store_statistics(mine, reinterpret_cast<PartialStatistic*>(shared), statistics + static_cast<int64_t>(split) * count, first, count);
    __syncthreads();
  }
}

template <int Width>
cudaError_t start(const LossTerms& terms, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits, PartialStatistic* by_column, int groups,
                  cudaStream_t stream) {
  constexpr size_t kTileBytes = EmbeddingTile<Width>::kSize * sizeof(bf16);
  static_assert(2 * kTileBytes >= kTileRows * 16 * sizeof(PartialStatistic), "statistics are merged where the tiles were");
  const dim3 grid(static_cast<unsigned>(groups), static_cast<unsigned>(splits));
  if (grant_shared(statistics_kernel<Width, 2>, 3 * kTileBytes)) {
    ISOLENS_LAUNCH((statistics_kernel<Width, 2>), grid, kLossThreads, 3 * kTileBytes, stream, terms, rows, columns, statistics, splits, by_column);
  } else if (grant_shared(statistics_kernel<Width, 1>, 2 * kTileBytes)) {
    ISOLENS_LAUNCH((statistics_kernel<Width, 1>), grid, kLossThreads, 2 * kTileBytes, stream, terms, rows, columns, statistics, splits, by_column);
  } else {
    return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

}  // namespace

cudaError_t fused_statistics(const LossTerms& terms, int padded, const bf16* rows, const bf16* columns, RowStatistic* statistics, int splits, PartialStatistic* by_column,
                             int groups, cudaStream_t stream) {
  switch (padded) {
    case 128: return start<128>(terms, rows, columns, statistics, splits, by_column, groups, stream);
    case 256: return start<256>(terms, rows, columns, statistics, splits, by_column, groups, stream);
    case 512: return start<512>(terms, rows, columns, statistics, splits, by_column, groups, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace isolens::cuda
