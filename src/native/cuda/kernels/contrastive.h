// The fused contrastive loss on the device; forms and terms are those of ../../ops/contrastive_loss/contrastive_loss.h. With
// kBf16 and at most kWidest columns the logits live in shared memory and registers alone; otherwise one tile of them lies in the
// workspace. Either way memory grows with (N + K) * D.
#pragma once
#include "kernels.h"

namespace isolens::cuda {

enum class LossForm { kRows, kSymmetric, kViews, kPairwise };

constexpr int64_t kWidest = 512;

struct ContrastiveProblem {
  LossForm form = LossForm::kRows;
  bool exclude_positive = false;
  float smoothing = 0;
  int64_t pairs = 0, width = 0;         // N, D
  int64_t more = 0;                     // K further columns, in the form rows alone
  const float* a = nullptr;             // (N, D)
  const float* b = nullptr;             // (N, D)
  const float* scale = nullptr;         // ()
  const float* bias = nullptr;          // (), or null
  const int32_t* label = nullptr;       // (N), or null
  const float* further = nullptr;       // (K, D), or null
  const int32_t* group = nullptr;       // (N), or null; a negative one is of no group
  const int32_t* more_group = nullptr;  // (K), or null
  const float* weight = nullptr;        // (N), or null
  const float* target = nullptr;        // (N, N), or null
};

// null: not wanted. With accumulate[i] the i-th is added to.
struct ContrastiveGradients {
  float* a = nullptr;        // (N, D)
  float* b = nullptr;        // (N, D)
  float* scale = nullptr;    // ()
  float* bias = nullptr;     // ()
  float* further = nullptr;  // (K, D)
  bool accumulate[5] = {false, false, false, false, false};
};

// From forward to backward: (3, 2 N) f32; (4, 2 N) where rows have weights.
size_t contrastive_saved_bytes(const ContrastiveProblem& problem);
size_t contrastive_workspace_bytes(Precision precision, const ContrastiveProblem& problem);
// loss: (). saved: null where no backward follows.
cudaError_t contrastive_forward(Precision precision, float* loss, const ContrastiveProblem& problem, float* saved, void* workspace, cudaStream_t stream);
// dloss: ()
cudaError_t contrastive_backward(Precision precision, const ContrastiveGradients& gradients, const float* dloss, const ContrastiveProblem& problem,
                                 const float* saved, void* workspace, cudaStream_t stream);

}  // namespace isolens::cuda
