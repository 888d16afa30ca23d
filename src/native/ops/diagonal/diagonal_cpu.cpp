// MaskDiagonal sets the main diagonal of (N, N) to a value; Diagonal reads it as (N).
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

bool square(const TensorSpec& spec) { return spec.rank() == 2 && spec.shape[0] == spec.shape[1]; }

class MaskDiagonalOp final : public Op {
 public:
  explicit MaskDiagonalOp(AttributeReader& attributes) : value_(static_cast<float>(attributes.required_number("value"))) {}
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    out->shape = in[0].shape;
    return square(in[0]) ? "" : "a square matrix (N, N)";
  }
  Reuse forward_reuse(size_t) const override { return Reuse::kOverwrite; }
  Reuse backward_reuse(size_t) const override { return Reuse::kOverwrite; }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    copy(context, context.out_f32(), context.f32(0), value_, false);
    return "";
  }
  void backward(OpContext& context) const override {
    if (context.wants(0)) copy(context, context.dx[0], context.dy, 0.0f, context.accumulate[0]);
  }

 private:
  static void copy(const OpContext& context, float* to, const float* from, float diagonal, bool accumulate) {
    const int64_t n = context.out.shape[0];
    context.pool.range(n, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        float* target = to + row * n;
        const float* source = from + row * n;
        const float kept = accumulate ? target[row] : 0.0f;
        if (target != source || accumulate) store_terms(target, 0, n, accumulate, [=](int64_t i) { return source[i]; });
        target[row] = kept + diagonal;
      }
    });
  }
  float value_;
};

class DiagonalOp final : public Op {
 public:
  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (!square(in[0])) return "a square matrix (N, N)";
    out->shape = {in[0].shape[0]};
    return "";
  }
  bool backward_reads_input(size_t, const std::vector<bool>&) const override { return false; }
  std::string forward(OpContext& context) const override {
    const int64_t n = context.out.shape[0];
    for (int64_t i = 0; i < n; i++) context.out_f32()[i] = context.f32(0)[i * n + i];
    return "";
  }
  void backward(OpContext& context) const override {
    if (!context.wants(0)) return;
    const int64_t n = context.out.shape[0];
    if (!context.accumulate[0]) std::memset(context.dx[0], 0, static_cast<size_t>(n * n) * 4);
    for (int64_t i = 0; i < n; i++) context.dx[0][i * n + i] += context.dy[i];
  }
};

}  // namespace

std::unique_ptr<Op> make_mask_diagonal(AttributeReader& attributes) { return std::make_unique<MaskDiagonalOp>(attributes); }
std::unique_ptr<Op> make_diagonal(AttributeReader&) { return std::make_unique<DiagonalOp>(); }

}  // namespace isolens
