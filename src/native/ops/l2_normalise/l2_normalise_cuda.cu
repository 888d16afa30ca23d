#include "../../cuda/op.h"
#include "../../cuda/rows.cuh"

namespace isolens::cuda {

namespace {

__global__ void __launch_bounds__(kThreads) normalise_rows(float* y, float* norms, const float* x, int64_t rows, int64_t d, float epsilon) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float* from = x + row * d;
  // Elements whose squares leave the range of f32 are brought into it.
  float scale = 1, squares = row_sum(d, [=](int64_t i) { return from[i] * from[i]; });
  if (!(squares > 1e-30f && squares < 1e30f)) {
    const float largest = row_max(d, [=](int64_t i) { return fabsf(from[i]); });
    scale = largest > 0 && isfinite(largest) ? largest : 1.0f;
    squares = row_sum(d, [=](int64_t i) { return (from[i] / scale) * (from[i] / scale); });
  }
  const float norm = sqrtf(squares) * scale;
  if (norms != nullptr && lane_of_row() == 0) norms[row] = norm;
  const float divisor = norm < epsilon ? epsilon : norm;  // NaN stays
  row_store(y + row * d, d, false, [=](int64_t i) { return from[i] / divisor; });
}

// dx = (dy - y (y . dy)) / ||x||, or dy / epsilon below it.
__global__ void __launch_bounds__(kThreads) gradient_rows(float* dx, const float* dy, const float* y, const float* norms, int64_t rows, int64_t d, float epsilon, bool accumulate) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float *along_y = y + row * d, *from = dy + row * d;
  const bool small = norms[row] < epsilon;
  const float dot = row_sum(d, [=](int64_t i) { return along_y[i] * from[i]; });
  const float along = small ? 0.0f : dot, scale = 1.0f / (small ? epsilon : norms[row]);
  row_store(dx + row * d, d, accumulate, [=](int64_t i) { return (from[i] - along_y[i] * along) * scale; });
}

class L2NormaliseOp final : public DeviceOp {
 public:
  explicit L2NormaliseOp(AttributeReader& attributes) : epsilon_(static_cast<float>(attributes.number("epsilon", 1e-12))) {}
  cudaError_t forward(const OpCall& call) const override {
    const int64_t d = call.in[0].shape.back(), rows = d == 0 ? 0 : call.in[0].count() / d;
    if (rows == 0) return cudaSuccess;
    ISOLENS_LAUNCH(normalise_rows, blocks_for_rows(rows), kThreads, 0, call.stream, call.out_f32(), static_cast<float*>(call.saved), call.f32(0), rows, d, epsilon_);
    return cudaGetLastError();
  }
  cudaError_t backward(const OpCall& call) const override {
    const int64_t d = call.in[0].shape.back(), rows = d == 0 ? 0 : call.in[0].count() / d;
    if (!call.wants(0) || rows == 0) return cudaSuccess;
    ISOLENS_LAUNCH(gradient_rows, blocks_for_rows(rows), kThreads, 0, call.stream, call.dx[0], call.dy, call.out_f32(), static_cast<const float*>(call.saved), rows, d,
                   epsilon_, call.accumulate[0]);
    return cudaGetLastError();
  }

 private:
  float epsilon_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_l2_normalise_cuda(AttributeReader& attributes) { return std::make_unique<L2NormaliseOp>(attributes); }

}  // namespace isolens::cuda
