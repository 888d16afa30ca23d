#include "../../cuda/scatter.cuh"

namespace isolens::cuda {

namespace {

class GatherOp final : public DeviceOp {
 public:
  explicit GatherOp(AttributeReader& attributes) { attributes.integer("axis", 0, 0, 0); }
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, Precision) const override {
    return scatter_workspace_bytes(in[1].count(), in[0].shape[0]);
  }
  cudaError_t forward(const OpCall& call) const override {
    const int64_t rows = call.in[0].shape[0], count = call.in[1].count();
    ISOLENS_CUDA_TRY(check_indices(call, call.i32(1), count, rows, true));
    return gather_rows(call, call.out_f32(), call.f32(0), call.i32(1), count, width(call), rows, true, false);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    return scatter_rows(call, call.dx[0], call.dy, call.i32(1), call.in[1].count(), width(call), call.in[0].shape[0], true, call.accumulate[0]);
  }
  std::string explain(const Fault& fault) const override {
    return "expected indices within " + std::to_string(fault.limit) + " rows but received " + std::to_string(fault.received) + " at position " + std::to_string(fault.position);
  }

 private:
  static int64_t width(const OpCall& call) {
    const Shape& shape = call.in[0].shape;
    return element_count(Shape(shape.begin() + 1, shape.end()));
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_gather_cuda(AttributeReader& attributes) { return std::make_unique<GatherOp>(attributes); }

}  // namespace isolens::cuda
