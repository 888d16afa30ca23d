// A store's numbers on the device: one piece of memory for each kind, so that zeroing, the norm and the AdamW step are single
// launches over all parameters.
#pragma once
#include "machine.h"

namespace isolens::cuda {

// A parameter's place among all; starts are multiples of 64.
struct Span {
  uint64_t start, count;
  int32_t trainable, decay;
};

// A run of at most kRun numbers of one parameter: what one block of the optimiser works on.
struct Run {
  uint64_t start;
  int64_t frozen_until;
  uint32_t count, decay;
};

// What steps leave on the device until somebody asks.
struct Progress {
  double sums[ISOLENS_CUDA_SCALARS];
  float current[ISOLENS_CUDA_SCALARS], last[ISOLENS_CUDA_SCALARS];
  long long steps, bad_step;
  float norm, gradient_scale;
  int recorded, bad_loss;
};

class Mirror {
 public:
  explicit Mirror(Machine& machine) : machine_(machine) {}
  ~Mirror();
  IsolensCudaStatus open(const IsolensCudaParameter* parameters, size_t count);
  float* place(int kind, size_t parameter) const;
  IsolensCudaStatus upload(int kind, size_t parameter, const float* from);
  IsolensCudaStatus download(int kind, size_t parameter, float* to);
  IsolensCudaStatus zero_gradients();
  IsolensCudaStatus step(const IsolensCudaAdamW& options, int64_t step);
  IsolensCudaStatus apply(const IsolensCudaRule& rule);
  IsolensCudaStatus take(IsolensCudaNumbers* numbers);
  Progress* progress() const { return progress_; }
  Machine& machine() { return machine_; }

 private:
  Machine& machine_;
  std::vector<Span> spans_;
  float* numbers_ = nullptr;  // four kinds, one after another
  uint64_t total_ = 0;        // floats a kind
  Run* runs_ = nullptr;
  double* norms_ = nullptr;   // one a run
  uint32_t run_count_ = 0;
  Progress* progress_ = nullptr;
};

// optim/adamw_cuda.cu
struct OptimiserMemory {
  float* value;
  float* gradient;
  float* moment1;
  float* moment2;
  const Run* runs;
  double* norms;
  uint32_t run_count;
  Progress* progress;
};
constexpr uint32_t kRun = 4096;
cudaError_t adamw(const OptimiserMemory& memory, const IsolensCudaAdamW& options, int64_t step, cudaStream_t stream);
cudaError_t record_scalars(Progress* progress, const float* const* scalars, size_t count, float share, cudaStream_t stream);
// optim/rules_cuda.cu; source: what is followed or taken, where the rule has one.
cudaError_t apply_rule(const IsolensCudaRule& rule, float* values, const float* source, const Progress* progress, cudaStream_t stream);

}  // namespace isolens::cuda
