// A pass as one CUDA graph: the second pass of equal signature is captured, later ones are set off with a single call.
#pragma once
#include <cstdint>

#include "../device.h"

namespace isolens::cuda {

class CapturedPass {
 public:
  ~CapturedPass() { forget(); }
  enum class Mode { kEach, kCapture, kReplay };

  Mode next(uint64_t signature) {
    if (signature != signature_) forget();
    signature_ = signature;
    if (ready()) return Mode::kReplay;
    return seen_++ == 0 || !kPossible ? Mode::kEach : Mode::kCapture;
  }

#if defined(ISOLENS_CUDA_EMULATED)
  cudaError_t begin(cudaStream_t) { return cudaErrorNotSupported; }
  cudaError_t end(cudaStream_t) { return cudaErrorNotSupported; }
  cudaError_t replay(cudaStream_t) { return cudaErrorNotSupported; }

 private:
  static constexpr bool kPossible = false;
  bool ready() const { return false; }
  void forget() { seen_ = 0; }
#else
  cudaError_t begin(cudaStream_t stream) { return cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal); }
  cudaError_t end(cudaStream_t stream) {
    cudaGraph_t graph = nullptr;
    cudaError_t error = cudaStreamEndCapture(stream, &graph);
    if (error == cudaSuccess) error = cudaGraphInstantiate(&graph_, graph, 0);
    if (graph != nullptr) cudaGraphDestroy(graph);
    return error == cudaSuccess ? replay(stream) : error;
  }
  cudaError_t replay(cudaStream_t stream) { return cudaGraphLaunch(graph_, stream); }

 private:
  static constexpr bool kPossible = true;
  bool ready() const { return graph_ != nullptr; }
  void forget() {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    graph_ = nullptr;
    seen_ = 0;
  }
  cudaGraphExec_t graph_ = nullptr;
#endif
  uint64_t signature_ = 0;
  int seen_ = 0;
};

}  // namespace isolens::cuda
