// An operator on the device: the twin of core/op.h, whose shape rule, reuse and saved bytes hold here as well. Twins live in
// ops/<op>/<op>_cuda.cu and are listed in library/op_index.cu.
#pragma once
#include "../core/op.h"
#include "device.h"

namespace isolens::cuda {

// The first thing that a kernel found wrong with its data; read whenever the host waits.
struct Fault {
  unsigned int node;  // 1 + its number; 0: none
  int received;
  long long position, limit;
};

// Pointers and shapes of one execution of a node: OpContext on a stream.
struct OpCall {
  cudaStream_t stream = nullptr;
  Precision precision = Precision::kF32;
  bool training = false;
  uint64_t seed = 0;               // of this node at step 0
  const uint64_t* step = nullptr;  // on the device, so that a captured pass sees another one every time
  unsigned int node = 0;
  Fault* fault = nullptr;
  int processors = 1;              // of the device
  std::vector<TensorSpec> in;
  TensorSpec out;
  std::vector<void*> x;
  void* y = nullptr;
  void* saved = nullptr;
  void* workspace = nullptr;       // 256-byte aligned

  // Backward only.
  float* dy = nullptr;
  bool dy_writable = false;
  std::vector<float*> dx;
  std::vector<bool> accumulate;

  const float* f32(size_t i) const { return static_cast<const float*>(x[i]); }
  const int32_t* i32(size_t i) const { return static_cast<const int32_t*>(x[i]); }
  float* out_f32() const { return static_cast<float*>(y); }
  bool has(size_t i) const { return i < x.size() && x[i] != nullptr; }
  bool wants(size_t i) const { return i < dx.size() && dx[i] != nullptr; }
};

class DeviceOp {
 public:
  virtual ~DeviceOp() = default;
  // Scratch for either direction.
  virtual size_t workspace_bytes(const std::vector<TensorSpec>& /*in*/, const TensorSpec& /*out*/, Precision /*precision*/) const { return 0; }
  // What a launch returned; kernels that fail later are found by the session.
  virtual cudaError_t forward(const OpCall& call) const = 0;
  virtual cudaError_t backward(const OpCall& call) const = 0;
  // What Fault means: "expected indices within 4 rows but received 7 at position 3".
  virtual std::string explain(const Fault& fault) const { return "received " + std::to_string(fault.received) + " at position " + std::to_string(fault.position); }
};

using DeviceOpFactory = std::unique_ptr<DeviceOp> (*)(AttributeReader& attributes);
// nullptr where the operator has no twin.
DeviceOpFactory find_device_op(const std::string& name);

#define ISOLENS_CUDA_TRY(expression)                                   \
  do {                                                                 \
    const cudaError_t isolens_error_ = (expression);                   \
    if (isolens_error_ != cudaSuccess) return isolens_error_;          \
  } while (0)

}  // namespace isolens::cuda
