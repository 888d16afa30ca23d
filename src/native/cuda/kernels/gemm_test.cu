#include "kernels_test.h"

namespace isolens::cuda::test {

namespace {

struct Case {
  const char* label;
  int64_t m, n, k, batch;
  bool bias, relu, accumulate, half_operands;
  int64_t padding;  // of the leading dimensions
};

int run(std::mt19937_64& random, Precision precision, const Case& c, bool trans_a, bool trans_b) {
  GemmProblem p;
  p.m = c.m, p.n = c.n, p.k = c.k, p.batch = c.batch, p.trans_a = trans_a, p.trans_b = trans_b;
  p.lda = (trans_a ? c.m : c.k) + c.padding, p.ldb = (trans_b ? c.k : c.n) + c.padding, p.ldc = c.n + c.padding;
  p.stride_a = (trans_a ? c.k : c.m) * p.lda, p.stride_b = (trans_b ? c.n : c.k) * p.ldb, p.stride_c = c.m * p.ldc;
  p.alpha = 0.5f, p.beta = c.accumulate ? 2.0f : 0.0f, p.bias_scale = 3;
  p.activation = c.relu ? Activation::kRelu : Activation::kNone;
  const std::vector<float> a = random_values(random, static_cast<size_t>(p.stride_a * c.batch)), b = random_values(random, static_cast<size_t>(p.stride_b * c.batch));
  const std::vector<float> seen_a = as_seen(precision, a), seen_b = as_seen(precision, b);
  const std::vector<float> bias = random_values(random, static_cast<size_t>(c.n));
  std::vector<float> before(static_cast<size_t>(p.stride_c * c.batch), NAN);
  if (c.accumulate) before = random_values(random, before.size());
  const DeviceArray<float> device_a(a), device_b(b), device_bias(bias), device_c(before);
  const DeviceArray<__nv_bfloat16> half_a(in_halves(a)), half_b(in_halves(b));
  p.a = device_a.data(), p.b = device_b.data(), p.c = device_c.data(), p.bias = c.bias ? device_bias.data() : nullptr;
  if (c.half_operands && precision == Precision::kBf16) {
    p.a = half_a.data(), p.b = half_b.data();
    p.type_a = p.type_b = Element::kBf16;
  }
  const DeviceArray<char> workspace(gemm_workspace_bytes(precision, p));
  const cudaError_t status = gemm(precision, p, workspace.data(), nullptr);
  const std::vector<float> whole = device_c.values();
  std::vector<double> wanted;
  std::vector<float> received;
  for (int64_t s = 0; s < c.batch; s++) {
    for (int64_t i = 0; i < c.m; i++) {
      for (int64_t j = 0; j < c.n; j++) {
        double sum = 0;
        for (int64_t k = 0; k < c.k; k++) {
          sum += static_cast<double>(seen_a[static_cast<size_t>(s * p.stride_a + (trans_a ? k * p.lda + i : i * p.lda + k))]) *
                 static_cast<double>(seen_b[static_cast<size_t>(s * p.stride_b + (trans_b ? j * p.ldb + k : k * p.ldb + j))]);
        }
        const size_t at = static_cast<size_t>(s * p.stride_c + i * p.ldc + j);
        double value = 0.5 * sum + (c.bias ? 3.0 * static_cast<double>(bias[static_cast<size_t>(j)]) : 0) + (c.accumulate ? 2.0 * static_cast<double>(before[at]) : 0);
        if (c.relu && value < 0) value = 0;
        wanted.push_back(value);
        received.push_back(whole[at]);
      }
    }
  }
  const std::string sizes = "(" + std::to_string(c.m) + ", " + std::to_string(c.k) + ") x (" + std::to_string(c.k) + ", " + std::to_string(c.n) + ")";
  const std::string name = std::string("gemm ") + name_of(precision) + " " + c.label + " " + sizes + (trans_a ? " A^T" : "") + (trans_b ? " B^T" : "");
  return report(name, status == cudaSuccess ? relative_error(wanted, received) : INFINITY, kSumTolerance);
}

}  // namespace

int check_gemm(std::mt19937_64& random) {
  int failures = 0;
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    for (int variant = 0; variant < 4; variant++) {
      const int64_t m = between(random, 1, 150), n = between(random, 1, 150), k = between(random, 1, 100);
      failures += run(random, precision, {"odd", m, n, k, 1, true, false, true, false, between(random, 0, 3)}, variant & 1, variant & 2);
      failures += run(random, precision, {"aligned", 64, 68, 64, 1, true, true, false, true, 0}, variant & 1, variant & 2);
    }
    failures += run(random, precision, {"one", 1, 1, 1, 1, false, false, false, false, 0}, false, false);
    failures += run(random, precision, {"no depth", 5, 7, 0, 1, true, false, true, false, 0}, false, true);
    failures += run(random, precision, {"batch", between(random, 1, 40), between(random, 1, 40), between(random, 1, 40), 3, false, false, false, false, 1}, false, true);
    failures += run(random, precision, {"shared reduction", between(random, 1, 40), between(random, 1, 40), between(random, 700, 1100), 2, true, true, true, false, 0}, true, false);
  }
  // 128 large tiles: the large kernel, with edges.
  failures += run(random, Precision::kBf16, {"large tiles", between(random, 130, 140), between(random, 130, 140), between(random, 33, 60), 32, false, false, false, true, 1}, false, true);
  failures += run(random, Precision::kBf16, {"large tiles", between(random, 130, 140), between(random, 130, 140), between(random, 33, 60), 32, true, false, false, false, 0}, true, false);
  return failures;
}

}  // namespace isolens::cuda::test
