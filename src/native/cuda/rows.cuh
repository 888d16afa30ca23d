// Rows of a matrix, a warp each: what normalisations and softmax share.
#pragma once
#include "block.cuh"
#include "elementwise.cuh"

namespace isolens::cuda {

constexpr int kRowsPerBlock = kThreads / 32;

// The row of this warp; rows beyond the last are none of its business, but it must take part in nothing either.
__device__ __forceinline__ int64_t row_of_warp() { return static_cast<int64_t>(blockIdx.x) * kRowsPerBlock + threadIdx.x / 32; }
__device__ __forceinline__ int lane_of_row() { return static_cast<int>(threadIdx.x % 32); }

inline unsigned int blocks_for_rows(int64_t rows) { return static_cast<unsigned int>((rows + kRowsPerBlock - 1) / kRowsPerBlock); }

// Sum of term(i) for i < n; every lane of the warp has it.
template <typename Term>
__device__ __forceinline__ float row_sum(int64_t n, const Term& term) {
  float sum = 0;
  for (int64_t i = lane_of_row(); i < n; i += 32) sum += term(i);
  return warp_combine(sum, AddOf());
}
template <typename Term>
__device__ __forceinline__ float row_max(int64_t n, const Term& term) {
  float best = -INFINITY;
  for (int64_t i = lane_of_row(); i < n; i += 32) best = MaxOf()(best, term(i));
  return warp_combine(best, MaxOf());
}
// y[i] = or += value(i); y may be what value(i) reads at i.
template <typename Value>
__device__ __forceinline__ void row_store(float* y, int64_t n, bool accumulate, const Value& value) {
  for (int64_t i = lane_of_row(); i < n; i += 32) {
    const float result = value(i);
    y[i] = accumulate ? y[i] + result : result;
  }
}

}  // namespace isolens::cuda
