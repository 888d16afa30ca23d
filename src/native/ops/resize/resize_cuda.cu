// A thread for each output forward, and for each input backward: it adds up its own copies.
#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

struct CopyTerm {
  const float* x;
  int64_t height, width, scale;
  __device__ float operator()(int64_t i) const {
    const int64_t wide = width * scale, row = i / wide, column = i - row * wide, high = height * scale;
    const int64_t plane = row / high, r = row - plane * high;
    return x[(plane * height + r / scale) * width + column / scale];
  }
};

struct SumTerm {
  const float* dy;
  int64_t width, scale;
  __device__ float operator()(int64_t i) const {
    const int64_t wide = width * scale, row = i / width, column = i - row * width;
    const float* from = dy + row * scale * wide + column * scale;
    float sum = 0;
    for (int64_t k = 0; k < scale; k++) {
      for (int64_t j = 0; j < scale; j++) sum += from[k * wide + j];
    }
    return sum;
  }
};

class ResizeOp final : public DeviceOp {
 public:
  explicit ResizeOp(AttributeReader& attributes) : scale_(attributes.integer("scale", 0, 1, 16)) {}
  cudaError_t forward(const OpCall& call) const override {
    const Shape& x = call.in[0].shape;
    return store_terms(call.out_f32(), call.out.count(), false, CopyTerm{call.f32(0), x[2], x[3], scale_}, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    return store_terms(call.dx[0], call.in[0].count(), call.accumulate[0], SumTerm{call.dy, call.in[0].shape[3], scale_}, call.stream);
  }

 private:
  int64_t scale_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_resize_cuda(AttributeReader& attributes) { return std::make_unique<ResizeOp>(attributes); }

}  // namespace isolens::cuda
