#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

struct ValueOf {
  float value;
  __device__ float operator()(int64_t) const { return value; }
};

class ConstantOp final : public DeviceOp {
 public:
  explicit ConstantOp(AttributeReader& attributes) : value_(static_cast<float>(attributes.required_number("value"))) {}
  cudaError_t forward(const OpCall& call) const override { return store_terms(call.out_f32(), call.out.count(), false, ValueOf{value_}, call.stream); }
  cudaError_t backward(const OpCall&) const override { return cudaSuccess; }

 private:
  float value_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_constant_cuda(AttributeReader& attributes) { return std::make_unique<ConstantOp>(attributes); }

}  // namespace isolens::cuda
