// y: (..., M, N) = a: (..., M, K) x b: (..., K, N), batch sizes broadcast. A matrix b under a batched a is one large product.
#include <cstring>

#include "../loops.h"

namespace isolens {

namespace {

// Offsets of the matrices of each product of the batch.
struct Batches {
  int64_t m, n, k;
  std::vector<int64_t> a, b;
  bool repeats_a = false, repeats_b = false;
};

class MatMulOp final : public Op {
 public:
  Signature signature() const override { return {2, 2, "f"}; }

  std::string infer(const std::vector<TensorSpec>& in, TensorSpec* out) const override {
    const Shape &a = in[0].shape, &b = in[1].shape;
    if (a.size() < 2 || b.size() < 2) return "two inputs of rank >= 2";
    if (a.back() != b[b.size() - 2]) return "the last size of the first to equal the last but one of the second";
    if (!broadcast_shapes(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2), &out->shape)) return "batch sizes that broadcast";
    out->shape.push_back(a[a.size() - 2]);
    out->shape.push_back(b.back());
    return "";
  }

  bool backward_reads_input(size_t input, const std::vector<bool>& wanted) const override { return wanted[1 - input]; }

  std::string forward(OpContext& context) const override {
    const Batches s = batches(context);
    float* y = context.out_f32();
    const float *a = context.f32(0), *b = context.f32(1);
    each(context, s, false, [&](int64_t i) {
      gemm(context.pool, context.precision, false, false, s.m, s.n, s.k, 1, a + s.a[i], s.k, b + s.b[i], s.n, 0, y + i * s.m * s.n, s.n);
    });
    return "";
  }

  void backward(OpContext& context) const override {
    const Batches s = batches(context);
    const float *a = context.f32(0), *b = context.f32(1), *dy = context.dy;
    if (context.wants(0)) {  // dA = dy B^T
      float* da = context.dx[0];
      const float beta = prepare(context, 0, s.repeats_a);
      each(context, s, s.repeats_a, [&](int64_t i) {
        gemm(context.pool, context.precision, false, true, s.m, s.k, s.n, 1, dy + i * s.m * s.n, s.n, b + s.b[i], s.n, beta, da + s.a[i], s.k);
      });
    }
    if (context.wants(1)) {  // dB = A^T dy
      float* db = context.dx[1];
      const float beta = prepare(context, 1, s.repeats_b);
      each(context, s, s.repeats_b, [&](int64_t i) {
        gemm(context.pool, context.precision, true, false, s.k, s.n, s.m, 1, a + s.a[i], s.k, dy + i * s.m * s.n, s.n, beta, db + s.b[i], s.n);
      });
    }
  }

 private:
  // The beta of the products into dx[input]; a repeated operand adds up over the batch.
  static float prepare(OpContext& context, size_t input, bool repeated) {
    if (repeated && !context.accumulate[input]) std::memset(context.dx[input], 0, static_cast<size_t>(context.in[input].count()) * 4);
    return repeated || context.accumulate[input] ? 1.0f : 0.0f;
  }

  // Many small products: one a thread. Few or large ones, or several into one matrix: each on all threads.
  template <typename Body>
  static void each(OpContext& context, const Batches& s, bool serial, const Body& body) {
    const int64_t count = static_cast<int64_t>(s.a.size());
    const bool small = s.m * s.n * s.k < (int64_t{1} << 24);
    if (!serial && small && count >= 2 * context.pool.threads()) {
      context.pool.range(count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) body(i);
      });
    } else {
      for (int64_t i = 0; i < count; i++) body(i);
    }
  }

  static std::vector<int64_t> offsets(const Shape& shape, const Shape& batch) {
    const int64_t axes = static_cast<int64_t>(batch.size()), own = static_cast<int64_t>(shape.size()) - 2;
    std::vector<int64_t> result(static_cast<size_t>(element_count(batch)), 0);
    for (size_t i = 0; i < result.size(); i++) {
      int64_t rest = static_cast<int64_t>(i), step = shape[own] * shape[own + 1];
      for (int64_t back = 0; back < axes; back++) {
        const int64_t index = rest % batch[axes - 1 - back];
        rest /= batch[axes - 1 - back];
        if (back >= own) continue;
        const int64_t size = shape[own - 1 - back];
        if (size != 1) result[i] += index * step;
        step *= size;
      }
    }
    return result;
  }

  static Batches batches(const OpContext& context) {
    const Shape &a = context.in[0].shape, &b = context.in[1].shape;
    Batches s;
    s.m = a[a.size() - 2];
    s.k = a.back();
    s.n = b.back();
    const int64_t matrices_b = element_count(Shape(b.begin(), b.end() - 2));
    const Shape batch(context.out.shape.begin(), context.out.shape.end() - 2);
    const int64_t count = element_count(batch);
    if (matrices_b == 1 && element_count(Shape(a.begin(), a.end() - 2)) == count) {
      s.m *= count;
      s.a = s.b = {0};
      return s;
    }
    s.a = offsets(a, batch);
    s.b = offsets(b, batch);
    s.repeats_a = element_count(Shape(a.begin(), a.end() - 2)) != count;
    s.repeats_b = matrices_b != count;
    return s;
  }
};

}  // namespace

std::unique_ptr<Op> make_mat_mul(AttributeReader&) { return std::make_unique<MatMulOp>(); }

}  // namespace isolens
