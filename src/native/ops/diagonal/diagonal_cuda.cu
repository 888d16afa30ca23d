#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

struct MaskTerm {
  const float* x;
  int64_t n;
  float diagonal;
  __device__ float operator()(int64_t i) const { return i / n == i % n ? diagonal : x[i]; }
};
struct PickTerm {
  const float* x;
  int64_t n;
  __device__ float operator()(int64_t i) const { return x[i * n + i]; }
};
struct SpreadTerm {
  const float* dy;
  int64_t n;
  __device__ float operator()(int64_t i) const { return i / n == i % n ? dy[i / n] : 0.0f; }
};

class MaskDiagonalOp final : public DeviceOp {
 public:
  explicit MaskDiagonalOp(AttributeReader& attributes) : value_(static_cast<float>(attributes.required_number("value"))) {}
  cudaError_t forward(const OpCall& call) const override {
    return store_terms(call.out_f32(), call.out.count(), false, MaskTerm{call.f32(0), call.out.shape[0], value_}, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    return store_terms(call.dx[0], call.out.count(), call.accumulate[0], MaskTerm{call.dy, call.out.shape[0], 0.0f}, call.stream);
  }

 private:
  float value_;
};

class DiagonalOp final : public DeviceOp {
 public:
  cudaError_t forward(const OpCall& call) const override {
    return store_terms(call.out_f32(), call.out.count(), false, PickTerm{call.f32(0), call.out.shape[0]}, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    return store_terms(call.dx[0], call.in[0].count(), call.accumulate[0], SpreadTerm{call.dy, call.out.shape[0]}, call.stream);
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_mask_diagonal_cuda(AttributeReader& attributes) { return std::make_unique<MaskDiagonalOp>(attributes); }
std::unique_ptr<DeviceOp> make_diagonal_cuda(AttributeReader&) { return std::make_unique<DiagonalOp>(); }

}  // namespace isolens::cuda
