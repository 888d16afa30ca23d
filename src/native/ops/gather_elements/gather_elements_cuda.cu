#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"
#include "../../cuda/scatter.cuh"

namespace isolens::cuda {

namespace {

struct PickTerm {
  const float* x;
  const int32_t* indices;
  int64_t width;
  __device__ float operator()(int64_t i) const {
    const int64_t index = indices[i], column = index < 0 ? index + width : index;
    // An index out of range is reported by check_indices; nothing is read there.
    return column < 0 || column >= width ? 0.0f : x[i * width + column];
  }
};

struct SpreadTerm {
  const float* dy;
  const int32_t* indices;
  int64_t width;
  __device__ float operator()(int64_t i) const {
    const int64_t row = i / width, index = indices[row];
    return (index < 0 ? index + width : index) == i - row * width ? dy[row] : 0.0f;
  }
};

class GatherElementsOp final : public DeviceOp {
 public:
  explicit GatherElementsOp(AttributeReader& attributes) { attributes.integer("axis", 1, 1, 1); }
  cudaError_t forward(const OpCall& call) const override {
    const int64_t rows = call.in[0].shape[0], width = call.in[0].shape[1];
    ISOLENS_CUDA_TRY(check_indices(call, call.i32(1), rows, width, true));
    return store_terms(call.out_f32(), rows, false, PickTerm{call.f32(0), call.i32(1), width}, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    const SpreadTerm term{call.dy, call.i32(1), call.in[0].shape[1]};
    return store_terms(call.dx[0], call.in[0].count(), call.accumulate[0], term, call.stream);
  }
  std::string explain(const Fault& fault) const override {
    return "expected indices within " + std::to_string(fault.limit) + " columns but received " + std::to_string(fault.received) + " at position " + std::to_string(fault.position);
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_gather_elements_cuda(AttributeReader& attributes) { return std::make_unique<GatherElementsOp>(attributes); }

}  // namespace isolens::cuda
