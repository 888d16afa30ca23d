#include "../../cuda/op.h"
#include "../../cuda/reduce.cuh"
#include "../../cuda/rows.cuh"

namespace isolens::cuda {

namespace {

// saved: (rows, 2), mean and 1 / sqrt(variance + epsilon).
__global__ void __launch_bounds__(kThreads) normalise_rows(float* y, float* saved, const float* x, const float* scale, const float* bias, int64_t rows, int64_t d, float epsilon) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float* from = x + row * d;
  const float mean = row_sum(d, [=](int64_t i) { return from[i]; }) / static_cast<float>(d);
  const float squares = row_sum(d, [=](int64_t i) { return (from[i] - mean) * (from[i] - mean); });
  const float inverse = 1.0f / sqrtf(squares / static_cast<float>(d) + epsilon);
  if (saved != nullptr && lane_of_row() == 0) {
    saved[2 * row] = mean;
    saved[2 * row + 1] = inverse;
  }
  row_store(y + row * d, d, false, [=](int64_t i) { return (from[i] - mean) * inverse * scale[i] + bias[i]; });
}

// dx = (g - mean(g) - x^ mean(g x^)) / std with g = dy * scale
__global__ void __launch_bounds__(kThreads) gradient_rows(float* dx, const float* dy, const float* saved, const float* x, const float* scale, int64_t rows, int64_t d, bool accumulate) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float *from = x + row * d, *above = dy + row * d;
  const float mean = saved[2 * row], inverse = saved[2 * row + 1], size = static_cast<float>(d);
  const float average = row_sum(d, [=](int64_t i) { return above[i] * scale[i]; }) / size;
  const float along = row_sum(d, [=](int64_t i) { return above[i] * scale[i] * ((from[i] - mean) * inverse); }) / size;
  row_store(dx + row * d, d, accumulate, [=](int64_t i) { return (above[i] * scale[i] - average - (from[i] - mean) * inverse * along) * inverse; });
}

// dy * x^ at a position.
struct ScaleTerm {
  const float* dy;
  const float* x;
  const float* saved;
  int64_t d;
  __device__ float operator()(int64_t i) const {
    const int64_t row = i / d;
    return dy[i] * ((x[i] - saved[2 * row]) * saved[2 * row + 1]);
  }
};

class LayerNormalizationOp final : public DeviceOp {
 public:
  explicit LayerNormalizationOp(AttributeReader& attributes) : epsilon_(static_cast<float>(attributes.number("epsilon", 1e-5))) {}

  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision) const override {
    return reduce_workspace_bytes(make_repeat_layout(in[1].shape, out.shape));
  }
  cudaError_t forward(const OpCall& call) const override {
    const int64_t d = call.in[0].shape.back(), rows = call.in[0].count() / d;
    if (rows == 0) return cudaSuccess;
    ISOLENS_LAUNCH(normalise_rows, blocks_for_rows(rows), kThreads, 0, call.stream, call.out_f32(), static_cast<float*>(call.saved), call.f32(0), call.f32(1), call.f32(2),
                   rows, d, epsilon_);
    return cudaGetLastError();
  }
  cudaError_t backward(const OpCall& call) const override {
    const int64_t d = call.in[0].shape.back(), rows = call.in[0].count() / d;
    const float* saved = static_cast<const float*>(call.saved);
    const ReduceLayout columns = make_repeat_layout(call.in[1].shape, call.out.shape);
    // d(input) may take the place of dy: it comes last.
    if (call.wants(1)) {
      ISOLENS_CUDA_TRY(reduce<SumRule>(call.dx[1], columns, call.accumulate[1], 1.0f, ScaleTerm{call.dy, call.f32(0), saved, d}, call.workspace, call.stream));
    }
    if (call.wants(2)) ISOLENS_CUDA_TRY(reduce<SumRule>(call.dx[2], columns, call.accumulate[2], 1.0f, ValueTerm{call.dy}, call.workspace, call.stream));
    if (!call.wants(0) || rows == 0) return cudaSuccess;
    ISOLENS_LAUNCH(gradient_rows, blocks_for_rows(rows), kThreads, 0, call.stream, call.dx[0], call.dy, saved, call.f32(0), call.f32(1), rows, d, call.accumulate[0]);
    return cudaGetLastError();
  }

 private:
  float epsilon_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_layer_normalization_cuda(AttributeReader& attributes) { return std::make_unique<LayerNormalizationOp>(attributes); }

}  // namespace isolens::cuda
