// y: (N, H) = x w^T + bias, with x: (N, F) mostly zeros, w: (H, F), bias: (H). What is zero in x is not multiplied; where too
// little is (dense rows by mistake), and for the gradient of x, the dense product does the work. Sums are f32 in either precision.
#include "../../kernels/sparse.h"
#include "../broadcast.h"

namespace isolens {

namespace {

class SparseGemmOp final : public Op {
 public:
  Signature signature() const override { return {2, 3, "f"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    if (in[0].rank() != 2 || in[1].rank() != 2) return "two matrices";
    if (in[0].shape[1] != in[1].shape[1]) return "inner sizes that agree";
    out->shape = {in[0].shape[0], in[1].shape[0]};
    const bool bias = in.size() > 2 && in[2].present;
    if (bias && in[2].shape != Shape{out->shape[1]}) return "a bias of " + describe(Shape{out->shape[1]});
    return "";
  }

  bool backward_reads_input(size_t input, const std::vector<bool>& wanted) const override {
    return input < 2 && wanted[1 - input];
  }

  // The entries that are not zero, then a panel for each thread.
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, int threads) const override {
    const Shape& x = in[0].shape;
    return sparse_rows_bytes(x[0], x[1]) + sparse_product_workspace_bytes(x[1], threads);
  }

  std::string forward(OpContext& context) const override {
    const Sizes s = sizes(context);
    float* y = context.out_f32();
    const float* bias = context.has(2) ? context.f32(2) : nullptr;
    SparseRows entries;
    if (collect_nonzeros(context.pool, context.f32(0), s.n, s.f, context.workspace, &entries)) {
      sparse_product(context.pool, y, entries, context.f32(1), bias, s.h, panels(context, s));
      return "";
    }
    const float beta = bias != nullptr ? 1.0f : 0.0f;
    for (int64_t r = 0; bias != nullptr && r < s.n; r++) std::copy_n(bias, s.h, y + r * s.h);
    const float *x = context.f32(0), *w = context.f32(1);
    gemm(context.pool, context.precision, false, true, s.n, s.h, s.f, 1, x, s.f, w, s.f, beta, y, s.h);
    return "";
  }

  void backward(OpContext& context) const override {
    const Sizes s = sizes(context);
    const float* dy = context.dy;
    if (context.wants(0)) {  // dx: (N, F) = dy w
      const float beta = context.accumulate[0] ? 1.0f : 0.0f;
      gemm(context.pool, context.precision, false, false, s.n, s.f, s.h, 1, dy, s.h, context.f32(1), s.f, beta, context.dx[0], s.f);
    }
    if (context.wants(1)) weight_gradient(context, s);
    if (!context.wants(2)) return;
    reduce_broadcast(context.pool, context.dx[2], context.in[2].shape, dy, context.out.shape, 1, context.accumulate[2]);
  }

 private:
  struct Sizes {
    int64_t n, f, h;
  };
  static Sizes sizes(const OpContext& context) { return {context.in[0].shape[0], context.in[0].shape[1], context.in[1].shape[0]}; }
  static void* panels(const OpContext& context, const Sizes& s) {
    return static_cast<char*>(context.workspace) + sparse_rows_bytes(s.n, s.f);
  }

  // dw: (H, F) = dy^T x
  void weight_gradient(OpContext& context, const Sizes& s) const {
    const float* x = context.f32(0);
    SparseRows entries;
    if (collect_nonzeros(context.pool, x, s.n, s.f, context.workspace, &entries)) {
      sparse_product_weights(context.pool, context.dx[1], context.accumulate[1], entries, context.dy, s.h, panels(context, s));
      return;
    }
    const float beta = context.accumulate[1] ? 1.0f : 0.0f;
    gemm(context.pool, context.precision, true, false, s.h, s.f, s.n, 1, context.dy, s.h, x, s.f, beta, context.dx[1], s.f);
  }
};

}  // namespace

std::unique_ptr<Op> make_sparse_gemm(AttributeReader&) { return std::make_unique<SparseGemmOp>(); }

}  // namespace isolens
