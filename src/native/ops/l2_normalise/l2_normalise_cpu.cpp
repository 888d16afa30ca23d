// y = x / max(||x||, epsilon) over the last axis of x: (rows, D).
#include <cmath>

#include "../loops.h"

namespace isolens {

namespace {

class L2NormaliseOp final : public Op {
 public:
  explicit L2NormaliseOp(AttributeReader& attributes) : epsilon_(static_cast<float>(attributes.number("epsilon", 1e-12))) {
    attributes.integer("axis", -1, -1, -1);
    if (!(epsilon_ > 0)) attributes.refuse("epsilon", "positive");
  }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->shape = in[0].shape;
    return in[0].rank() < 1 ? "an input of rank >= 1" : "";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kOverwrite; }
  Reuse backward_reuse(size_t) const override { return Reuse::kOverwrite; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  bool backward_reads_output() const override { return true; }
  // The norm of each row.
  size_t saved_bytes(const std::vector<TensorSpec>& in, const TensorSpec&) const override {
    return static_cast<size_t>(in[0].count() / std::max<int64_t>(1, in[0].shape.back())) * 4;
  }

  std::string forward(OpContext& context) const override {
    float* norms = static_cast<float*>(context.saved);
    over_rows(context, [&](int64_t row, int64_t d) {
      const float* x = context.f32(0) + row * d;
      // Elements whose squares leave the range of f32 are brought into it.
      float scale = 1;
      double squares = sum_terms(d, [=](int64_t i) { return x[i] * x[i]; });
      if (!(squares > 1e-30 && squares < 1e30)) {
        const float largest = max_magnitude(x, d);
        scale = largest > 0 && std::isfinite(largest) ? largest : 1;
        squares = sum_terms(d, [=](int64_t i) { return (x[i] / scale) * (x[i] / scale); });
      }
      const float norm = static_cast<float>(std::sqrt(squares) * scale);
      if (norms != nullptr) norms[row] = norm;
      const float divisor = norm < epsilon_ ? epsilon_ : norm;  // NaN stays
      store_terms(context.out_f32() + row * d, 0, d, false, [=](int64_t i) { return x[i] / divisor; });
    });
    return "";
  }

  // dx = (dy - y (y . dy)) / ||x||, or dy / epsilon below it.
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const float* norms = static_cast<const float*>(context.saved);
    over_rows(context, [&](int64_t row, int64_t d) {
      const float* y = context.out_f32() + row * d;
      const float* dy = context.dy + row * d;
      const bool small = norms[row] < epsilon_;
      const float along = small ? 0.0f : static_cast<float>(sum_terms(d, [=](int64_t i) { return y[i] * dy[i]; }));
      const float scale = 1.0f / (small ? epsilon_ : norms[row]);
      store_terms(context.dx[0] + row * d, 0, d, context.accumulate[0], [=](int64_t i) { return (dy[i] - y[i] * along) * scale; });
    });
  }

 private:
  static float max_magnitude(const float* x, int64_t n) {
    float best = 0;
    for (int64_t i = 0; i < n; i++) best = std::fabs(x[i]) > best ? std::fabs(x[i]) : best;
    return best;
  }
  template <typename Body>
  static void over_rows(const OpContext& context, const Body& body) {
    const int64_t d = context.in[0].shape.back();
    if (d == 0) return;
    context.pool.range(context.in[0].count() / d, std::max<int64_t>(1, kGrain / d), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) body(row, d);
    });
  }
  float epsilon_;
};

}  // namespace

std::unique_ptr<Op> make_l2_normalise(AttributeReader& attributes) { return std::make_unique<L2NormaliseOp>(attributes); }

}  // namespace isolens
