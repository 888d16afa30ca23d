// One output tile of a product: operands go from global memory through registers (rounded on the way) to two panels in shared
// memory; while one pair of panels is multiplied, the next is under way. What an operand is (a matrix, the windows of a
// convolution) is the loaders' business; tensor cores (bf16) or plain arithmetic (f32) is the multiplier's.
#pragma once
#include "tensor_core.h"

namespace isolens::cuda {

constexpr int kDepth = 32;  // of a panel, along the reduction

// An operand of `Rows` rows in shared memory: [row][depth] where DepthFirst, otherwise [depth][row]; whichever way it is
// contiguous in global memory. Padded so that eight rows of 16 bytes start in eight different groups of banks.
template <typename T, int Rows, bool DepthFirst>
struct Panel {
  static constexpr bool kDepthFirst = DepthFirst;
  static constexpr int kStride = (DepthFirst ? kDepth : Rows) + (sizeof(T) == 2 ? 8 : DepthFirst ? 1 : 4);
  static constexpr int kSize = (DepthFirst ? Rows : kDepth) * kStride;
  static __device__ __forceinline__ int at(int row, int depth) { return DepthFirst ? row * kStride + depth : depth * kStride + row; }
};

__device__ __forceinline__ void put(bf16* to, float value) { *to = __float2bfloat16_rn(value); }
__device__ __forceinline__ void put(float* to, float value) { *to = value; }
// Four neighbours; of bf16 at 8-byte alignment.
__device__ __forceinline__ void put4(bf16* to, const float (&v)[4]) {
  *reinterpret_cast<uint2*>(to) = make_uint2(pack_pair(v[0], v[1]), pack_pair(v[2], v[3]));
}
__device__ __forceinline__ void put4(float* to, const float (&v)[4]) {
#pragma unroll
  for (int i = 0; i < 4; i++) to[i] = v[i];
}

// Tensor cores: WarpsM x WarpsN warps share the (BM, BN) tile.
template <int BM, int BN, int WarpsM, int WarpsN>
struct TensorMultiplier {
  using Element = bf16;
  static constexpr int kThreads = 32 * WarpsM * WarpsN, kStages = 2, kRows = BM, kColumns = BN;
  static constexpr int kM = BM / WarpsM / 16, kN = BN / WarpsN / 8;
  static_assert(kN % 2 == 0, "columns come in pairs of fragments");
  float c[kM][kN][4];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < kM; i++) {
#pragma unroll
      for (int j = 0; j < kN; j++) {
#pragma unroll
        for (int k = 0; k < 4; k++) c[i][j][k] = 0;
      }
    }
  }

  template <typename PanelA, typename PanelB>
  __device__ __forceinline__ void multiply(const bf16* a, const bf16* b) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int row = warp / WarpsN * (BM / WarpsM), column = warp % WarpsN * (BN / WarpsN);
    const int inner = lane % 8, low = lane / 8 % 2 * 8, high = lane / 16 * 8;
#pragma unroll
    for (int depth = 0; depth < kDepth; depth += 16) {
      unsigned fa[kM][4], fb[kN / 2][4];
#pragma unroll
      for (int i = 0; i < kM; i++) {
        if (PanelA::kDepthFirst) {
          load_matrices(fa[i], a + PanelA::at(row + 16 * i + inner + low, depth + high));
        } else {
          load_matrices_transposed(fa[i], a + PanelA::at(row + 16 * i + low, depth + inner + high));
        }
      }
#pragma unroll
      for (int j = 0; j < kN / 2; j++) {
        if (PanelB::kDepthFirst) {
          load_matrices(fb[j], b + PanelB::at(column + 16 * j + inner + high, depth + low));
        } else {
          load_matrices_transposed(fb[j], b + PanelB::at(column + 16 * j + high, depth + inner + low));
        }
      }
#pragma unroll
      for (int i = 0; i < kM; i++) {
#pragma unroll
        for (int j = 0; j < kN; j++) multiply_fragments(c[i][j], fa[i], fb[j / 2][j % 2 * 2], fb[j / 2][j % 2 * 2 + 1]);
      }
    }
  }

  // store.column(column of the tile) once, then store(row of the tile, value) for its rows.
  template <typename Store>
  __device__ __forceinline__ void each(Store& store) const {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const int row = warp / WarpsN * (BM / WarpsM) + lane / 4, column = warp % WarpsN * (BN / WarpsN) + lane % 4 * 2;
#pragma unroll
    for (int j = 0; j < kN; j++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        if (!store.column(column + 8 * j + half)) continue;
#pragma unroll
        for (int i = 0; i < kM; i++) {
          store(row + 16 * i, c[i][j][half]);
          store(row + 16 * i + 8, c[i][j][half + 2]);
        }
      }
    }
  }
};

