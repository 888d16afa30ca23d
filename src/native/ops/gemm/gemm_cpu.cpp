// y: (M, N) = alpha * op(A) * op(B) + beta * C, with op(A): (M, K), op(B): (K, N), C broadcast to (M, N).
#include "../broadcast.h"

namespace isolens {

namespace {

class GemmOp final : public Op {
 public:
  explicit GemmOp(AttributeReader& attributes)
      : alpha_(static_cast<float>(attributes.number("alpha", 1))),
        beta_(static_cast<float>(attributes.number("beta", 1))),
        trans_a_(attributes.integer("transA", 0, 0, 1) == 1),
        trans_b_(attributes.integer("transB", 0, 0, 1) == 1) {}

  Signature signature() const override { return {2, 3, "f"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 2 || in[1].rank() != 2) return "two matrices";
    const int64_t m = in[0].shape[trans_a_ ? 1 : 0], k = in[0].shape[trans_a_ ? 0 : 1];
    const int64_t rows = in[1].shape[trans_b_ ? 1 : 0], n = in[1].shape[trans_b_ ? 0 : 1];
    if (k != rows) return "inner sizes that agree";
    out->shape = {m, n};
    Shape joined;
    const bool bias = in.size() > 2 && in[2].present;
    if (bias && (!broadcast_shapes(out->shape, in[2].shape, &joined) || joined != out->shape)) return "a bias that broadcasts to " + describe(out->shape);
    return "";
  }

  bool backward_reads_input(size_t input, const std::vector<bool>& wanted) const override {
    return input < 2 && wanted[1 - input];
  }

  std::string forward(OpContext& context) const override {
    const Sizes s = sizes(context);
    float* y = context.out_f32();
    const bool bias = context.has(2) && beta_ != 0;
    if (bias) spread_bias(context, y);
    gemm(context.pool, context.precision, trans_a_, trans_b_, s.m, s.n, s.k, alpha_, context.f32(0), s.lda, context.f32(1), s.ldb, bias ? 1.0f : 0.0f, y, s.n);
    return "";
  }

  void backward(OpContext& context) const override {
    const Sizes s = sizes(context);
    const float* dy = context.dy;
    if (context.wants(0)) {
      const float beta = context.accumulate[0] ? 1.0f : 0.0f;
      if (trans_a_) {  // dA: (K, M) = op(B) dy^T
        gemm(context.pool, context.precision, trans_b_, true, s.k, s.m, s.n, alpha_, context.f32(1), s.ldb, dy, s.n, beta, context.dx[0], s.lda);
      } else {  // dA: (M, K) = dy op(B)^T
        gemm(context.pool, context.precision, false, !trans_b_, s.m, s.k, s.n, alpha_, dy, s.n, context.f32(1), s.ldb, beta, context.dx[0], s.lda);
      }
    }
    if (context.wants(1)) {
      const float beta = context.accumulate[1] ? 1.0f : 0.0f;
      if (trans_b_) {  // dB: (N, K) = dy^T op(A)
        gemm(context.pool, context.precision, true, trans_a_, s.n, s.k, s.m, alpha_, dy, s.n, context.f32(0), s.lda, beta, context.dx[1], s.ldb);
      } else {  // dB: (K, N) = op(A)^T dy
        gemm(context.pool, context.precision, !trans_a_, false, s.k, s.n, s.m, alpha_, context.f32(0), s.lda, dy, s.n, beta, context.dx[1], s.ldb);
      }
    }
    if (context.wants(2)) reduce_broadcast(context.pool, context.dx[2], context.in[2].shape, dy, context.out.shape, beta_, context.accumulate[2]);
  }

 private:
  struct Sizes {
    int64_t m, n, k, lda, ldb;
  };
  Sizes sizes(const OpContext& context) const {
    const Shape& a = context.in[0].shape;
    return {context.out.shape[0], context.out.shape[1], a[trans_a_ ? 0 : 1], a[1], context.in[1].shape[1]};
  }

  void spread_bias(const OpContext& context, float* y) const {
    const float* bias = context.f32(2);
    const BroadcastLoop loop = make_broadcast_loop(context.in[2].shape, context.out.shape, context.out.shape);
    const bool repeated = loop.stride[0].back() == 0;
    for_rows(context.pool, loop, [&](int64_t at, int64_t from, int64_t, int64_t length) {
      float* row = y + at;
      const float* source = bias + from;
      if (repeated) {
        for (int64_t i = 0; i < length; i++) row[i] = beta_ * source[0];
      } else {
        for (int64_t i = 0; i < length; i++) row[i] = beta_ * source[i];
      }
    });
  }

  float alpha_, beta_;
  bool trans_a_, trans_b_;
};

}  // namespace

std::unique_ptr<Op> make_gemm(AttributeReader& attributes) { return std::make_unique<GemmOp>(attributes); }

}  // namespace isolens
