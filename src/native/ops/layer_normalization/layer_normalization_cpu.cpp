// Normalisation over the last axis of x: (rows, D), then scale and bias: (D).
#include <cmath>
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

class LayerNormalizationOp final : public Op {
 public:
  explicit LayerNormalizationOp(AttributeReader& attributes) : epsilon_(attributes.number("epsilon", 1e-5)) {
    attributes.integer("axis", -1, -1, -1);
    if (!(epsilon_ > 0)) attributes.refuse("epsilon", "positive");
  }
  Signature signature() const override { return {3, 3, "f"}; }
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() < 1 || in[0].shape.back() < 1) return "an input of rank >= 1";
    for (size_t k = 1; k < 3; k++) {
      if (in[k].shape != Shape{in[0].shape.back()}) return "parameters of shape (" + std::to_string(in[0].shape.back()) + ")";
    }
    out->shape = in[0].shape;
    return "";
  }
  Reuse backward_reuse(size_t input) const override { return input == 0 ? Reuse::kOverwrite : Reuse::kNone; }
  bool backward_reads_input(size_t input, const std::vector<bool>&) const override { return input < 2; }
  // Mean and 1 / sqrt(variance + epsilon) of each row.
  size_t saved_bytes(const std::vector<TensorSpec>& in, const TensorSpec&) const override { return static_cast<size_t>(in[0].count() / in[0].shape.back()) * 8; }
  // Sums of the gradients of scale and bias, one pair a thread.
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, int threads) const override {
    return static_cast<size_t>(in[0].shape.back()) * 8 * static_cast<size_t>(threads);
  }

  std::string forward(OpContext& context) const override {
    const int64_t d = context.in[0].shape.back(), rows = context.in[0].count() / d;
    const float *scale = context.f32(1), *bias = context.f32(2);
    float* saved = static_cast<float*>(context.saved);
    context.pool.range(rows, std::max<int64_t>(1, kGrain / d), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const float* x = context.f32(0) + row * d;
        const float mean = static_cast<float>(sum_of(x, d) / static_cast<double>(d));
        const double squares = sum_terms(d, [=](int64_t i) { return (x[i] - mean) * (x[i] - mean); });
        const float inverse = static_cast<float>(1.0 / std::sqrt(squares / static_cast<double>(d) + epsilon_));
        if (saved != nullptr) {
          saved[2 * row] = mean;
          saved[2 * row + 1] = inverse;
        }
        store_terms(context.out_f32() + row * d, 0, d, false, [=](int64_t i) { return (x[i] - mean) * inverse * scale[i] + bias[i]; });
      }
    });
    return "";
  }

  void backward(OpContext& context) const override {
    const int64_t d = context.in[0].shape.back(), rows = context.in[0].count() / d;
    const int parts = context.pool.threads();
    float* sums = static_cast<float*>(context.workspace);
    std::memset(sums, 0, static_cast<size_t>(2 * d * parts) * 4);
    context.pool.run(parts, [&](int part) {
      float* mine = sums + 2 * d * part;
      for (int64_t row = rows * part / parts; row < rows * (part + 1) / parts; row++) backward_row(context, row, d, mine, mine + d);
    });
    for (size_t k = 1; k < 3; k++) {
      if (!context.wants(k)) continue;
      if (!context.accumulate[k]) std::memset(context.dx[k], 0, static_cast<size_t>(d) * 4);
      for (int part = 0; part < parts; part++) {
        const float* from = sums + 2 * d * part + (k == 1 ? 0 : d);
        for (int64_t i = 0; i < d; i++) context.dx[k][i] += from[i];
      }
    }
  }

 private:
  // dx = (g - mean(g) - x^ mean(g x^)) / std with g = dy * scale
  static void backward_row(OpContext& context, int64_t row, int64_t d, float* dscale, float* dbias) {
    const float* x = context.f32(0) + row * d;
    const float* dy = context.dy + row * d;
    const float* scale = context.f32(1);
    const float mean = static_cast<float*>(context.saved)[2 * row], inverse = static_cast<float*>(context.saved)[2 * row + 1];
    for (int64_t i = 0; i < d; i++) {
      dscale[i] += dy[i] * ((x[i] - mean) * inverse);
      dbias[i] += dy[i];
    }
    if (!context.wants(0)) return;
    const double size = static_cast<double>(d);
    const float average = static_cast<float>(sum_terms(d, [=](int64_t i) { return dy[i] * scale[i]; }) / size);
    const float along = static_cast<float>(sum_terms(d, [=](int64_t i) { return dy[i] * scale[i] * ((x[i] - mean) * inverse); }) / size);
    store_terms(context.dx[0] + row * d, 0, d, context.accumulate[0],
                [=](int64_t i) { return (dy[i] * scale[i] - average - (x[i] - mean) * inverse * along) * inverse; });
  }

  double epsilon_;
};

}  // namespace

std::unique_ptr<Op> make_layer_normalization(AttributeReader& attributes) { return std::make_unique<LayerNormalizationOp>(attributes); }

}  // namespace isolens
