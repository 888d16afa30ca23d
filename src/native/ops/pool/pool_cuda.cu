// A thread for each output, and for gradients one for each input: it looks at the windows that cover it, so nothing is added
// by chance order.
#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"
#include "../../cuda/reduce.cuh"
#include "../window.h"

namespace isolens::cuda {

namespace {

struct Planes {
  int64_t count;
  int height, width, p, q;
  int kernel[2], stride[2], top, left;

  struct Span {
    int begin, end;
  };
  // The part of a window that lies inside the image.
  __device__ Span rows(int row) const { return inside(row * stride[0] - top, kernel[0], height); }
  __device__ Span columns(int column) const { return inside(column * stride[1] - left, kernel[1], width); }
  // Windows that cover a place.
  __device__ Span windows_over_row(int h) const { return covering(h + top, kernel[0], stride[0], p); }
  __device__ Span windows_over_column(int w) const { return covering(w + left, kernel[1], stride[1], q); }

 private:
  __device__ static Span inside(int begin, int length, int size) { return {begin < 0 ? 0 : begin, begin + length > size ? size : begin + length}; }
  __device__ static Span covering(int at, int length, int step, int windows) {
    const int first = at < length ? 0 : (at - length) / step + 1, last = at / step + 1;
    return {first, last > windows ? windows : last};
  }
};

__global__ void __launch_bounds__(kThreads) max_pool(float* y, int32_t* saved, const float* x, Planes s) {
  const int64_t total = s.count * s.p * s.q;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < total; i += static_cast<int64_t>(gridDim.x) * kThreads) {
    const int64_t plane = i / (s.p * s.q);
    const int at = static_cast<int>(i - plane * s.p * s.q);
    const Planes::Span rows = s.rows(at / s.q), columns = s.columns(at % s.q);
    const float* from = x + plane * s.height * s.width;
    int best = rows.begin * s.width + columns.begin;
    float largest = from[best];
    for (int r = rows.begin; r < rows.end; r++) {
      for (int c = columns.begin; c < columns.end; c++) {
        const float value = from[r * s.width + c];
        if (!(value > largest || value != value)) continue;
        largest = value;
        best = r * s.width + c;
      }
    }
    y[i] = largest;
    if (saved != nullptr) saved[i] = best;
  }
}

__global__ void __launch_bounds__(kThreads) average_pool(float* y, const float* x, Planes s) {
  const int64_t total = s.count * s.p * s.q;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < total; i += static_cast<int64_t>(gridDim.x) * kThreads) {
    const int64_t plane = i / (s.p * s.q);
    const int at = static_cast<int>(i - plane * s.p * s.q);
    const Planes::Span rows = s.rows(at / s.q), columns = s.columns(at % s.q);
    const float* from = x + plane * s.height * s.width;
    float sum = 0;
    for (int r = rows.begin; r < rows.end; r++) {
      for (int c = columns.begin; c < columns.end; c++) sum += from[r * s.width + c];
    }
    y[i] = sum / static_cast<float>((rows.end - rows.begin) * (columns.end - columns.begin));
  }
}

// Max: the windows whose maximum lies here; otherwise a share of every window.
template <bool Max>
struct GradientTerm {
  const float* dy;
  const int32_t* saved;
  Planes s;
  __device__ float operator()(int64_t i) const {
    const int64_t plane = i / (s.height * s.width);
    const int here = static_cast<int>(i - plane * s.height * s.width);
    const Planes::Span rows = s.windows_over_row(here / s.width), columns = s.windows_over_column(here % s.width);
    float sum = 0;
    for (int r = rows.begin; r < rows.end; r++) {
      for (int c = columns.begin; c < columns.end; c++) {
        const int64_t at = plane * s.p * s.q + r * s.q + c;
        if (Max) {
          if (saved[at] == here) sum += dy[at];
        } else {
          const Planes::Span inside_rows = s.rows(r), inside_columns = s.columns(c);
          sum += dy[at] / static_cast<float>((inside_rows.end - inside_rows.begin) * (inside_columns.end - inside_columns.begin));
        }
      }
    }
    return sum;
  }
};

template <bool Max>
class PoolOp final : public DeviceOp {
 public:
  explicit PoolOp(AttributeReader& attributes) : window_(read_window(attributes, true)) {}
  cudaError_t forward(const OpCall& call) const override {
    const Planes s = planes(call);
    const unsigned int blocks = blocks_for(call.out.count());
    if (call.out.count() == 0) return cudaSuccess;
    if (Max) {
      ISOLENS_LAUNCH(max_pool, blocks, kThreads, 0, call.stream, call.out_f32(), static_cast<int32_t*>(call.saved), call.f32(0), s);
    } else {
      ISOLENS_LAUNCH(average_pool, blocks, kThreads, 0, call.stream, call.out_f32(), call.f32(0), s);
    }
    return cudaGetLastError();
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    const GradientTerm<Max> term{call.dy, static_cast<const int32_t*>(call.saved), planes(call)};
    return store_terms(call.dx[0], call.in[0].count(), call.accumulate[0], term, call.stream);
  }

 private:
  Planes planes(const OpCall& call) const {
    const Shape &x = call.in[0].shape, &y = call.out.shape;
    const auto small = [](int64_t value) { return static_cast<int>(value); };
    return {x[0] * x[1], small(x[2]), small(x[3]), small(y[2]), small(y[3]), {small(window_.kernel[0]), small(window_.kernel[1])},
            {small(window_.stride[0]), small(window_.stride[1])}, small(window_.pad[0]), small(window_.pad[1])};
  }
  Window window_;
};

struct ShareTerm {
  const float* dy;
  int64_t plane;
  __device__ float operator()(int64_t i) const { return dy[i / plane] / static_cast<float>(plane); }
};

class GlobalAveragePoolOp final : public DeviceOp {
 public:
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, Precision) const override { return reduce_workspace_bytes(layout(in[0].shape)); }
  cudaError_t forward(const OpCall& call) const override {
    const ReduceLayout planes = layout(call.in[0].shape);
    return reduce<SumRule>(call.out_f32(), planes, false, 1.0f / static_cast<float>(planes.reduced_count), ValueTerm{call.f32(0)}, call.workspace, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    return store_terms(call.dx[0], call.in[0].count(), call.accumulate[0], ShareTerm{call.dy, call.in[0].shape[2] * call.in[0].shape[3]}, call.stream);
  }

 private:
  static ReduceLayout layout(const Shape& x) { return make_reduce_layout(x, {false, false, true, true}); }
};

}  // namespace

std::unique_ptr<DeviceOp> make_max_pool_cuda(AttributeReader& attributes) { return std::make_unique<PoolOp<true>>(attributes); }
std::unique_ptr<DeviceOp> make_average_pool_cuda(AttributeReader& attributes) { return std::make_unique<PoolOp<false>>(attributes); }
std::unique_ptr<DeviceOp> make_global_average_pool_cuda(AttributeReader&) { return std::make_unique<GlobalAveragePoolOp>(); }

}  // namespace isolens::cuda
