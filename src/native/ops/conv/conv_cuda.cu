#include "../../cuda/kernels/kernels.h"
#include "../../cuda/op.h"
#include "../../cuda/reduce.cuh"
#include "../window.h"

namespace isolens::cuda {

namespace {

class ConvOp final : public DeviceOp {
 public:
  explicit ConvOp(AttributeReader& attributes) : window_(read_window(attributes, false)), group_(attributes.integer("group", 1, 1, 1 << 20)) {}

  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision precision) const override {
    return std::max(conv2d_workspace_bytes(precision, shape(in)), reduce_workspace_bytes(channels(out)));
  }

  cudaError_t forward(const OpCall& call) const override {
    return conv2d_forward(call.precision, call.out_f32(), call.f32(0), call.f32(1), call.has(2) ? call.f32(2) : nullptr, shape(call.in), call.workspace, call.stream);
  }

  cudaError_t backward(const OpCall& call) const override {
    const ConvShape s = shape(call.in);
    // The program adds up what is accumulated, as the shared operator tells it.
    if (call.wants(0)) ISOLENS_CUDA_TRY(conv2d_backward_data(call.precision, call.dx[0], call.dy, call.f32(1), false, s, call.workspace, call.stream));
    for (size_t k = 1; k < call.dx.size(); k++) {
      // The kernel adds.
      if (call.wants(k) && !call.accumulate[k]) ISOLENS_CUDA_TRY(cudaMemsetAsync(call.dx[k], 0, static_cast<size_t>(call.in[k].count()) * 4, call.stream));
    }
    if (call.wants(1)) {
      return conv2d_backward_weights(call.precision, call.dx[1], call.wants(2) ? call.dx[2] : nullptr, call.f32(0), call.dy, s, call.workspace, call.stream);
    }
    if (!call.wants(2)) return cudaSuccess;
    return reduce<SumRule>(call.dx[2], channels(call.out), true, 1.0f, ValueTerm{call.dy}, call.workspace, call.stream);
  }

 private:
  ConvShape shape(const std::vector<TensorSpec>& in) const {
    const Shape &x = in[0].shape, &w = in[1].shape;
    return {x[0], x[1], x[2], x[3], w[0], w[2], w[3], window_.stride[0], window_.stride[1], window_.pad[0], window_.pad[1], window_.pad[2], window_.pad[3], group_};
  }
  static ReduceLayout channels(const TensorSpec& out) { return make_reduce_layout(out.shape, {true, false, true, true}); }

  Window window_;
  int64_t group_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_conv_cuda(AttributeReader& attributes) { return std::make_unique<ConvOp>(attributes); }

}  // namespace isolens::cuda
