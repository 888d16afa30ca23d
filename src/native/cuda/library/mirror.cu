#include "mirror.h"

#include <algorithm>

namespace isolens::cuda {

Mirror::~Mirror() {
  (void)machine_.select();
  for (void* place : {static_cast<void*>(numbers_), static_cast<void*>(runs_), static_cast<void*>(norms_), static_cast<void*>(progress_)}) machine_.release(place);
}

IsolensCudaStatus Mirror::open(const IsolensCudaParameter* parameters, size_t count) {
  std::vector<Run> runs;
  for (size_t i = 0; i < count; i++) {
    spans_.push_back({total_, parameters[i].count, parameters[i].trainable, parameters[i].decay});
    for (uint64_t begin = 0; parameters[i].trainable != 0 && begin < parameters[i].count; begin += kRun) {
      runs.push_back({total_ + begin, parameters[i].frozen_until, static_cast<uint32_t>(std::min<uint64_t>(kRun, parameters[i].count - begin)), static_cast<uint32_t>(parameters[i].decay)});
    }
    total_ += (parameters[i].count + 63) / 64 * 64;
  }
  run_count_ = static_cast<uint32_t>(runs.size());
  IsolensCudaStatus status = translate(machine_.select(), "The parameters");
  const std::pair<void**, size_t> pieces[] = {{reinterpret_cast<void**>(&numbers_), total_ * 16}, {reinterpret_cast<void**>(&runs_), runs.size() * sizeof(Run)},
                                              {reinterpret_cast<void**>(&norms_), runs.size() * sizeof(double)}, {reinterpret_cast<void**>(&progress_), sizeof(Progress)}};
  for (const auto& [place, bytes] : pieces) {
    if (status.code == ISOLENS_CUDA_OK) status = machine_.allocate(bytes, "the parameters, their gradients and moments", place);
  }
  if (status.code != ISOLENS_CUDA_OK) return status;
  Progress fresh = {};
  fresh.bad_step = -1;
  cudaError_t error = cudaMemsetAsync(numbers_, 0, total_ * 16, machine_.stream());
  if (error == cudaSuccess && !runs.empty()) error = cudaMemcpyAsync(runs_, runs.data(), runs.size() * sizeof(Run), cudaMemcpyHostToDevice, machine_.stream());
  if (error == cudaSuccess) error = cudaMemcpyAsync(progress_, &fresh, sizeof fresh, cudaMemcpyHostToDevice, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  return translate(error, "The parameters");
}

float* Mirror::place(int kind, size_t parameter) const { return numbers_ + static_cast<uint64_t>(kind) * total_ + spans_[parameter].start; }

IsolensCudaStatus Mirror::upload(int kind, size_t parameter, const float* from) {
  cudaError_t error = machine_.select();
  if (error == cudaSuccess) error = cudaMemcpyAsync(place(kind, parameter), from, spans_[parameter].count * 4, cudaMemcpyHostToDevice, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  return translate(error, "Sending parameters");
}

IsolensCudaStatus Mirror::download(int kind, size_t parameter, float* to) {
  cudaError_t error = machine_.select();
  if (error == cudaSuccess) error = cudaMemcpyAsync(to, place(kind, parameter), spans_[parameter].count * 4, cudaMemcpyDeviceToHost, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  return translate(error, "Fetching parameters");
}

IsolensCudaStatus Mirror::zero_gradients() {
  cudaError_t error = machine_.select();
  if (error == cudaSuccess && total_ > 0) error = cudaMemsetAsync(numbers_ + total_, 0, total_ * 4, machine_.stream());
  return translate(error, "Zeroing the gradients");
}

IsolensCudaStatus Mirror::step(const IsolensCudaAdamW& options, int64_t step) {
  cudaError_t error = machine_.select();
  const OptimiserMemory memory{numbers_, numbers_ + total_, numbers_ + 2 * total_, numbers_ + 3 * total_, runs_, norms_, run_count_, progress_};
  if (error == cudaSuccess) error = adamw(memory, options, step, machine_.stream());
  return translate(error, "The AdamW step");
}

IsolensCudaStatus Mirror::apply(const IsolensCudaRule& rule) {
  const float* source = rule.kind == ISOLENS_CUDA_AVERAGE ? place(0, rule.followed) : rule.taken;
  cudaError_t error = machine_.select();
  if (error == cudaSuccess) error = apply_rule(rule, place(0, rule.parameter), source, progress_, machine_.stream());
  return translate(error, "A rule after the step");
}

IsolensCudaStatus Mirror::take(IsolensCudaNumbers* numbers) {
  Progress progress;
  cudaError_t error = machine_.select();
  if (error == cudaSuccess) error = cudaMemcpyAsync(&progress, progress_, sizeof progress, cudaMemcpyDeviceToHost, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  if (error != cudaSuccess) return translate(error, "The training step");
  for (int i = 0; i < ISOLENS_CUDA_SCALARS; i++) {
    numbers->sums[i] = progress.sums[i];
    numbers->last[i] = progress.last[i];
    progress.sums[i] = 0;
  }
  numbers->steps = progress.steps;
  numbers->bad_step = progress.bad_step;
  numbers->bad_loss = progress.bad_loss;
  numbers->gradient_norm = progress.norm;
  progress.steps = 0;
  error = cudaMemcpyAsync(progress_, &progress, sizeof progress, cudaMemcpyHostToDevice, machine_.stream());
  if (error == cudaSuccess) error = cudaStreamSynchronize(machine_.stream());
  return translate(error, "The training step");
}

}  // namespace isolens::cuda
