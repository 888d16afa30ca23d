// Functions of each element. Backward reads x or y, whichever is cheaper to keep.
#include "../loops.h"
#include "../vector_math.h"

namespace isolens {

namespace {

enum class Reads { kNothing, kInput, kOutput };

// F: y(x) the function, dx(dy, v) the gradient from v, which is x or y as F::kReads says.
template <typename F>
class UnaryOp final : public Op {
 public:
  explicit UnaryOp(F function) : function_(function) {}

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->shape = in[0].shape;
    return "";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kOverwrite; }
  Reuse backward_reuse(size_t) const override { return Reuse::kOverwrite; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return F::kReads == Reads::kInput; }
  bool backward_reads_output() const override { return F::kReads == Reads::kOutput; }

  std::string forward(OpContext& context) const override {
    const float* x = context.f32(0);
    float* y = context.out_f32();
    context.pool.range(context.out.count(), kGrain, [&](int64_t begin, int64_t end) {
      const F f = function_;
      store_terms(y, begin, end, false, [=](int64_t i) { return f.y(x[i]); });
    });
    return "";
  }

  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const float* v = F::kReads == Reads::kOutput ? context.out_f32() : F::kReads == Reads::kInput ? context.f32(0) : context.dy;
    const float* dy = context.dy;
    float* dx = context.dx[0];
    context.pool.range(context.out.count(), kGrain, [&](int64_t begin, int64_t end) {
      const F f = function_;
      store_terms(dx, begin, end, context.accumulate[0], [=](int64_t i) { return f.dx(dy[i], v[i]); });
    });
  }

 private:
  F function_;
};

struct NegF {
  static constexpr Reads kReads = Reads::kNothing;
  float y(float x) const { return -x; }
  float dx(float dy, float) const { return -dy; }
};
struct ExpF {
  static constexpr Reads kReads = Reads::kOutput;
  float y(float x) const { return exp_f(x); }
  float dx(float dy, float y) const { return dy * y; }
};
struct LogF {
  static constexpr Reads kReads = Reads::kInput;
  float y(float x) const { return log_f(x); }
  float dx(float dy, float x) const { return dy / x; }
};
struct SqrtF {
  static constexpr Reads kReads = Reads::kOutput;
  float y(float x) const { return __builtin_sqrtf(x); }
  float dx(float dy, float y) const { return dy * 0.5f / y; }
};
struct ReluF {  // NaN stays NaN, so that divergence is seen
  static constexpr Reads kReads = Reads::kOutput;
  float y(float x) const { return x < 0.0f ? 0.0f : x; }
  float dx(float dy, float y) const { return y > 0.0f ? dy : 0.0f; }
};
struct SigmoidF {
  static constexpr Reads kReads = Reads::kOutput;
  float y(float x) const { return sigmoid_f(x); }
  float dx(float dy, float y) const { return dy * y * (1.0f - y); }
};
struct TanhF {
  static constexpr Reads kReads = Reads::kOutput;
  float y(float x) const { return tanh_f(x); }
  float dx(float dy, float y) const { return dy * (1.0f - y * y); }
};
struct SoftplusF {
  static constexpr Reads kReads = Reads::kInput;
  float y(float x) const {
    const float magnitude = x < 0.0f ? -x : x;
    return (x < 0.0f ? 0.0f : x) + log1p_f(exp_f(-magnitude));
  }
  float dx(float dy, float x) const { return dy * sigmoid_f(x); }
};
struct SiluF {
  static constexpr Reads kReads = Reads::kInput;
  float y(float x) const { return x * sigmoid_f(x); }
  float dx(float dy, float x) const {
    const float s = sigmoid_f(x);
    return dy * s * (1.0f + x * (1.0f - s));
  }
};
struct GeluF {  // x * Phi(x)
  static constexpr Reads kReads = Reads::kInput;
  float y(float x) const { return 0.5f * x * (1.0f + erf_f(x * 0.70710678118f)); }
  float dx(float dy, float x) const {
    const float phi = 0.3989422804f * exp_f(-0.5f * x * x);
    return dy * (0.5f * (1.0f + erf_f(x * 0.70710678118f)) + x * phi);
  }
};
struct GeluTanhF {  // Hendrycks & Gimpel 2016, arXiv:1606.08415
  static constexpr Reads kReads = Reads::kInput;
  static float inner(float x) { return 0.7978845608f * (x + 0.044715f * x * x * x); }
  float y(float x) const { return 0.5f * x * (1.0f + tanh_f(inner(x))); }
  float dx(float dy, float x) const {
    const float t = tanh_f(inner(x));
    const float slope = 0.7978845608f * (1.0f + 3.0f * 0.044715f * x * x);
    return dy * (0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * slope);
  }
};
struct ClipF {
  static constexpr Reads kReads = Reads::kInput;
  float low, high;
  float y(float x) const {
    const float raised = x < low ? low : x;
    return raised > high ? high : raised;
  }
  float dx(float dy, float x) const { return x >= low && x <= high ? dy : 0.0f; }
};

