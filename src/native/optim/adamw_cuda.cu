// The AdamW step over all parameters: the norm of the gradient, then what the step scales by, then the update; nothing waits
// for the host, and a step whose loss or gradient is not finite changes nothing, nor does any after it.
#include <cmath>

#include "../cuda/block.cuh"
#include "../cuda/elementwise.cuh"
#include "../cuda/library/mirror.h"

namespace isolens::cuda {

namespace {

__global__ void __launch_bounds__(kThreads) square_runs(double* norms, const float* gradient, const Run* runs, long long step) {
  const Run run = runs[blockIdx.x];
  if (step <= run.frozen_until) {
    if (threadIdx.x == 0) norms[blockIdx.x] = 0;
    return;
  }
  const float* g = gradient + run.start;
  double total = 0;
  for (uint32_t i = threadIdx.x; i < run.count; i += kThreads) total += static_cast<double>(g[i]) * g[i];
  total = block_sum(total);
  if (threadIdx.x == 0) norms[blockIdx.x] = total;
}

__global__ void __launch_bounds__(kThreads) close_step(Progress* progress, const double* norms, uint32_t runs, float clip_norm, long long step) {
  double total = 0;
  for (uint32_t i = threadIdx.x; i < runs; i += kThreads) total += norms[i];
  total = block_sum(total);
  if (threadIdx.x != 0) return;
  const double norm = sqrt(total);
  progress->norm = static_cast<float>(norm);
  progress->gradient_scale = clip_norm > 0 && norm > clip_norm ? static_cast<float>(clip_norm / norm) : 1.0f;
  const bool bad_loss = progress->recorded != 0 && !isfinite(progress->current[0]);
  if (progress->bad_step < 0 && (bad_loss || !isfinite(norm))) {
    progress->bad_step = step;
    progress->bad_loss = bad_loss ? 1 : 0;
  }
  progress->steps++;
  progress->recorded = 0;
  for (int i = 0; i < ISOLENS_CUDA_SCALARS; i++) {
    progress->sums[i] += progress->current[i];
    progress->last[i] = progress->current[i];
    progress->current[i] = 0;
  }
}

struct StepConstants {
  float rate, beta1, beta2, correction1, inverse_root_correction2, epsilon, decay;
};

__device__ __forceinline__ float updated(float value, float grad, float* m, float* v, const StepConstants& s, float keep, float scale) {
  const float g = grad * scale;
  *m = s.beta1 * *m + (1.0f - s.beta1) * g;
  *v = s.beta2 * *v + (1.0f - s.beta2) * g * g;
  return value * keep - s.rate * (*m / s.correction1) / (sqrtf(*v) * s.inverse_root_correction2 + s.epsilon);
}

// Runs start at multiples of 64, so four numbers at a time are aligned.
__global__ void __launch_bounds__(kThreads) update_runs(OptimiserMemory memory, StepConstants s, long long step) {
  if (memory.progress->bad_step >= 0) return;
  const Run run = memory.runs[blockIdx.x];
  if (step <= run.frozen_until) return;
  const float keep = 1.0f - (run.decay != 0 ? s.rate * s.decay : 0.0f), scale = memory.progress->gradient_scale;
  for (uint32_t q = threadIdx.x; q < run.count / 4; q += kThreads) {
    const uint64_t at = run.start / 4 + q;
    const float4 g = reinterpret_cast<const float4*>(memory.gradient)[at];
    float4 m = reinterpret_cast<float4*>(memory.moment1)[at], v = reinterpret_cast<float4*>(memory.moment2)[at];
    float4 value = reinterpret_cast<float4*>(memory.value)[at];
    value.x = updated(value.x, g.x, &m.x, &v.x, s, keep, scale);
    value.y = updated(value.y, g.y, &m.y, &v.y, s, keep, scale);
    value.z = updated(value.z, g.z, &m.z, &v.z, s, keep, scale);
    value.w = updated(value.w, g.w, &m.w, &v.w, s, keep, scale);
    reinterpret_cast<float4*>(memory.moment1)[at] = m;
    reinterpret_cast<float4*>(memory.moment2)[at] = v;
    reinterpret_cast<float4*>(memory.value)[at] = value;
  }
  for (uint32_t i = run.count / 4 * 4 + threadIdx.x; i < run.count; i += kThreads) {
    const uint64_t at = run.start + i;
    memory.value[at] = updated(memory.value[at], memory.gradient[at], &memory.moment1[at], &memory.moment2[at], s, keep, scale);
  }
}

struct Scalars {
  const float* at[ISOLENS_CUDA_SCALARS];
};
__global__ void add_scalars(Progress* progress, Scalars scalars, int count, float share) {
  const int i = static_cast<int>(threadIdx.x);
  if (i < count) progress->current[i] += share * *scalars.at[i];
  if (i == 0) progress->recorded = 1;
}

}  // namespace

cudaError_t adamw(const OptimiserMemory& memory, const IsolensCudaAdamW& options, int64_t step, cudaStream_t stream) {
  const double steps = static_cast<double>(step);
  StepConstants s;
  s.rate = options.learning_rate;
  s.beta1 = options.beta1;
  s.beta2 = options.beta2;
  s.correction1 = static_cast<float>(1.0 - std::pow(static_cast<double>(options.beta1), steps));
  s.inverse_root_correction2 = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(static_cast<double>(options.beta2), steps)));
  s.epsilon = options.epsilon;
  s.decay = options.weight_decay;
  if (memory.run_count > 0) ISOLENS_LAUNCH(square_runs, memory.run_count, kThreads, 0, stream, memory.norms, memory.gradient, memory.runs, static_cast<long long>(step));
  ISOLENS_LAUNCH(close_step, 1, kThreads, 0, stream, memory.progress, memory.norms, memory.run_count, options.clip_norm, static_cast<long long>(step));
  if (memory.run_count > 0) ISOLENS_LAUNCH(update_runs, memory.run_count, kThreads, 0, stream, memory, s, static_cast<long long>(step));
  return cudaGetLastError();
}

cudaError_t record_scalars(Progress* progress, const float* const* scalars, size_t count, float share, cudaStream_t stream) {
  Scalars places = {};
  for (size_t i = 0; i < count; i++) places.at[i] = scalars[i];
  ISOLENS_LAUNCH(add_scalars, 1, 32, 0, stream, progress, places, static_cast<int>(count), share);
  return cudaGetLastError();
}

}  // namespace isolens::cuda
