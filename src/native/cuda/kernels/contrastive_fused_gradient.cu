// Gradients of the contrastive loss in one pass over tiles that never leave the chip, as flash attention does it (Dao et al. 2022,
// arXiv:2205.14135): a block keeps 64 rows and the sum of their gradients (64, D) in registers; for every 64 columns it makes the
// logits once more, turns them into probabilities minus targets, and multiplies those with the columns it holds anyway.
#include "contrastive_tile.h"

namespace isolens::cuda {

namespace {

// (64 rows, 64 columns) of d(loss)/d(logit) on the way from one product to the next.
constexpr int kGradientStride = kTileColumns + 8, kGradientSize = kTileRows * kGradientStride;

// (64, Width) in registers: every warp has all rows of Width / 8 columns.
template <int Width>
struct RowGradients {
  static constexpr int kColumns = Width / kLossWarps, kFragments = kColumns / 8;
  static_assert(kFragments % 2 == 0, "columns come in pairs of fragments");
  float c[4][kFragments][4];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int j = 0; j < kFragments; j++) {
#pragma unroll
        for (int k = 0; k < 4; k++) c[i][j][k] = 0;
      }
    }
  }

  // += gradient (64, 64) * columns (64, Width)
  __device__ __forceinline__ void add(const bf16* gradient, const bf16* columns) {
    using Tile = EmbeddingTile<Width>;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, inner = lane % 8, low = lane / 8 % 2 * 8, high = lane / 16 * 8;
#pragma unroll
    for (int depth = 0; depth < kTileColumns; depth += 16) {
      unsigned fa[4][4];
#pragma unroll
      for (int i = 0; i < 4; i++) load_matrices(fa[i], gradient + (16 * i + inner + low) * kGradientStride + depth + high);
#pragma unroll
      for (int j = 0; j < kFragments / 2; j++) {
        unsigned fb[4];
        load_matrices_transposed(fb, columns + (depth + inner + low) * Tile::kStride + warp * kColumns + 16 * j + high);
#pragma unroll
        for (int i = 0; i < 4; i++) {
          multiply_fragments(c[i][2 * j], fa[i], fb[0], fb[1]);
          multiply_fragments(c[i][2 * j + 1], fa[i], fb[2], fb[3]);
        }
      }
    }
  }

  // to: (rows, width)
  __device__ __forceinline__ void store(float* to, int first, int rows, int width, float factor) const {
    const int lane = threadIdx.x % 32, column = static_cast<int>(threadIdx.x) / 32 * kColumns + lane % 4 * 2;
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int row = first + 16 * i + 8 * half + lane / 4;
        if (row >= rows) continue;
        float* line = to + static_cast<int64_t>(row) * width;
#pragma unroll
        for (int j = 0; j < kFragments; j++) {
          if (column + 8 * j < width) line[column + 8 * j] = factor * c[i][j][2 * half];
          if (column + 8 * j + 1 < width) line[column + 8 * j + 1] = factor * c[i][j][2 * half + 1];
        }
      }
    }
  }
};

struct ScalarSums {
  float scale = 0, bias = 0;
};

// What the gradients of one row, or of one column, depend on; a direction that does not count has probabilities and targets of 0.
struct LineShares {
  float top = -kNoLogit, inverse = 0, target = 0;
  int key = 0, group = 0;

  LineShares() = default;
  __device__ __forceinline__ LineShares(const RowShares& shares, int line, float sure, int key_, int group_) : key(key_), group(group_) {
    if (shares.top == nullptr) return;
    top = shares.top[line];
    inverse = shares.inverse[line];
    target = sure * shares.positive[line];
  }
  __device__ __forceinline__ float probability(float logit) const { return __expf(logit - top) * inverse; }
};

// The tile's logits become gradients in shared memory.
__device__ __forceinline__ void put_gradients(const LogitGradient& gradient, CosineFragments& cosines, const LineShares (&own)[4], int first, int column,
                                              int row_count, int column_count, float scale, float shift, bf16* to, ScalarSums* sums) {
  const LossTerms& terms = gradient.terms;
#pragma unroll
  for (int k = 0; k < 4; k += 2) {
    float g[4][2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int j = column + CosineFragments::column(k + half), known = j < column_count ? j : 0;
      const LineShares other(gradient.other, known, 1.0f - terms.smoothing, terms.column_key(known), terms.column_group(known));
#pragma unroll
      for (int r = 0; r < 4; r++) {
        const int i = first + CosineFragments::row(r);
        const float cosine = cosines.at(r, k + half), logit = scale * cosine + shift;
        const bool positive = terms.positive(i, own[r].key, j, other.key);
        const bool grouped = !positive && own[r].group == other.group;
        const bool exists = i < row_count && j < column_count;
        float value = !exists || terms.excluded(i, j) ? 0.0f : own[r].probability(logit) + other.probability(logit) - gradient.even_at(i, j);
        value -= positive ? terms.target_of(i, j) * (own[r].target + other.target) : 0.0f;
        if (terms.pairwise()) value = positive ? -sigmoid_of(-logit) : sigmoid_of(logit);
        g[r][half] = exists && !grouped ? value : 0.0f;
        sums->scale += g[r][half] * cosine;
        sums->bias += g[r][half];
      }
    }
#pragma unroll
    for (int r = 0; r < 4; r++) {
      *reinterpret_cast<unsigned*>(to + CosineFragments::row(r) * kGradientStride + CosineFragments::column(k)) = pack_pair(g[r][0], g[r][1]);
    }
  }
}

