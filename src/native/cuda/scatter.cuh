// Rows picked and rows added by index: Gather and SegmentSum are each other's gradient. Additions go row by row of the target
// in the order of the source, so that the result never depends on timing: the sources of each target are listed, the lists
// sorted, and a warp adds up each list.
#pragma once
#include "block.cuh"
#include "elementwise.cuh"
#include "op.h"

namespace isolens::cuda {

// Sizes of the lists, where each starts, one list filled in any order, one sorted.
inline size_t scatter_workspace_bytes(int64_t count, int64_t rows) { return static_cast<size_t>(rows * 2 + 1 + count * 2) * 4 + 256; }

namespace detail {

// Negative indices count from the end where `from_end`, otherwise they are ignored.
__device__ __forceinline__ int64_t resolved(int32_t index, int64_t rows, bool from_end) { return index < 0 && from_end ? index + rows : index; }

__device__ __forceinline__ void report(Fault* fault, unsigned int node, int32_t received, int64_t position, int64_t limit) {
  if (atomicCAS(&fault->node, 0u, node) != 0u) return;
  fault->received = received;
  fault->position = position;
  fault->limit = limit;
}

static __global__ void __launch_bounds__(kThreads) check_indices(const int32_t* index, int64_t count, int64_t rows, bool from_end, Fault* fault, unsigned int node) {
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count; i += static_cast<int64_t>(gridDim.x) * kThreads) {
    if (index[i] >= rows || (from_end && index[i] < -rows)) report(fault, node, index[i], i, rows);
  }
}

// to: (count, width) [i] = or += from: (rows, width) [index[i]]; indices outside give zeros.
static __global__ void __launch_bounds__(kThreads)
    gather_kernel(float* to, const float* from, const int32_t* index, int64_t count, int64_t width, int64_t rows, bool from_end, bool accumulate) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count * width; i += step) {
    const int64_t item = i / width, row = resolved(index[item], rows, from_end);
    const float value = row >= 0 && row < rows ? from[row * width + (i - item * width)] : 0.0f;
    to[i] = accumulate ? to[i] + value : value;
  }
}

static __global__ void __launch_bounds__(kThreads) count_sources(int32_t* sizes, const int32_t* index, int64_t count, int64_t rows, bool from_end) {
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count; i += static_cast<int64_t>(gridDim.x) * kThreads) {
    const int64_t row = resolved(index[i], rows, from_end);
    if (row >= 0 && row < rows) atomicAdd(&sizes[row], 1);
  }
}

// starts[0 .. rows]: sums of the sizes before each; sizes become 0. One block.
static __global__ void __launch_bounds__(1024) sum_sizes(int32_t* starts, int32_t* sizes, int64_t rows) {
  __shared__ int32_t warp_sums[32];
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x / 32);
  int32_t before = 0;
  for (int64_t first = 0; first < rows; first += 1024) {
    const int64_t i = first + threadIdx.x;
    const int32_t own = i < rows ? sizes[i] : 0;
    int32_t sum = own;
    for (int offset = 1; offset < 32; offset *= 2) {
      const int32_t other = __shfl_up_sync(0xffffffffu, sum, offset);
      if (lane >= offset) sum += other;
    }
    if (lane == 31) warp_sums[warp] = sum;
    __syncthreads();
    int32_t total = 0;
    for (int w = 0; w < 32; w++) {
      if (w < warp) sum += warp_sums[w];
      total += warp_sums[w];
    }
    if (i < rows) {
      starts[i] = before + sum - own;
      sizes[i] = 0;
    }
    before += total;
    __syncthreads();
  }
  if (threadIdx.x == 0) starts[rows] = before;
}

static __global__ void __launch_bounds__(kThreads)
    list_sources(int32_t* list, int32_t* sizes, const int32_t* starts, const int32_t* index, int64_t count, int64_t rows, bool from_end) {
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < count; i += static_cast<int64_t>(gridDim.x) * kThreads) {
    const int64_t row = resolved(index[i], rows, from_end);
    if (row >= 0 && row < rows) list[starts[row] + atomicAdd(&sizes[row], 1)] = static_cast<int32_t>(i);
  }
}

// A warp for each target row: ranks its sources, then adds them up in order.
static __global__ void __launch_bounds__(kThreads)
    add_sources(float* to, const float* from, const int32_t* starts, const int32_t* list, int32_t* sorted, int64_t rows, int64_t width, bool accumulate) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  if (row >= rows) return;
  const int lane = static_cast<int>(threadIdx.x % 32), begin = starts[row], size = starts[row + 1] - begin;
  for (int e = lane; e < size; e += 32) {
    const int32_t mine = list[begin + e];
    int rank = 0;
    for (int other = 0; other < size; other++) rank += list[begin + other] < mine ? 1 : 0;
    sorted[begin + rank] = mine;
  }
  __syncwarp();
  for (int64_t k = lane; k < width; k += 32) {
    float sum = 0;
    for (int e = 0; e < size; e++) sum += from[sorted[begin + e] * width + k];
    float* target = to + row * width + k;
    *target = accumulate ? *target + sum : sum;
  }
}

}  // namespace detail

inline cudaError_t gather_rows(const OpCall& call, float* to, const float* from, const int32_t* index, int64_t count, int64_t width, int64_t rows, bool from_end, bool accumulate) {
  if (count * width == 0) return cudaSuccess;
  ISOLENS_LAUNCH(detail::gather_kernel, blocks_for(count * width), kThreads, 0, call.stream, to, from, index, count, width, rows, from_end, accumulate);
  return cudaGetLastError();
}

// Reports the first index outside [0, rows), or [-rows, rows) where `from_end`.
inline cudaError_t check_indices(const OpCall& call, const int32_t* index, int64_t count, int64_t rows, bool from_end) {
  if (count == 0) return cudaSuccess;
  ISOLENS_LAUNCH(detail::check_indices, blocks_for(count), kThreads, 0, call.stream, index, count, rows, from_end, call.fault, call.node);
  return cudaGetLastError();
}

// to: (rows, width) = or += the sums of from: (count, width) over the items of each index.
inline cudaError_t scatter_rows(const OpCall& call, float* to, const float* from, const int32_t* index, int64_t count, int64_t width, int64_t rows, bool from_end, bool accumulate) {
  if (rows * width == 0) return cudaSuccess;
  int32_t* sizes = static_cast<int32_t*>(call.workspace);
  int32_t *starts = sizes + rows, *list = starts + rows + 1, *sorted = list + count;
  ISOLENS_CUDA_TRY(cudaMemsetAsync(sizes, 0, static_cast<size_t>(rows) * 4, call.stream));
  if (count > 0) ISOLENS_LAUNCH(detail::count_sources, blocks_for(count), kThreads, 0, call.stream, sizes, index, count, rows, from_end);
  ISOLENS_LAUNCH(detail::sum_sizes, 1, 1024, 0, call.stream, starts, sizes, rows);
  if (count > 0) ISOLENS_LAUNCH(detail::list_sources, blocks_for(count), kThreads, 0, call.stream, list, sizes, starts, index, count, rows, from_end);
  const unsigned int blocks = static_cast<unsigned int>((rows + kThreads / 32 - 1) / (kThreads / 32));
  ISOLENS_LAUNCH(detail::add_sources, blocks, kThreads, 0, call.stream, to, from, starts, list, sorted, rows, width, accumulate);
  return cudaGetLastError();
}

}  // namespace isolens::cuda
