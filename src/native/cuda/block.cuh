// Sums and maxima over a warp and over a block, in an order that never changes.
#pragma once
#include "device.h"

namespace isolens::cuda {

struct AddOf {
  template <typename T>
  __device__ T operator()(T a, T b) const { return a + b; }
};
// NaN where there is one, as on the processor: divergence stays visible.
struct MaxOf {
  __device__ float operator()(float a, float b) const { return b > a || b != b ? b : a; }
};

template <typename T, typename Combine>
__device__ __forceinline__ T warp_combine(T value, Combine combine) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2) value = combine(value, __shfl_xor_sync(0xffffffffu, value, offset));
  return value;
}

// All threads of a block of a multiple of 32 receive the result. `neutral`: what changes nothing.
template <typename T, typename Combine>
__device__ __forceinline__ T block_combine(T value, Combine combine, T neutral) {
  __shared__ T parts[32];
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x / 32), warps = static_cast<int>(blockDim.x / 32);
  value = warp_combine(value, combine);
  __syncthreads();  // of an earlier call all have read
  if (lane == 0) parts[warp] = value;
  __syncthreads();
  return warp_combine(lane < warps ? parts[lane] : neutral, combine);
}

template <typename T>
__device__ __forceinline__ T block_sum(T value) { return block_combine(value, AddOf(), static_cast<T>(0)); }
__device__ __forceinline__ float block_max(float value) { return block_combine(value, MaxOf(), -INFINITY); }

}  // namespace isolens::cuda
