#include "../../cuda/kernels/kernels.h"
#include "../../cuda/op.h"
#include "../../cuda/reduce.cuh"

namespace isolens::cuda {

namespace {

// beta * C at every place of y, for biases that are no row.
struct SpreadTerm {
  const float* bias;
  Axes<1> axes;
  float beta;
  __device__ float operator()(int64_t i) const {
    int64_t at[1];
    axes.locate(i, at);
    return beta * bias[at[0]];
  }
};

struct Sizes {
  int64_t m, n, k, lda, ldb;
};

class GemmOp final : public DeviceOp {
 public:
  explicit GemmOp(AttributeReader& attributes)
      : alpha_(static_cast<float>(attributes.number("alpha", 1))),
        beta_(static_cast<float>(attributes.number("beta", 1))),
        trans_a_(attributes.integer("transA", 0, 0, 1) == 1),
        trans_b_(attributes.integer("transB", 0, 0, 1) == 1) {}

  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision precision) const override {
    size_t bytes = 0;
    const Sizes s = sizes(in, out);
    for (const GemmProblem& each : {product(s), left_gradient(s), right_gradient(s)}) bytes = std::max(bytes, gemm_workspace_bytes(precision, each));
    if (in.size() > 2 && in[2].present) bytes = std::max(bytes, reduce_workspace_bytes(make_repeat_layout(in[2].shape, out.shape)));
    return bytes;
  }

  cudaError_t forward(const OpCall& call) const override {
    GemmProblem problem = product(sizes(call.in, call.out));
    problem.a = call.x[0];
    problem.b = call.x[1];
    problem.c = call.out_f32();
    if (call.has(2) && beta_ != 0) {
      const bool row = call.in[2].count() == call.out.shape[1] && call.in[2].shape.back() == call.out.shape[1];
      if (row) {
        problem.bias = call.f32(2);
        problem.bias_scale = beta_;
      } else {
        const SpreadTerm term{call.f32(2), make_axes<1>(call.out.shape, {broadcast_steps(call.in[2].shape, call.out.shape)}), beta_};
        ISOLENS_CUDA_TRY(store_terms(call.out_f32(), call.out.count(), false, term, call.stream));
        problem.beta = 1;
      }
    }
    return gemm(call.precision, problem, call.workspace, call.stream);
  }

  cudaError_t backward(const OpCall& call) const override {
    const Sizes s = sizes(call.in, call.out);
    if (call.wants(0)) {
      GemmProblem problem = left_gradient(s);
      problem.a = trans_a_ ? call.x[1] : call.dy;
      problem.b = trans_a_ ? call.dy : call.x[1];
      ISOLENS_CUDA_TRY(add_product(call, 0, problem));
    }
    if (call.wants(1)) {
      GemmProblem problem = right_gradient(s);
      problem.a = trans_b_ ? call.dy : call.x[0];
      problem.b = trans_b_ ? call.x[0] : call.dy;
      ISOLENS_CUDA_TRY(add_product(call, 1, problem));
    }
    if (!call.wants(2)) return cudaSuccess;
    const ReduceLayout layout = make_repeat_layout(call.in[2].shape, call.out.shape);
    return reduce<SumRule>(call.dx[2], layout, call.accumulate[2], beta_, ValueTerm{call.dy}, call.workspace, call.stream);
  }

 private:
  Sizes sizes(const std::vector<TensorSpec>& in, const TensorSpec& out) const {
    const Shape& a = in[0].shape;
    return {out.shape[0], out.shape[1], a[trans_a_ ? 0 : 1], a[1], in[1].shape[1]};
  }
  GemmProblem make(int64_t m, int64_t n, int64_t k, bool trans_a, int64_t lda, bool trans_b, int64_t ldb, int64_t ldc) const {
    GemmProblem problem;
    problem.m = m;
    problem.n = n;
    problem.k = k;
    problem.trans_a = trans_a;
    problem.trans_b = trans_b;
    problem.lda = lda;
    problem.ldb = ldb;
    problem.ldc = ldc;
    problem.alpha = alpha_;
    return problem;
  }
  GemmProblem product(const Sizes& s) const { return make(s.m, s.n, s.k, trans_a_, s.lda, trans_b_, s.ldb, s.n); }
  // dA: (K, M) = op(B) dy^T, or (M, K) = dy op(B)^T
  GemmProblem left_gradient(const Sizes& s) const {
    return trans_a_ ? make(s.k, s.m, s.n, trans_b_, s.ldb, true, s.n, s.lda) : make(s.m, s.k, s.n, false, s.n, !trans_b_, s.ldb, s.lda);
  }
  // dB: (N, K) = dy^T op(A), or (K, N) = op(A)^T dy
  GemmProblem right_gradient(const Sizes& s) const {
    return trans_b_ ? make(s.n, s.k, s.m, true, s.n, trans_a_, s.lda, s.ldb) : make(s.k, s.n, s.m, !trans_a_, s.lda, false, s.n, s.ldb);
  }
  static cudaError_t add_product(const OpCall& call, size_t input, GemmProblem problem) {
    problem.c = call.dx[input];
    problem.beta = call.accumulate[input] ? 1.0f : 0.0f;
    return gemm(call.precision, problem, call.workspace, call.stream);
  }

  float alpha_, beta_;
  bool trans_a_, trans_b_;
};

}  // namespace

std::unique_ptr<DeviceOp> make_gemm_cuda(AttributeReader& attributes) { return std::make_unique<GemmOp>(attributes); }

}  // namespace isolens::cuda