// The same bytes under another name.
class IdentityOp final : public Op {
 public:
  explicit IdentityOp(bool differentiable) : differentiable_(differentiable) {}
  Signature signature() const override { return {1, 1, "*"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->shape = in[0].shape;
    out->dtype = in[0].dtype;
    return "";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kView; }
  Reuse backward_reuse(size_t) const override { return Reuse::kView; }
  bool differentiable(size_t, const std::vector<TensorSpec>& in) const override { return differentiable_ && in[0].dtype == DType::kF32; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    if (context.y != context.x[0]) std::memcpy(context.y, context.x[0], static_cast<size_t>(context.out.count()) * 4);
    return "";
  }
  void backward(OpContext& context) const override {
    float* dx = context.dx[0];
    const float* dy = context.dy;
    if (dx == nullptr || dx == dy) return;
    context.pool.range(context.out.count(), kGrain, [&](int64_t begin, int64_t end) {
      store_terms(dx, begin, end, context.accumulate[0], [=](int64_t i) { return dy[i]; });
    });
  }

 private:
  bool differentiable_;
};

template <typename F>
std::unique_ptr<Op> make(F function = {}) {
  return std::make_unique<UnaryOp<F>>(function);
}

}  // namespace

std::unique_ptr<Op> make_neg(AttributeReader&) { return make<NegF>(); }
std::unique_ptr<Op> make_exp(AttributeReader&) { return make<ExpF>(); }
std::unique_ptr<Op> make_log(AttributeReader&) { return make<LogF>(); }
std::unique_ptr<Op> make_sqrt(AttributeReader&) { return make<SqrtF>(); }
std::unique_ptr<Op> make_relu(AttributeReader&) { return make<ReluF>(); }
std::unique_ptr<Op> make_sigmoid(AttributeReader&) { return make<SigmoidF>(); }
std::unique_ptr<Op> make_tanh(AttributeReader&) { return make<TanhF>(); }
std::unique_ptr<Op> make_softplus(AttributeReader&) { return make<SoftplusF>(); }
std::unique_ptr<Op> make_silu(AttributeReader&) { return make<SiluF>(); }
std::unique_ptr<Op> make_identity(AttributeReader&) { return std::make_unique<IdentityOp>(true); }
std::unique_ptr<Op> make_stop_gradient(AttributeReader&) { return std::make_unique<IdentityOp>(false); }

std::unique_ptr<Op> make_gelu(AttributeReader& attributes) {
  const std::string kind = attributes.word("approximate", "none");
  if (kind == "tanh") return make<GeluTanhF>();
  if (kind != "none") attributes.refuse("approximate", "none or tanh");
  return make<GeluF>();
}

std::unique_ptr<Op> make_clip(AttributeReader& attributes) {
  ClipF clip;
  clip.low = static_cast<float>(attributes.required_number("min"));
  clip.high = static_cast<float>(attributes.required_number("max"));
  return make<ClipF>(clip);
}

}  // namespace isolens