// Sums of a block, in a fixed order. parts: kLossThreads pairs of shared memory.
__device__ __forceinline__ void store_scalars(const ScalarSums& mine, double2* parts, double weight, double* to) {
  parts[threadIdx.x] = make_double2(static_cast<double>(mine.scale), static_cast<double>(mine.bias));
  for (int width = kLossThreads / 2; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < width) {
      parts[threadIdx.x].x += parts[threadIdx.x + width].x;
      parts[threadIdx.x].y += parts[threadIdx.x + width].y;
    }
  }
  if (threadIdx.x != 0) return;
  to[0] = weight * parts[0].x;
  to[1] = weight * parts[0].y;
}

// Grid: tiles of rows, splits of the columns.
template <int Width, int Stages>
__global__ void __launch_bounds__(kLossThreads, 1) gradients_kernel(FusedGradient work, int width, const bf16* rows, const bf16* columns, int splits) {
  using Tile = EmbeddingTile<Width>;
  ISOLENS_DYNAMIC_SHARED(bf16, shared);
  bf16* const logits = shared + Tile::kSize;
  const LossTerms& terms = work.gradient.terms;
  const int count = work.rows, first = static_cast<int>(blockIdx.x) * kTileRows, split = static_cast<int>(blockIdx.y);
  const SplitRange range(split, splits, work.columns);
  const float scale = *terms.scale, shift = terms.shift(), weight = work.weight * *work.dloss;
  RowGradients<Width> sum;
  ScalarSums scalars;
  LineShares own[4];
#pragma unroll
  for (int r = 0; r < 4; r++) {
    const int row = first + CosineFragments::row(r), known = row < count ? row : 0;
    own[r] = LineShares(work.gradient.own, known, 1.0f - terms.smoothing, terms.row_key(known), terms.row_group(known));
  }
  sum.clear();
  Tile::load(shared, rows, first, count);
  if (range.begin < range.end) {
    for_column_tiles<Width, Stages>(logits + kGradientSize, columns, range.begin, range.end, work.columns, [&](int column, const bf16* tile) {
      CosineFragments cosines;
      cosines.multiply<Width>(shared, tile);
      put_gradients(work.gradient, cosines, own, first, column, count, work.columns, scale, shift, logits, &scalars);
      __syncthreads();
      sum.add(logits, tile);
    });
  } else {
    wait_for_copies<0>();
    __syncthreads();
  }
  sum.store(work.shares + static_cast<int64_t>(split) * count * width, first, count, width, weight * scale);
  if (work.scalars == nullptr) return;
  __syncthreads();
  store_scalars(scalars, reinterpret_cast<double2*>(shared), static_cast<double>(weight), work.scalars + 2 * (static_cast<int64_t>(split) * gridDim.x + blockIdx.x));
}

template <int Width>
cudaError_t start(const FusedGradient& work, int width, const bf16* rows, const bf16* columns, int splits, cudaStream_t stream) {
  constexpr size_t kTileBytes = EmbeddingTile<Width>::kSize * sizeof(bf16), kLogitBytes = kGradientSize * sizeof(bf16);
  const dim3 grid(static_cast<unsigned>(tiles_of(work.rows)), static_cast<unsigned>(splits));
  if (grant_shared(gradients_kernel<Width, 2>, 3 * kTileBytes + kLogitBytes)) {
    ISOLENS_LAUNCH((gradients_kernel<Width, 2>), grid, kLossThreads, 3 * kTileBytes + kLogitBytes, stream, work, width, rows, columns, splits);
  } else if (grant_shared(gradients_kernel<Width, 1>, 2 * kTileBytes + kLogitBytes)) {
    ISOLENS_LAUNCH((gradients_kernel<Width, 1>), grid, kLossThreads, 2 * kTileBytes + kLogitBytes, stream, work, width, rows, columns, splits);
  } else {
    return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

}  // namespace

cudaError_t fused_gradients(const FusedGradient& work, int padded, int width, const bf16* rows, const bf16* columns, int splits, cudaStream_t stream) {
  switch (padded) {
    case 128: return start<128>(work, width, rows, columns, splits, stream);
    case 256: return start<256>(work, width, rows, columns, splits, stream);
    case 512: return start<512>(work, width, rows, columns, splits, stream);
  }
  return cudaErrorInvalidValue;
}

}  // namespace isolens::cuda
