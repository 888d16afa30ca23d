// What is done to parameters after a step. Nothing waits for the host, and nothing is changed from a bad step on.
#include "../cuda/block.cuh"
#include "../cuda/elementwise.cuh"
#include "../cuda/library/mirror.h"

namespace isolens::cuda {

namespace {

__device__ __forceinline__ uint64_t first_of_thread() { return blockIdx.x * static_cast<uint64_t>(kThreads) + threadIdx.x; }
__device__ __forceinline__ uint64_t stride_of_grid() { return static_cast<uint64_t>(gridDim.x) * kThreads; }

__global__ void __launch_bounds__(kThreads) clamp_values(float* values, uint64_t count, float minimum, float maximum, const Progress* progress) {
  if (progress->bad_step >= 0) return;
  for (uint64_t i = first_of_thread(); i < count; i += stride_of_grid()) values[i] = fminf(maximum, fmaxf(minimum, values[i]));
}

// One block a row.
__global__ void __launch_bounds__(kThreads) unit_rows(float* values, uint64_t width, const Progress* progress) {
  if (progress->bad_step >= 0) return;
  float* row = values + blockIdx.x * width;
  double squares = 0;
  for (uint64_t i = threadIdx.x; i < width; i += kThreads) squares += static_cast<double>(row[i]) * row[i];
  __shared__ double total;
  squares = block_sum(squares);
  if (threadIdx.x == 0) total = squares;
  __syncthreads();
  const float scale = total > 0 ? static_cast<float>(1.0 / sqrt(total)) : 1.0f;
  for (uint64_t i = threadIdx.x; i < width; i += kThreads) row[i] *= scale;
}

__global__ void __launch_bounds__(kThreads) follow(float* values, const float* followed, uint64_t count, float momentum, const Progress* progress) {
  if (progress->bad_step >= 0) return;
  for (uint64_t i = first_of_thread(); i < count; i += stride_of_grid()) values[i] = momentum * values[i] + (1.0f - momentum) * followed[i];
}

__global__ void __launch_bounds__(kThreads) take(float* values, const float* taken, uint64_t count, const Progress* progress) {
  if (progress->bad_step >= 0) return;
  for (uint64_t i = first_of_thread(); i < count; i += stride_of_grid()) values[i] = taken[i];
}

// One block a row of the batch. Of rows that name the same place the last writes, whatever the order of the blocks. A row outside the
// matrix is left out: to refuse it, the host would have to wait (the processor does refuse it).
__global__ void __launch_bounds__(kThreads) scatter_rows(float* values, const float* taken, const int32_t* rows, uint64_t held, uint64_t width, const Progress* progress) {
  if (progress->bad_step >= 0) return;
  const int32_t row = rows[blockIdx.x];
  if (row < 0 || static_cast<uint64_t>(row) >= held) return;
  int replaced = 0;
  for (unsigned int i = blockIdx.x + 1 + threadIdx.x; i < gridDim.x; i += kThreads) replaced |= rows[i] == row ? 1 : 0;
  if (block_sum(replaced) != 0) return;
  for (uint64_t i = threadIdx.x; i < width; i += kThreads) values[static_cast<uint64_t>(row) * width + i] = taken[blockIdx.x * width + i];
}

}  // namespace

cudaError_t apply_rule(const IsolensCudaRule& rule, float* values, const float* source, const Progress* progress, cudaStream_t stream) {
  if (rule.count == 0) return cudaSuccess;
  const int blocks = blocks_for(static_cast<int64_t>(rule.count));
  switch (rule.kind) {
    case ISOLENS_CUDA_CLAMP: ISOLENS_LAUNCH(clamp_values, blocks, kThreads, 0, stream, values, rule.count, rule.minimum, rule.maximum, progress); break;
    case ISOLENS_CUDA_UNIT_ROWS: ISOLENS_LAUNCH(unit_rows, static_cast<unsigned>(rule.count / rule.width), kThreads, 0, stream, values, rule.width, progress); break;
    case ISOLENS_CUDA_AVERAGE: ISOLENS_LAUNCH(follow, blocks, kThreads, 0, stream, values, source, rule.count, rule.momentum, progress); break;
    case ISOLENS_CUDA_TAKE: ISOLENS_LAUNCH(take, blocks, kThreads, 0, stream, values + rule.offset, source, rule.count, progress); break;
    case ISOLENS_CUDA_SCATTER:
      if (rule.taken_rows == 0) return cudaSuccess;
      ISOLENS_LAUNCH(scatter_rows, static_cast<unsigned>(rule.taken_rows), kThreads, 0, stream, values, source, rule.rows, rule.count / rule.width, rule.width, progress);
      break;
    default: return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

}  // namespace isolens::cuda