// f32 throughout: 256 threads, each (BM / 16, BN / 16) elements, 16 apart.
template <int BM, int BN>
struct PlainMultiplier {
  using Element = float;
  static constexpr int kThreads = 256, kStages = 1, kRows = BM, kColumns = BN, kM = BM / 16, kN = BN / 16;
  float c[kM][kN];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < kM; i++) {
#pragma unroll
      for (int j = 0; j < kN; j++) c[i][j] = 0;
    }
  }

  template <typename PanelA, typename PanelB>
  __device__ __forceinline__ void multiply(const float* a, const float* b) {
    const int row = threadIdx.x / 16, column = threadIdx.x % 16;
#pragma unroll 8
    for (int depth = 0; depth < kDepth; depth++) {
      float x[kM], y[kN];
#pragma unroll
      for (int i = 0; i < kM; i++) x[i] = a[PanelA::at(row + 16 * i, depth)];
#pragma unroll
      for (int j = 0; j < kN; j++) y[j] = b[PanelB::at(column + 16 * j, depth)];
#pragma unroll
      for (int i = 0; i < kM; i++) {
#pragma unroll
        for (int j = 0; j < kN; j++) c[i][j] += x[i] * y[j];
      }
    }
  }

  template <typename Store>
  __device__ __forceinline__ void each(Store& store) const {
    const int row = threadIdx.x / 16, column = threadIdx.x % 16;
#pragma unroll
    for (int j = 0; j < kN; j++) {
      if (!store.column(column + 16 * j)) continue;
#pragma unroll
      for (int i = 0; i < kM; i++) store(row + 16 * i, c[i][j]);
    }
  }
};

using LargeTile = TensorMultiplier<128, 128, 2, 4>;
using SmallTile = TensorMultiplier<64, 64, 2, 2>;
using PlainTile = PlainMultiplier<64, 64>;

// Where a block works. Tiles of up to kGroup rows of tiles are taken column by column, so that blocks which run together
// read the same operands from the second-level cache.
struct TilePlace {
  int64_t row, column;  // of the output
};
template <typename Multiplier>
__device__ __forceinline__ TilePlace tile_place(int64_t index, int64_t m, int64_t n) {
  constexpr int64_t kGroup = 8;
  const int64_t rows = (m + Multiplier::kRows - 1) / Multiplier::kRows, columns = (n + Multiplier::kColumns - 1) / Multiplier::kColumns;
  const int64_t group = index / (kGroup * columns), first = group * kGroup;
  const int64_t height = rows - first < kGroup ? rows - first : kGroup, rest = index - first * columns;
  return {(first + rest % height) * Multiplier::kRows, rest / height * Multiplier::kColumns};
}

// Declares the panels of a kernel: in the kernel itself, where a sanitizer can guard them.
#define ISOLENS_PANELS(Multiplier, LoaderA, LoaderB)                                                                         \
  __shared__ __align__(16) typename Multiplier::Element panels_a[Multiplier::kStages * LoaderA::SharedPanel::kSize];        \
  __shared__ __align__(16) typename Multiplier::Element panels_b[Multiplier::kStages * LoaderB::SharedPanel::kSize]

// multiplier += A (rows, [begin, end)) * B ([begin, end), columns). A loader fetches kDepth of its operand into registers and
// puts them into a panel; beyond `end` it gives zeros. a, b: shared memory of kStages panels each.
template <typename Multiplier, typename LoaderA, typename LoaderB>
__device__ __forceinline__ void multiply_tile(Multiplier& multiplier, LoaderA& left, LoaderB& right, int64_t begin, int64_t end,
                                              typename Multiplier::Element* a, typename Multiplier::Element* b) {
  using PanelA = typename LoaderA::SharedPanel;
  using PanelB = typename LoaderB::SharedPanel;
  multiplier.clear();
  if (begin >= end) return;
  left.fetch(begin, end);
  right.fetch(begin, end);
  int stage = 0;
  for (int64_t k = begin; k < end; k += kDepth) {
    left.put_into(a + stage * PanelA::kSize);
    right.put_into(b + stage * PanelB::kSize);
    __syncthreads();
    if (k + kDepth < end) {
      left.fetch(k + kDepth, end);
      right.fetch(k + kDepth, end);
    }
    multiplier.template multiply<PanelA, PanelB>(a + stage * PanelA::kSize, b + stage * PanelB::kSize);
    // With two stages the next panels are other ones: who writes them has passed the barrier after their last reader.
    if (Multiplier::kStages == 1) __syncthreads();
    stage = (stage + 1) % Multiplier::kStages;
  }
}

}  // namespace isolens::cuda
