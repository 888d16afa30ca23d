// Each input is seen as (outer, run), run = its sizes from the axis on.
#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

// y[o * y_pitch + j] = or += x[o * x_pitch + j] for j < run
__global__ void __launch_bounds__(kThreads) copy_runs(float* y, int64_t y_pitch, const float* x, int64_t x_pitch, int64_t run, int64_t count, bool accumulate) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
    const int64_t o = i / run, j = i - o * run;
    float* to = y + o * y_pitch + j;
    const float value = x[o * x_pitch + j];
    *to = accumulate ? *to + value : value;
  }
}

class ConcatOp final : public DeviceOp {
 public:
  explicit ConcatOp(AttributeReader& attributes) : axis_(attributes.integer("axis", 0, -64, 63)) {}
  cudaError_t forward(const OpCall& call) const override {
    return over_inputs(call, [&](size_t k, int64_t at, int64_t whole, int64_t run, int64_t count) {
      ISOLENS_LAUNCH(copy_runs, blocks_for(count), kThreads, 0, call.stream, call.out_f32() + at, whole, call.f32(k), run, run, count, false);
    });
  }
  cudaError_t backward(const OpCall& call) const override {
    return over_inputs(call, [&](size_t k, int64_t at, int64_t whole, int64_t run, int64_t count) {
      if (!call.wants(k)) return;
      ISOLENS_LAUNCH(copy_runs, blocks_for(count), kThreads, 0, call.stream, call.dx[k], run, call.dy + at, whole, run, count, call.accumulate[k]);
    });
  }

 private:
  // body(input, offset in a row of the output, its length, length of a row of the input, elements of the input)
  template <typename Body>
  cudaError_t over_inputs(const OpCall& call, const Body& body) const {
    const int64_t axis = resolve_axis(axis_, call.in[0].rank());
    const auto run_of = [&](const Shape& shape) { return element_count(Shape(shape.begin() + axis, shape.end())); };
    int64_t at = 0;
    for (size_t k = 0; k < call.in.size(); k++) {
      const int64_t run = run_of(call.in[k].shape);
      if (call.in[k].count() > 0) body(k, at, run_of(call.out.shape), run, call.in[k].count());
      at += run;
    }
    return cudaGetLastError();
  }
  int64_t axis_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_concat_cuda(AttributeReader& attributes) { return std::make_unique<ConcatOp>(attributes); }

}  // namespace isolens::cuda
