#include <type_traits>

#include "../../cuda/op.h"
#include "../../cuda/reduce.cuh"

namespace isolens::cuda {

namespace {

// F: y(a, b); d<K>: gradient of operand K; as in elementwise_binary_cpu.cpp.
struct AddF {
  static constexpr bool kReadsInputs = false, kReadsOutput = false;
  __device__ static float y(float a, float b) { return a + b; }
  template <int K>
  __device__ static float d(float dy, float, float, float) { return dy; }
};
struct AddReluF {
  static constexpr bool kReadsInputs = false, kReadsOutput = true;
  __device__ static float y(float a, float b) { return a + b < 0.0f ? 0.0f : a + b; }
  template <int K>
  __device__ static float d(float dy, float, float, float y) { return y > 0.0f ? dy : 0.0f; }
};
struct SubF {
  static constexpr bool kReadsInputs = false, kReadsOutput = false;
  __device__ static float y(float a, float b) { return a - b; }
  template <int K>
  __device__ static float d(float dy, float, float, float) { return K == 0 ? dy : -dy; }
};
struct MulF {
  static constexpr bool kReadsInputs = true, kReadsOutput = false;
  __device__ static float y(float a, float b) { return a * b; }
  template <int K>
  __device__ static float d(float dy, float a, float b, float) { return dy * (K == 0 ? b : a); }
};
struct DivF {
  static constexpr bool kReadsInputs = true, kReadsOutput = false;
  __device__ static float y(float a, float b) { return a / b; }
  template <int K>
  __device__ static float d(float dy, float a, float b, float) { return K == 0 ? dy / b : -dy * a / (b * b); }
};

template <typename F>
struct ForwardMap {
  __device__ float operator()(float a, float b) const { return F::y(a, b); }
};
template <typename F>
struct ForwardTerm {
  const float* a;
  const float* b;
  Axes<2> axes;
  __device__ float operator()(int64_t i) const {
    int64_t at[2];
    axes.locate(i, at);
    return F::y(a[at[0]], b[at[1]]);
  }
};
// From dy and, where G reads it, y.
template <typename G, int K>
struct MaskMap {
  __device__ float operator()(float dy, float y) const { return G::template d<K>(dy, 0.0f, 0.0f, y); }
};
template <typename G, int K>
struct GradientTerm {
  const float* dy;
  const float* a;
  const float* b;
  const float* y;
  Axes<2> axes;
  __device__ float operator()(int64_t i) const {
    if (!G::kReadsInputs) return G::template d<K>(dy[i], 0.0f, 0.0f, G::kReadsOutput ? y[i] : 0.0f);
    int64_t at[2];
    axes.locate(i, at);
    return G::template d<K>(dy[i], a[at[0]], b[at[1]], 0.0f);
  }
};

template <typename F>
class BinaryOp final : public DeviceOp {
 public:
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision) const override {
    size_t bytes = 0;
    for (size_t k = 0; k < 2; k++) {
      if (in[k].count() != out.count()) bytes = std::max(bytes, reduce_workspace_bytes(make_repeat_layout(in[k].shape, out.shape)));
    }
    return bytes;
  }

  cudaError_t forward(const OpCall& call) const override {
    if (call.in[0].shape == call.in[1].shape) {
      return map_terms<true>(call.out_f32(), call.f32(0), call.f32(1), call.out.count(), false, ForwardMap<F>(), call.stream);
    }
    const ForwardTerm<F> term{call.f32(0), call.f32(1), broadcast_axes(call.in[0].shape, call.in[1].shape, call.out.shape)};
    return store_terms(call.out_f32(), call.out.count(), false, term, call.stream);
  }

  cudaError_t backward(const OpCall& call) const override {
    if (call.dy_writable) {
      ISOLENS_CUDA_TRY((map_terms<true>(call.dy, call.dy, call.out_f32(), call.out.count(), false, MaskMap<F, 0>(), call.stream)));
      // dy is now the gradient of the sum itself.
      ISOLENS_CUDA_TRY((gradient<AddF, 0>(call)));
      return gradient<AddF, 1>(call);
    }
    ISOLENS_CUDA_TRY((gradient<F, 0>(call)));
    return gradient<F, 1>(call);
  }

 private:
  template <typename G, int K>
  static cudaError_t gradient(const OpCall& call) {
    if (!call.wants(K) || call.dx[K] == call.dy) return cudaSuccess;
    const bool whole = call.in[K].count() == call.out.count();
    if (whole && !G::kReadsInputs) {
      return map_terms<G::kReadsOutput>(call.dx[K], call.dy, G::kReadsOutput ? call.out_f32() : call.dy, call.out.count(), call.accumulate[K], MaskMap<G, K>(), call.stream);
    }
    const GradientTerm<G, K> term{call.dy, call.f32(0), call.f32(1), call.out_f32(), broadcast_axes(call.in[0].shape, call.in[1].shape, call.out.shape)};
    if (whole) return store_terms(call.dx[K], call.out.count(), call.accumulate[K], term, call.stream);
    return reduce<SumRule>(call.dx[K], make_repeat_layout(call.in[K].shape, call.out.shape), call.accumulate[K], 1.0f, term, call.workspace, call.stream);
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_add_cuda(AttributeReader&) { return std::make_unique<BinaryOp<AddF>>(); }
std::unique_ptr<DeviceOp> make_add_relu_cuda(AttributeReader&) { return std::make_unique<BinaryOp<AddReluF>>(); }
std::unique_ptr<DeviceOp> make_sub_cuda(AttributeReader&) { return std::make_unique<BinaryOp<SubF>>(); }
std::unique_ptr<DeviceOp> make_mul_cuda(AttributeReader&) { return std::make_unique<BinaryOp<MulF>>(); }
std::unique_ptr<DeviceOp> make_div_cuda(AttributeReader&) { return std::make_unique<BinaryOp<DivF>>(); }

}  // namespace isolens::cuda
