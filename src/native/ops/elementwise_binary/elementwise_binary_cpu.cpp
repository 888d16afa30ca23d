// a + b, a - b, a * b, a / b with broadcasting, and Add with the Relu after it (made by core/fuse.cpp).
#include <cstring>

#include "../broadcast.h"

namespace isolens {

namespace {

// F: y(a, b); d<0> and d<1>: gradient of an operand from dy, a, b and y; which of them it reads.
struct AddF {
  static constexpr bool kReadsInputs = false, kReadsOutput = false;
  static constexpr Reuse kGradient[2] = {Reuse::kView, Reuse::kView};
  static float y(float a, float b) { return a + b; }
  template <int K>
  static float d(float dy, float, float, float) { return dy; }
};
struct AddReluF {
  static constexpr bool kReadsInputs = false, kReadsOutput = true;
  static constexpr Reuse kGradient[2] = {Reuse::kView, Reuse::kView};
  static float y(float a, float b) { return a + b < 0.0f ? 0.0f : a + b; }
  template <int K>
  static float d(float dy, float, float, float y) { return y > 0.0f ? dy : 0.0f; }
};
struct SubF {
  static constexpr bool kReadsInputs = false, kReadsOutput = false;
  static constexpr Reuse kGradient[2] = {Reuse::kView, Reuse::kNone};
  static float y(float a, float b) { return a - b; }
  template <int K>
  static float d(float dy, float, float, float) { return K == 0 ? dy : -dy; }
};
struct MulF {
  static constexpr bool kReadsInputs = true, kReadsOutput = false;
  static constexpr Reuse kGradient[2] = {Reuse::kNone, Reuse::kNone};
  static float y(float a, float b) { return a * b; }
  template <int K>
  static float d(float dy, float a, float b, float) { return dy * (K == 0 ? b : a); }
};
struct DivF {
  static constexpr bool kReadsInputs = true, kReadsOutput = false;
  static constexpr Reuse kGradient[2] = {Reuse::kNone, Reuse::kNone};
  static float y(float a, float b) { return a / b; }
  template <int K>
  static float d(float dy, float a, float b, float) { return K == 0 ? dy / b : -dy * a / (b * b); }
};

// Rows with the steps of both operands known to the compiler: body(length, a step, b step as constants).
template <typename Body>
void with_steps(int64_t step_a, int64_t step_b, const Body& body) {
  using One = std::integral_constant<int64_t, 1>;
  using Zero = std::integral_constant<int64_t, 0>;
  if (step_a != 0 && step_b != 0) return body(One{}, One{});
  if (step_a != 0) return body(One{}, Zero{});
  if (step_b != 0) return body(Zero{}, One{});
  body(Zero{}, Zero{});
}

template <typename F>
class BinaryOp final : public Op {
 public:
  Signature signature() const override { return {2, 2, "f"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    return broadcast_shapes(in[0].shape, in[1].shape, &out->shape) ? "" : "two shapes that broadcast";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kOverwrite; }
  Reuse backward_reuse(size_t input) const override { return F::kGradient[input]; }
  bool masks_gradient() const override { return F::kReadsOutput; }
  bool backward_reads_input(size_t input, const std::vector<bool>& wanted) const override {
    if (!F::kReadsInputs) return false;
    // a * b: the gradient of one reads the other; a / b: that of b reads both.
    return std::is_same<F, DivF>::value ? (input == 1 || wanted[1]) : wanted[1 - input];
  }
  bool backward_reads_output() const override { return F::kReadsOutput; }

  std::string forward(OpContext& context) const override {
    const float* a = context.f32(0);
    const float* b = context.f32(1);
    float* y = context.out_f32();
    const BroadcastLoop loop = make_broadcast_loop(context.in[0].shape, context.in[1].shape, context.out.shape);
    with_steps(loop.stride[0].back(), loop.stride[1].back(), [&](auto step_a, auto step_b) {
      for_rows(context.pool, loop, [&](int64_t at, int64_t at_a, int64_t at_b, int64_t length) {
        const float* row_a = a + at_a;
        const float* row_b = b + at_b;
        float* row_y = y + at;
        const float first_a = *row_a, first_b = *row_b;
#pragma GCC ivdep
        for (int64_t i = 0; i < length; i++) row_y[i] = F::y(step_a != 0 ? row_a[i] : first_a, step_b != 0 ? row_b[i] : first_b);
      });
    });
    return "";
  }

  void backward(OpContext& context) const override {
    if (context.dy_writable) {
      float* dy = context.dy;
      const float* y = context.out_f32();
      context.pool.range(context.out.count(), kGrain, [&](int64_t begin, int64_t end) {
        store_terms(dy, begin, end, false, [=](int64_t i) { return F::template d<0>(dy[i], 0, 0, y[i]); });
      });
      // dy is now the gradient of the sum itself.
      gradient<AddF, 0>(context);
      gradient<AddF, 1>(context);
    } else {
      gradient<F, 0>(context);
      gradient<F, 1>(context);
    }
  }

 private:
  template <typename G, int K>
  static void gradient(OpContext& context) {
    if (!context.wants(K) || context.dx[K] == context.dy) return;
    float* dx = context.dx[K];
    const float* dy = context.dy;
    // What G does not read may be anything; dy stands in so that the loops stay the same.
    const bool same = context.in[0].shape == context.in[1].shape;
    const float* a = G::kReadsInputs ? context.f32(0) : nullptr;
    const float* b = G::kReadsInputs ? context.f32(1) : nullptr;
    const float* y = G::kReadsOutput ? context.out_f32() : nullptr;
    if (!G::kReadsInputs && (same || context.in[K].shape == context.out.shape)) {
      context.pool.range(context.out.count(), kGrain, [&](int64_t begin, int64_t end) {
        store_terms(dx, begin, end, context.accumulate[K], [=](int64_t i) { return G::template d<K>(dy[i], 0, 0, G::kReadsOutput ? y[i] : 0.0f); });
      });
      return;
    }
    const BroadcastLoop loop = make_broadcast_loop(context.in[0].shape, context.in[1].shape, context.out.shape);
    const bool whole = context.in[K].count() == context.out.count();
    if (!whole && !context.accumulate[K]) std::memset(dx, 0, static_cast<size_t>(context.in[K].count()) * 4);
    with_steps(loop.stride[0].back(), loop.stride[1].back(), [&](auto step_a, auto step_b) {
      const auto row = [&](int64_t at, int64_t at_a, int64_t at_b, int64_t length) {
        const float* row_a = G::kReadsInputs ? a + at_a : nullptr;
        const float* row_b = G::kReadsInputs ? b + at_b : nullptr;
        const float* row_dy = dy + at;
        const float* row_y = G::kReadsOutput ? y + at : nullptr;
        float* row_dx = dx + (K == 0 ? at_a : at_b);
        const auto term = [=](int64_t i) {
          const float value_a = G::kReadsInputs ? row_a[step_a != 0 ? i : 0] : 0.0f;
          const float value_b = G::kReadsInputs ? row_b[step_b != 0 ? i : 0] : 0.0f;
          return G::template d<K>(row_dy[i], value_a, value_b, G::kReadsOutput ? row_y[i] : 0.0f);
        };
        if ((K == 0 ? step_a : step_b) == 0) {
          *row_dx += static_cast<float>(sum_terms(length, term));
        } else {
          store_terms(row_dx, 0, length, !whole || context.accumulate[K], term);
        }
      };
      if (whole) {
        for_rows(context.pool, loop, row);
      } else {
        for_rows_into(context.pool, loop, K, row);
      }
    });
  }
};

}  // namespace

std::unique_ptr<Op> make_add(AttributeReader&) { return std::make_unique<BinaryOp<AddF>>(); }
std::unique_ptr<Op> make_add_relu(AttributeReader&) { return std::make_unique<BinaryOp<AddReluF>>(); }
std::unique_ptr<Op> make_sub(AttributeReader&) { return std::make_unique<BinaryOp<SubF>>(); }
std::unique_ptr<Op> make_mul(AttributeReader&) { return std::make_unique<BinaryOp<MulF>>(); }
std::unique_ptr<Op> make_div(AttributeReader&) { return std::make_unique<BinaryOp<DivF>>(); }

}  // namespace isolens
