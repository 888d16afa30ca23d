// Products of a batch at even distances are one launch; where an operand is repeated in between, as few as its axes allow.
#include "../../cuda/axes.cuh"
#include "../../cuda/kernels/kernels.h"
#include "../../cuda/op.h"

namespace isolens::cuda {

namespace {

// Batch axes joined as far as both operands walk evenly; the innermost is a strided batch, the rest are launches.
struct Batches {
  int64_t m, n, k;
  Axes<2> axes;  // steps in elements
  bool repeats[2];
  int64_t inner() const { return axes.size[axes.count - 1]; }
  int64_t outer() const {
    int64_t launches = 1;
    for (int axis = 0; axis + 1 < axes.count; axis++) launches *= axes.size[axis];
    return launches;
  }
  void start(int64_t launch, int64_t* a, int64_t* b) const {
    *a = *b = 0;
    for (int axis = axes.count - 2; axis >= 0; axis--) {
      const int64_t index = launch % axes.size[axis];
      launch /= axes.size[axis];
      *a += index * axes.step[0][axis];
      *b += index * axes.step[1][axis];
    }
  }
};

class MatMulOp final : public DeviceOp {
 public:
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec& out, Precision precision) const override {
    const Batches s = batches(in, out);
    size_t bytes = 0;
    for (const int which : {-1, 0, 1}) bytes = std::max(bytes, gemm_workspace_bytes(precision, problem(s, which)));
    return bytes;
  }

  cudaError_t forward(const OpCall& call) const override {
    const Batches s = batches(call.in, call.out);
    for (int64_t launch = 0; launch < s.outer(); launch++) {
      int64_t at_a, at_b;
      s.start(launch, &at_a, &at_b);
      GemmProblem each = problem(s, -1);
      each.a = call.f32(0) + at_a;
      each.b = call.f32(1) + at_b;
      each.c = call.out_f32() + launch * s.inner() * s.m * s.n;
      ISOLENS_CUDA_TRY(gemm(call.precision, each, call.workspace, call.stream));
    }
    return cudaSuccess;
  }

  cudaError_t backward(const OpCall& call) const override {
    const Batches s = batches(call.in, call.out);
    for (int which = 0; which < 2; which++) {
      if (!call.wants(static_cast<size_t>(which))) continue;
      ISOLENS_CUDA_TRY(gradient(call, s, which));
    }
    return cudaSuccess;
  }

 private:
  // dA = dy B^T, dB = A^T dy. An operand that is repeated adds up over the batch, one product after another.
  static cudaError_t gradient(const OpCall& call, const Batches& s, int which) {
    const size_t input = static_cast<size_t>(which);
    float* dx = call.dx[input];
    if (s.repeats[which] && !call.accumulate[input]) ISOLENS_CUDA_TRY(cudaMemsetAsync(dx, 0, static_cast<size_t>(call.in[input].count()) * 4, call.stream));
    GemmProblem each = problem(s, which);
    each.beta = s.repeats[which] || call.accumulate[input] ? 1.0f : 0.0f;
    const bool serial = s.axes.step[which][s.axes.count - 1] == 0 && s.inner() > 1;
    const int64_t runs = serial ? s.inner() : 1;
    if (serial) each.batch = 1;
    const int64_t step_dy = s.m * s.n, step_other = s.axes.step[1 - which][s.axes.count - 1];
    for (int64_t launch = 0; launch < s.outer(); launch++) {
      int64_t at[2];
      s.start(launch, &at[0], &at[1]);
      for (int64_t run = 0; run < runs; run++) {
        const float* dy = call.dy + (launch * s.inner() + run) * step_dy;
        const float* other = call.f32(1 - input) + at[1 - which] + run * step_other;
        each.a = which == 0 ? dy : other;
        each.b = which == 0 ? other : dy;
        each.c = dx + at[which];
        ISOLENS_CUDA_TRY(gemm(call.precision, each, call.workspace, call.stream));
      }
    }
    return cudaSuccess;
  }

  // -1: y = A B; 0: dA = dy B^T; 1: dB = A^T dy.
  static GemmProblem problem(const Batches& s, int which) {
    GemmProblem p;
    const int last = s.axes.count - 1;
    const int64_t step_a = s.axes.step[0][last], step_b = s.axes.step[1][last], step_y = s.m * s.n;
    p.batch = s.inner();
    p.m = which == 1 ? s.k : s.m;
    p.n = which == 0 ? s.k : s.n;
    p.k = which == -1 ? s.k : which == 0 ? s.n : s.m;
    p.trans_a = which == 1;
    p.trans_b = which == 0;
    p.lda = which == 0 ? s.n : s.k;
    p.ldb = s.n;
    p.ldc = which == 0 ? s.k : s.n;
    p.stride_a = which == 0 ? step_y : step_a;
    p.stride_b = which == 1 ? step_y : step_b;
    p.stride_c = which == -1 ? step_y : which == 0 ? step_a : step_b;
    return p;
  }

  static Batches batches(const std::vector<TensorSpec>& in, const TensorSpec& out) {
    const Shape &a = in[0].shape, &b = in[1].shape;
    Batches s;
    s.m = a[a.size() - 2];
    s.k = a.back();
    s.n = b.back();
    const Shape batch(out.shape.begin(), out.shape.end() - 2), batch_a(a.begin(), a.end() - 2), batch_b(b.begin(), b.end() - 2);
    const int64_t count = element_count(batch);
    s.repeats[0] = element_count(batch_a) != count;
    s.repeats[1] = element_count(batch_b) != count;
    if (element_count(batch_b) == 1 && !s.repeats[0]) {  // one matrix under all of a: one tall product
      s.m *= count;
      s.repeats[1] = false;
      s.axes = make_axes<2>({1}, {{0}, {0}});
      return s;
    }
    Shape step_a = broadcast_steps(batch_a, batch), step_b = broadcast_steps(batch_b, batch);
    for (int64_t& step : step_a) step *= s.m * s.k;
    for (int64_t& step : step_b) step *= s.k * s.n;
    s.axes = make_axes<2>(batch, {step_a, step_b});
    return s;
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_mat_mul_cuda(AttributeReader&) { return std::make_unique<MatMulOp>(); }

}  // namespace isolens::cuda
