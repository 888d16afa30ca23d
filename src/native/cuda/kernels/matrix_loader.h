// A matrix as an operand of a tile.
#pragma once
#include "kernels.h"
#include "tile.h"

namespace isolens::cuda {

// One operand as it lies: (rows, depth) with depth contiguous, or (depth, rows) with rows contiguous.
struct MatrixOperand {
  const void* data;
  int64_t ld, rows;
  Element type;
  bool vectors;  // four neighbours are always aligned

  // Alignment of the first element and of the leading dimension decide.
  static bool aligned(const void* data, int64_t ld, Element type) {
    const uintptr_t unit = type == Element::kF32 ? 16 : 8;
    return reinterpret_cast<uintptr_t>(data) % unit == 0 && ld % 4 == 0;
  }
};

template <typename Multiplier, int Rows, bool DepthFirst>
struct MatrixLoader {
  using SharedPanel = Panel<typename Multiplier::Element, Rows, DepthFirst>;
  // Vectors of four along whatever is contiguous.
  static constexpr int kAcross = (DepthFirst ? kDepth : Rows) / 4, kVectors = Rows * kDepth / 4 / Multiplier::kThreads;
  static_assert(kVectors * 4 * Multiplier::kThreads == Rows * kDepth, "threads share a panel evenly");

  const MatrixOperand operand;
  const int64_t first;  // row of the tile
  float v[kVectors][4];

  __device__ __forceinline__ MatrixLoader(const MatrixOperand& operand_, int64_t first_) : operand(operand_), first(first_) {}

  __device__ __forceinline__ void fetch(int64_t begin, int64_t end) {
#pragma unroll
    for (int i = 0; i < kVectors; i++) {
      const int vector = threadIdx.x + i * Multiplier::kThreads, line = vector / kAcross, along = vector % kAcross * 4;
      const int64_t row = first + (DepthFirst ? line : along), k = begin + (DepthFirst ? along : line);
      const int64_t offset = DepthFirst ? row * operand.ld + k : k * operand.ld + row;
      // How many of the four exist.
      const int64_t left = DepthFirst ? (row < operand.rows ? end - k : 0) : (k < end ? operand.rows - row : 0);
      if (operand.type == Element::kF32) {
        fetch_f32(v[i], static_cast<const float*>(operand.data) + offset, left);
      } else {
        fetch_bf16(v[i], static_cast<const bf16*>(operand.data) + offset, left);
      }
    }
  }

  __device__ __forceinline__ void put_into(typename Multiplier::Element* panel) const {
#pragma unroll
    for (int i = 0; i < kVectors; i++) {
      const int vector = threadIdx.x + i * Multiplier::kThreads, line = vector / kAcross, along = vector % kAcross * 4;
      put4(panel + (DepthFirst ? SharedPanel::at(line, along) : SharedPanel::at(along, line)), v[i]);
    }
  }

 private:
  __device__ __forceinline__ void fetch_f32(float (&to)[4], const float* from, int64_t left) const {
    if (operand.vectors && left >= 4) {
      const float4 whole = *reinterpret_cast<const float4*>(from);
      to[0] = whole.x, to[1] = whole.y, to[2] = whole.z, to[3] = whole.w;
      return;
    }
#pragma unroll
    for (int j = 0; j < 4; j++) to[j] = j < left ? from[j] : 0.0f;
  }
  __device__ __forceinline__ void fetch_bf16(float (&to)[4], const bf16* from, int64_t left) const {
    if (operand.vectors && left >= 4) {
      const uint2 whole = *reinterpret_cast<const uint2*>(from);
      to[0] = __uint_as_float(whole.x << 16), to[1] = __uint_as_float(whole.x & 0xffff0000u);
      to[2] = __uint_as_float(whole.y << 16), to[3] = __uint_as_float(whole.y & 0xffff0000u);
      return;
    }
#pragma unroll
    for (int j = 0; j < 4; j++) to[j] = j < left ? __bfloat162float(from[j]) : 0.0f;
  }
};

}  // namespace isolens::cuda
