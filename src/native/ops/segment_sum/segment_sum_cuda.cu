#include "../../cuda/scatter.cuh"

namespace isolens::cuda {

namespace {

class SegmentSumOp final : public DeviceOp {
 public:
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision) const override {
    return scatter_workspace_bytes(in[1].count(), out.shape[0]);
  }
  cudaError_t forward(const OpCall& call) const override {
    const int64_t rows = call.in[0].shape[0], width = call.in[0].shape[1], segments = call.out.shape[0];
    ISOLENS_CUDA_TRY(check_indices(call, call.i32(1), rows, segments, false));
    return scatter_rows(call, call.out_f32(), call.f32(0), call.i32(1), rows, width, segments, false, false);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    return gather_rows(call, call.dx[0], call.dy, call.i32(1), call.in[0].shape[0], call.in[0].shape[1], call.out.shape[0], false, call.accumulate[0]);
  }
  std::string explain(const Fault& fault) const override {
    return "expected segments below " + std::to_string(fault.limit) + " but received " + std::to_string(fault.received) + " at row " + std::to_string(fault.position);
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_segment_sum_cuda(AttributeReader&) { return std::make_unique<SegmentSumOp>(); }

}  // namespace isolens::cuda
