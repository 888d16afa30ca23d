// Softmax and LogSoftmax along one axis of x seen as (outer, n, inner).
#include <cmath>

#include "../loops.h"
#include "../vector_math.h"

namespace isolens {

namespace {

template <bool Log>
class SoftmaxOp final : public Op {
 public:
  explicit SoftmaxOp(AttributeReader& attributes) : axis_(attributes.integer("axis", -1, -64, 63)) {}

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->shape = in[0].shape;
    return resolve_axis(axis_, in[0].rank()) < 0 ? "an axis within the rank rather than " + std::to_string(axis_) : "";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kOverwrite; }
  Reuse backward_reuse(size_t) const override { return Reuse::kOverwrite; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  bool backward_reads_output() const override { return true; }

  std::string forward(OpContext& context) const override {
    const float* x = context.f32(0);
    float* y = context.out_f32();
    over_rows(context, [=](int64_t at, int64_t n, int64_t step) {
      if (step == 1) {
        forward_row(x + at, y + at, n);
      } else {
        forward_strided(x + at, y + at, n, step);
      }
    });
    return "";
  }

  // softmax: dx = y (dy - sum(dy y));  log: dx = dy - softmax * sum(dy)
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const bool accumulate = context.accumulate[0];
    over_rows(context, [&](int64_t at, int64_t n, int64_t step) {
      const float* y = context.out_f32() + at;
      const float* dy = context.dy + at;
      float* dx = context.dx[0] + at;
      if (step == 1) {
        const float sum = static_cast<float>(sum_terms(n, [=](int64_t i) { return Log ? dy[i] : dy[i] * y[i]; }));
        store_terms(dx, 0, n, accumulate, [=](int64_t i) { return Log ? dy[i] - exp_f(y[i]) * sum : y[i] * (dy[i] - sum); });
        return;
      }
      double total = 0;
      for (int64_t i = 0; i < n; i++) total += Log ? dy[i * step] : dy[i * step] * y[i * step];
      const float sum = static_cast<float>(total);
      for (int64_t i = 0; i < n; i++) {
        const int64_t j = i * step;
        const float g = Log ? dy[j] - exp_f(y[j]) * sum : y[j] * (dy[j] - sum);
        dx[j] = accumulate ? dx[j] + g : g;
      }
    });
  }

 private:
  // body(offset of the first element, n, step between elements)
  template <typename Body>
  void over_rows(const OpContext& context, const Body& body) const {
    const Shape& shape = context.in[0].shape;
    const size_t axis = static_cast<size_t>(resolve_axis(axis_, context.in[0].rank()));
    const int64_t n = shape[axis];
    const int64_t inner = element_count(Shape(shape.begin() + static_cast<int64_t>(axis) + 1, shape.end()));
    if (n == 0) return;
    context.pool.range(context.in[0].count() / n, std::max<int64_t>(1, kGrain / 4 / n), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) body(r / inner * n * inner + r % inner, n, inner);
    });
  }

  static void forward_row(const float* x, float* y, int64_t n) {
    const float best = max_of(x, n);
    if (Log) {
      const float shift = best + static_cast<float>(std::log(sum_terms(n, [=](int64_t i) { return exp_f(x[i] - best); })));
      store_terms(y, 0, n, false, [=](int64_t i) { return x[i] - shift; });
      return;
    }
    store_terms(y, 0, n, false, [=](int64_t i) { return exp_f(x[i] - best); });
    const float scale = static_cast<float>(1.0 / sum_of(y, n));
    store_terms(y, 0, n, false, [=](int64_t i) { return y[i] * scale; });
  }

  static void forward_strided(const float* x, float* y, int64_t n, int64_t step) {
    float best = x[0];
    for (int64_t i = 1; i < n; i++) best = x[i * step] > best || x[i * step] != x[i * step] ? x[i * step] : best;
    double total = 0;
    for (int64_t i = 0; i < n; i++) total += exp_f(x[i * step] - best);
    const float shift = static_cast<float>(std::log(total)), scale = static_cast<float>(1.0 / total);
    for (int64_t i = 0; i < n; i++) {
      const float centred = x[i * step] - best;
      y[i * step] = Log ? centred - shift : exp_f(centred) * scale;
    }
  }

  int64_t axis_;
};

}  // namespace

std::unique_ptr<Op> make_softmax(AttributeReader& attributes) { return std::make_unique<SoftmaxOp<false>>(attributes); }
std::unique_ptr<Op> make_log_softmax(AttributeReader& attributes) { return std::make_unique<SoftmaxOp<true>>(attributes); }

}  // namespace isolens
