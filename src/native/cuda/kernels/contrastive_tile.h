// A tile of logits on tensor cores: 64 rows that stay in shared memory against 64 columns that pass through it.
#pragma once
#include "contrastive_parts.h"

namespace isolens::cuda {

constexpr int kLossThreads = 256, kLossWarps = 8;

// (64, Width) bf16 in shared memory; 16 bytes of padding a row, so that eight rows start in eight groups of banks.
template <int Width>
struct EmbeddingTile {
  static constexpr int kStride = Width + 8, kSize = kTileRows * kStride;

  // Rows from `first` on; beyond `count` zeros. Not waited for.
  static __device__ __forceinline__ void load(bf16* tile, const bf16* from, int first, int count) {
    constexpr int kChunks = Width / 8;
#pragma unroll 4
    for (int i = threadIdx.x; i < kTileRows * kChunks; i += kLossThreads) {
      const int row = i / kChunks, chunk = i % kChunks * 8;
      const bool present = first + row < count;
      copy_async(tile + row * kStride + chunk, from + static_cast<int64_t>(present ? first + row : 0) * Width + chunk, present);
    }
  }
};

// The cosines of a tile as the warps hold them: two rows of warps of 32 rows, four columns of warps of 16 columns.
struct CosineFragments {
  float c[2][2][4];

  static __device__ __forceinline__ int first_row() { return static_cast<int>(threadIdx.x) / 32 / 4 * 32 + static_cast<int>(threadIdx.x) % 32 / 4; }
  static __device__ __forceinline__ int first_column() { return static_cast<int>(threadIdx.x) / 32 % 4 * 16 + static_cast<int>(threadIdx.x) % 4 * 2; }
  // This thread's rows (0..3) and columns (0..3) within the tile.
  static __device__ __forceinline__ int row(int r) { return first_row() + 8 * r; }
  static __device__ __forceinline__ int column(int k) { return first_column() + k / 2 * 8 + k % 2; }
  __device__ __forceinline__ float& at(int r, int k) { return c[r / 2][k / 2][r % 2 * 2 + k % 2]; }

  template <int Width>
  __device__ __forceinline__ void multiply(const bf16* rows, const bf16* columns) {
    using Tile = EmbeddingTile<Width>;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, inner = lane % 8, low = lane / 8 % 2 * 8, high = lane / 16 * 8;
    const bf16* a = rows + (warp / 4 * 32 + inner + low) * Tile::kStride + high;
    const bf16* b = columns + (warp % 4 * 16 + inner + high) * Tile::kStride + low;
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
      for (int j = 0; j < 2; j++) {
#pragma unroll
        for (int k = 0; k < 4; k++) c[i][j][k] = 0;
      }
    }
#pragma unroll 4
    for (int depth = 0; depth < Width; depth += 16) {
      unsigned fa[2][4], fb[4];
      load_matrices(fa[0], a + depth);
      load_matrices(fa[1], a + 16 * Tile::kStride + depth);
      load_matrices(fb, b + depth);
#pragma unroll
      for (int i = 0; i < 2; i++) {
        multiply_fragments(c[i][0], fa[i], fb[0], fb[1]);
        multiply_fragments(c[i][1], fa[i], fb[2], fb[3]);
      }
    }
  }
};

// Calls work(first column, tile in shared memory) for every tile of [begin, end) of the columns while the next one is on its
// way. All threads are through with a tile before it is overwritten. shared: kStages tiles.
template <int Width, int Stages, typename Work>
__device__ __forceinline__ void for_column_tiles(bf16* shared, const bf16* columns, int begin, int end, int count, const Work& work) {
  using Tile = EmbeddingTile<Width>;
  Tile::load(shared, columns, begin, count);
  close_copies();
  int stage = 0;
  for (int first = begin; first < end; first += kTileColumns) {
    const bool more = first + kTileColumns < end;
    if (Stages == 2 && more) {
      Tile::load(shared + (1 - stage) * Tile::kSize, columns, first + kTileColumns, count);
      close_copies();
      wait_for_copies<1>();
    } else {
      wait_for_copies<0>();
    }
    __syncthreads();
    work(first, shared + stage * Tile::kSize);
    __syncthreads();
    if (Stages == 2) {
      stage = 1 - stage;
    } else if (more) {
      Tile::load(shared, columns, first + kTileColumns, count);
      close_copies();
    }
  }
}

// Columns of one split: whole tiles.
struct SplitRange {
  int begin, end;
  __device__ __forceinline__ SplitRange(int split, int splits, int count) {
    const int tiles = (count + kTileColumns - 1) / kTileColumns, each = (tiles + splits - 1) / splits;
    begin = split * each * kTileColumns;
    end = begin + each * kTileColumns < count ? begin + each * kTileColumns : count;
  }
};

// May this kernel have so much dynamic shared memory on this device?
template <typename Kernel>
bool grant_shared(Kernel* kernel, size_t bytes) {
  if (cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)) == cudaSuccess) return true;
  (void)cudaGetLastError();
  return false;
}

}  // namespace isolens::cuda
