#include "../../cuda/op.h"
#include "../../cuda/rows.cuh"

namespace isolens::cuda {

namespace {

// x seen as (outer, n, inner); a row is n elements `inner` apart.
struct Layout {
  int64_t rows, n, inner;
  __device__ int64_t start(int64_t row) const { return row / inner * n * inner + row % inner; }
};

template <bool Log>
__global__ void __launch_bounds__(kThreads) softmax_rows(float* y, const float* x, Layout s) {
  const int64_t row = row_of_warp();
  if (row >= s.rows) return;
  const float* from = x + s.start(row);
  float* to = y + s.start(row);
  const float best = row_max(s.n, [=](int64_t i) { return from[i * s.inner]; });
  const float sum = row_sum(s.n, [=](int64_t i) { return expf(from[i * s.inner] - best); });
  const float shift = logf(sum), scale = 1.0f / sum;
  for (int64_t i = lane_of_row(); i < s.n; i += 32) {
    const float centred = from[i * s.inner] - best;
    to[i * s.inner] = Log ? centred - shift : expf(centred) * scale;
  }
}

// softmax: dx = y (dy - sum(dy y));  log: dx = dy - softmax * sum(dy)
template <bool Log>
__global__ void __launch_bounds__(kThreads) softmax_gradient(float* dx, const float* dy, const float* y, Layout s, bool accumulate) {
  const int64_t row = row_of_warp();
  if (row >= s.rows) return;
  const int64_t start = s.start(row);
  const float sum = row_sum(s.n, [=](int64_t i) { return Log ? dy[start + i * s.inner] : dy[start + i * s.inner] * y[start + i * s.inner]; });
  for (int64_t i = lane_of_row(); i < s.n; i += 32) {
    const int64_t at = start + i * s.inner;
    const float g = Log ? dy[at] - expf(y[at]) * sum : y[at] * (dy[at] - sum);
    dx[at] = accumulate ? dx[at] + g : g;
  }
}

template <bool Log>
class SoftmaxOp final : public DeviceOp {
 public:
  explicit SoftmaxOp(AttributeReader& attributes) : axis_(attributes.integer("axis", -1, -64, 63)) {}
  cudaError_t forward(const OpCall& call) const override {
    const Layout s = layout(call);
    if (s.rows == 0) return cudaSuccess;
    ISOLENS_LAUNCH(softmax_rows<Log>, blocks_for_rows(s.rows), kThreads, 0, call.stream, call.out_f32(), call.f32(0), s);
    return cudaGetLastError();
  }
  cudaError_t backward(const OpCall& call) const override {
    const Layout s = layout(call);
    if (!call.wants(0) || s.rows == 0) return cudaSuccess;
    ISOLENS_LAUNCH(softmax_gradient<Log>, blocks_for_rows(s.rows), kThreads, 0, call.stream, call.dx[0], call.dy, call.out_f32(), s, call.accumulate[0]);
    return cudaGetLastError();
  }

 private:
  Layout layout(const OpCall& call) const {
    const Shape& shape = call.in[0].shape;
    const size_t axis = static_cast<size_t>(resolve_axis(axis_, call.in[0].rank()));
    const int64_t inner = element_count(Shape(shape.begin() + static_cast<int64_t>(axis) + 1, shape.end()));
    return {shape[axis] == 0 ? 0 : call.in[0].count() / shape[axis], shape[axis], inner};
  }
  int64_t axis_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_softmax_cuda(AttributeReader& attributes) { return std::make_unique<SoftmaxOp<false>>(attributes); }
std::unique_ptr<DeviceOp> make_log_softmax_cuda(AttributeReader& attributes) { return std::make_unique<SoftmaxOp<true>>(attributes); }

}  // namespace isolens::cuda
