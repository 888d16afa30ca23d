#include "../../cuda/elementwise.cuh"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

enum class Reads { kNothing, kInput, kOutput };

template <typename F>
struct ForwardMap {
  F f;
  __device__ float operator()(float x, float) const { return f.y(x); }
};
template <typename F>
struct BackwardMap {
  F f;
  __device__ float operator()(float dy, float v) const { return f.dx(dy, v); }
};

// F: as in elementwise_unary_cpu.cpp.
template <typename F>
class UnaryOp final : public DeviceOp {
 public:
  explicit UnaryOp(F function) : function_(function) {}
  cudaError_t forward(const OpCall& call) const override {
    return map_terms<false>(call.out_f32(), call.f32(0), call.f32(0), call.out.count(), false, ForwardMap<F>{function_}, call.stream);
  }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0)) return cudaSuccess;
    const float* v = F::kReads == Reads::kOutput ? call.out_f32() : F::kReads == Reads::kInput ? call.f32(0) : call.dy;
    return map_terms<F::kReads != Reads::kNothing>(call.dx[0], call.dy, v, call.out.count(), call.accumulate[0], BackwardMap<F>{function_}, call.stream);
  }

 private:
  F function_;
};

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

struct NegF {
  static constexpr Reads kReads = Reads::kNothing;
  __device__ float y(float x) const { return -x; }
  __device__ float dx(float dy, float) const { return -dy; }
};
struct ExpF {
  static constexpr Reads kReads = Reads::kOutput;
  __device__ float y(float x) const { return expf(x); }
  __device__ float dx(float dy, float y) const { return dy * y; }
};
struct LogF {
  static constexpr Reads kReads = Reads::kInput;
  __device__ float y(float x) const { return logf(x); }
  __device__ float dx(float dy, float x) const { return __fdividef(dy, x); }
};
struct SqrtF {
  static constexpr Reads kReads = Reads::kOutput;
  __device__ float y(float x) const { return sqrtf(x); }
  // To two units in the last place; the exact division is a call, around which registers spill.
  __device__ float dx(float dy, float y) const { return __fdividef(dy * 0.5f, y); }
};
struct ReluF {  // NaN stays NaN, so that divergence is seen
  static constexpr Reads kReads = Reads::kOutput;
  __device__ float y(float x) const { return x < 0.0f ? 0.0f : x; }
  __device__ float dx(float dy, float y) const { return y > 0.0f ? dy : 0.0f; }
};
struct SigmoidF {
  static constexpr Reads kReads = Reads::kOutput;
  __device__ float y(float x) const { return sigmoid(x); }
  __device__ float dx(float dy, float y) const { return dy * y * (1.0f - y); }
};
struct TanhF {
  static constexpr Reads kReads = Reads::kOutput;
  __device__ float y(float x) const { return tanhf(x); }
  __device__ float dx(float dy, float y) const { return dy * (1.0f - y * y); }
};
struct SoftplusF {
  static constexpr Reads kReads = Reads::kInput;
  __device__ float y(float x) const { return (x < 0.0f ? 0.0f : x) + log1pf(expf(-fabsf(x))); }
  __device__ float dx(float dy, float x) const { return dy * sigmoid(x); }
};
struct SiluF {
  static constexpr Reads kReads = Reads::kInput;
  __device__ float y(float x) const { return x * sigmoid(x); }
  __device__ float dx(float dy, float x) const {
    const float s = sigmoid(x);
    return dy * s * (1.0f + x * (1.0f - s));
  }
};
struct GeluF {
  static constexpr Reads kReads = Reads::kInput;
  __device__ float y(float x) const { return 0.5f * x * (1.0f + erff(x * 0.70710678118f)); }
  __device__ float dx(float dy, float x) const {
    const float phi = 0.3989422804f * expf(-0.5f * x * x);
    return dy * (0.5f * (1.0f + erff(x * 0.70710678118f)) + x * phi);
  }
};
struct GeluTanhF {
  static constexpr Reads kReads = Reads::kInput;
  __device__ static float inner(float x) { return 0.7978845608f * (x + 0.044715f * x * x * x); }
  __device__ float y(float x) const { return 0.5f * x * (1.0f + tanhf(inner(x))); }
  __device__ float dx(float dy, float x) const {
    const float t = tanhf(inner(x));
    const float slope = 0.7978845608f * (1.0f + 3.0f * 0.044715f * x * x);
    return dy * (0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * slope);
  }
};
struct ClipF {
  static constexpr Reads kReads = Reads::kInput;
  float low, high;
  __device__ float y(float x) const {
    const float raised = x < low ? low : x;
    return raised > high ? high : raised;
  }
  __device__ float dx(float dy, float x) const { return x >= low && x <= high ? dy : 0.0f; }
};

// The same bytes under another name; also Reshape.
class CopyOp final : public DeviceOp {
 public:
  cudaError_t forward(const OpCall& call) const override { return copy_bytes(call.y, call.x[0], call.out.count() * 4, call.stream); }
  cudaError_t backward(const OpCall& call) const override {
    if (!call.wants(0) || call.dx[0] == call.dy) return cudaSuccess;
    return copy_floats(call.dx[0], call.dy, call.out.count(), call.accumulate[0], call.stream);
  }
};

template <typename F>
std::unique_ptr<DeviceOp> make(F function = {}) {
  return std::make_unique<UnaryOp<F>>(function);
}

}  // namespace

std::unique_ptr<DeviceOp> make_neg_cuda(AttributeReader&) { return make<NegF>(); }
std::unique_ptr<DeviceOp> make_exp_cuda(AttributeReader&) { return make<ExpF>(); }
std::unique_ptr<DeviceOp> make_log_cuda(AttributeReader&) { return make<LogF>(); }
std::unique_ptr<DeviceOp> make_sqrt_cuda(AttributeReader&) { return make<SqrtF>(); }
std::unique_ptr<DeviceOp> make_relu_cuda(AttributeReader&) { return make<ReluF>(); }
std::unique_ptr<DeviceOp> make_sigmoid_cuda(AttributeReader&) { return make<SigmoidF>(); }
std::unique_ptr<DeviceOp> make_tanh_cuda(AttributeReader&) { return make<TanhF>(); }
std::unique_ptr<DeviceOp> make_softplus_cuda(AttributeReader&) { return make<SoftplusF>(); }
std::unique_ptr<DeviceOp> make_silu_cuda(AttributeReader&) { return make<SiluF>(); }
std::unique_ptr<DeviceOp> make_identity_cuda(AttributeReader&) { return std::make_unique<CopyOp>(); }
std::unique_ptr<DeviceOp> make_stop_gradient_cuda(AttributeReader&) { return std::make_unique<CopyOp>(); }
std::unique_ptr<DeviceOp> make_reshape_cuda(AttributeReader&) { return std::make_unique<CopyOp>(); }

std::unique_ptr<DeviceOp> make_gelu_cuda(AttributeReader& attributes) {
  if (attributes.word("approximate", "none") == "tanh") return make<GeluTanhF>();
  return make<GeluF>();
}

std::unique_ptr<DeviceOp> make_clip_cuda(AttributeReader& attributes) {
  ClipF clip;
  clip.low = static_cast<float>(attributes.required_number("min"));
  clip.high = static_cast<float>(attributes.required_number("max"));
  return make<ClipF>(clip);
}

}  // namespace isolens::cuda
