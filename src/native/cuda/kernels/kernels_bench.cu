// Speed and memory of the kernels on the device at hand, one JSON object a line: kernels-bench [repeats]. Every figure is a median;
// products and copies of the same run are the ceilings that the others are a share of. Built by nvcc; in the emulation it runs
// small sizes, to show that it runs.
#include <algorithm>
#include <cstdlib>
#include <functional>

#include "contrastive.h"
#include "kernels_test.h"

namespace isolens::cuda {

namespace {

#if defined(ISOLENS_CUDA_EMULATED)
constexpr bool kSmall = true;
#else
constexpr bool kSmall = false;
#endif

using test::DeviceArray;

// Median of `repeats` runs after `warm` that do not count, in milliseconds; negative where one failed.
double median_ms(int repeats, const std::function<cudaError_t()>& run, int warm = 2) {
  cudaEvent_t start = nullptr, end = nullptr;
  if (cudaEventCreateWithFlags(&start, cudaEventDefault) != cudaSuccess || cudaEventCreateWithFlags(&end, cudaEventDefault) != cudaSuccess) return -1;
  std::vector<float> times;
  bool good = true;
  for (int i = 0; i < repeats + warm && good; i++) {
    float ms = 0;
    good = cudaEventRecord(start) == cudaSuccess && run() == cudaSuccess && cudaEventRecord(end) == cudaSuccess && cudaEventSynchronize(end) == cudaSuccess &&
           cudaEventElapsedTime(&ms, start, end) == cudaSuccess;
    if (i >= warm) times.push_back(ms);
  }
  (void)cudaEventDestroy(start);
  (void)cudaEventDestroy(end);
  if (!good) return -1;
  std::sort(times.begin(), times.end());
  return static_cast<double>(times[times.size() / 2]);
}

void print(const std::string& name, double ms, double flops, double bytes, double memory_bytes) {
  if (ms < 0) {
    std::printf("{\"name\":\"%s\",\"error\":\"%s\"}\n", name.c_str(), cudaGetErrorString(cudaGetLastError()));
  } else {
    std::printf("{\"name\":\"%s\",\"ms\":%.4f,\"teraflops\":%.2f,\"gigabytesPerSecond\":%.1f,\"memoryMiB\":%.1f}\n", name.c_str(), ms, flops / ms * 1e-9, bytes / ms * 1e-6,
                memory_bytes / 1048576);
  }
  std::fflush(stdout);
}

void bench_copy(int repeats) {
  const size_t count = kSmall ? 1 << 12 : size_t{1} << 28;
  const DeviceArray<float> from(count), to(count);
  const double ms = median_ms(repeats, [&] { return cudaMemcpyAsync(to.data(), from.data(), count * 4, cudaMemcpyDeviceToDevice, nullptr); });
  print("ceiling: copy", ms, 0, 8.0 * static_cast<double>(count), 8.0 * static_cast<double>(count));
}

void bench_gemm(int repeats, Precision precision, Element type, int64_t m, int64_t n, int64_t k) {
  const size_t size = type == Element::kBf16 ? 2 : 4;
  const DeviceArray<char> a(static_cast<size_t>(m * k) * size), b(static_cast<size_t>(n * k) * size);
  const DeviceArray<float> c(static_cast<size_t>(m * n));
  (void)cudaMemset(a.data(), 0, static_cast<size_t>(m * k) * size);
  (void)cudaMemset(b.data(), 0, static_cast<size_t>(n * k) * size);
  GemmProblem p;
  p.m = m, p.n = n, p.k = k, p.trans_b = true, p.a = a.data(), p.b = b.data(), p.c = c.data(), p.lda = k, p.ldb = k, p.ldc = n, p.type_a = p.type_b = type;
  const size_t scratch = gemm_workspace_bytes(precision, p);
  const DeviceArray<char> workspace(scratch);
  const double ms = median_ms(repeats, [&] { return gemm(precision, p, workspace.data(), nullptr); });
  const std::string name = std::string("gemm ") + test::name_of(precision) + (type == Element::kBf16 ? ", bf16 operands " : ", f32 operands ") + std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k);
  print(name, ms, 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k), 0, static_cast<double>(scratch));
}

void bench_conv(int repeats, Precision precision, const ConvShape& s) {
  const size_t inputs = static_cast<size_t>(s.batch * s.in_channels * s.in_height * s.in_width), outputs = static_cast<size_t>(s.batch * s.out_channels * s.out_height() * s.out_width());
  const size_t weights = static_cast<size_t>(s.out_channels * s.in_channels * s.kernel_height * s.kernel_width);
  const DeviceArray<float> x(inputs), y(outputs), w(weights);
  for (const auto* array : {&x, &y, &w}) (void)cudaMemset(array->data(), 0, (array == &x ? inputs : array == &y ? outputs : weights) * 4);
  const size_t scratch = conv2d_workspace_bytes(precision, s);
  const DeviceArray<char> workspace(scratch);
  const std::string shape = std::string(test::name_of(precision)) + " (" + std::to_string(s.batch) + ", " + std::to_string(s.in_channels) + ", " + std::to_string(s.in_height) + ", " +
                            std::to_string(s.in_width) + ") to " + std::to_string(s.out_channels) + ", " + std::to_string(s.kernel_height) + " x " + std::to_string(s.kernel_width) + ", stride " +
                            std::to_string(s.stride_height);
  const double flops = 2.0 * static_cast<double>(outputs) * static_cast<double>(weights) / static_cast<double>(s.out_channels);
  const double bytes = 4.0 * static_cast<double>(inputs + outputs + weights), memory = static_cast<double>(scratch);
  print("conv2d forward " + shape, median_ms(repeats, [&] { return conv2d_forward(precision, y.data(), x.data(), w.data(), nullptr, s, workspace.data(), nullptr); }), flops, bytes, memory);
  print("conv2d backward data " + shape, median_ms(repeats, [&] { return conv2d_backward_data(precision, x.data(), y.data(), w.data(), false, s, workspace.data(), nullptr); }), flops, bytes, memory);
  print("conv2d backward weights " + shape, median_ms(repeats, [&] { return conv2d_backward_weights(precision, w.data(), nullptr, x.data(), y.data(), s, workspace.data(), nullptr); }), flops, bytes,
        memory);
}

// Forward and backward of one loss step. Memory counts everything: embeddings, their gradients, what is saved, scratch.
bool bench_contrastive(int repeats, const char* label, LossForm form, int64_t pairs, int64_t width, int warm = 2) {
  const size_t count = static_cast<size_t>(pairs * width);
  ContrastiveProblem p;
  p.form = form, p.pairs = pairs, p.width = width;
  const size_t scratch = contrastive_workspace_bytes(Precision::kBf16, p), saved_bytes = contrastive_saved_bytes(p);
  const std::string name = std::string("contrastive ") + label + " (" + std::to_string(pairs) + ", " + std::to_string(width) + ")";
  const double memory = 16.0 * static_cast<double>(count) + static_cast<double>(scratch + saved_bytes);
  const DeviceArray<float> a(count), b(count), da(count), db(count), scalars(std::vector<float>{14, 0, 1, 0, 0});
  const DeviceArray<char> workspace(scratch), saved(saved_bytes);
  if (a.data() == nullptr || b.data() == nullptr || da.data() == nullptr || db.data() == nullptr || workspace.data() == nullptr || saved.data() == nullptr) {
    (void)cudaGetLastError();
    std::printf("{\"name\":\"%s\",\"error\":\"out of memory\",\"memoryMiB\":%.1f}\n", name.c_str(), memory / 1048576);
    return false;
  }
  std::mt19937_64 random(1);
  const std::vector<float> rows = test::random_values(random, std::min(count, size_t{1} << 20), 1 / std::sqrt(static_cast<float>(width)));
  for (size_t at = 0; at < count; at += rows.size()) {
    const size_t bytes = std::min(rows.size(), count - at) * 4;
    (void)cudaMemcpy(a.data() + at, rows.data(), bytes, cudaMemcpyHostToDevice);
    (void)cudaMemcpy(b.data() + at, rows.data(), bytes, cudaMemcpyHostToDevice);
  }
  p.a = a.data(), p.b = b.data(), p.scale = scalars.data(), p.bias = form == LossForm::kPairwise ? scalars.data() + 1 : nullptr;
  ContrastiveGradients g;
  g.a = da.data(), g.b = db.data(), g.scale = scalars.data() + 3;
  auto* keep = reinterpret_cast<float*>(saved.data());
  const double ms = median_ms(repeats, [&] {
    const cudaError_t error = contrastive_forward(Precision::kBf16, scalars.data() + 4, p, keep, workspace.data(), nullptr);
    return error == cudaSuccess ? contrastive_backward(Precision::kBf16, g, scalars.data() + 2, p, keep, workspace.data(), nullptr) : error;
  }, warm);
  // As PyTorch counts: one product forward, two backward; the products that are made again are not counted.
  print(name, ms, (form == LossForm::kViews ? 4 : 1) * 6.0 * static_cast<double>(pairs) * static_cast<double>(pairs) * static_cast<double>(width), 0, memory);
  return ms >= 0;
}

}  // namespace

int run_benchmarks(int repeats) {
  const auto size = [](int64_t large, int64_t small) { return kSmall ? small : large; };
  bench_copy(repeats);
  bench_gemm(repeats, Precision::kBf16, Element::kBf16, size(8192, 64), size(8192, 64), size(8192, 64));
  bench_gemm(repeats, Precision::kBf16, Element::kF32, size(8192, 64), size(8192, 64), size(8192, 64));
  bench_gemm(repeats, Precision::kF32, Element::kF32, size(4096, 64), size(4096, 64), size(4096, 64));
  bench_gemm(repeats, Precision::kBf16, Element::kF32, size(1024, 32), size(1024, 32), size(4096, 64));
  // The stages of the drawing encoder.
  const ConvShape stages[] = {{1024, 64, 32, 48, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {1024, 64, 32, 48, 128, 3, 3, 2, 2, 1, 1, 1, 1, 1}, {1024, 128, 16, 24, 128, 3, 3, 1, 1, 1, 1, 1, 1, 1},
                              {1024, 256, 8, 12, 256, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {1024, 256, 8, 12, 256, 1, 1, 1, 1, 0, 0, 0, 0, 1}};
  for (ConvShape s : stages) {
    if (kSmall) s.batch = 1, s.in_channels = 8, s.out_channels = 8, s.in_height = 4, s.in_width = 6;
    bench_conv(repeats, Precision::kBf16, s);
  }
  const int64_t width = size(512, 128);
  for (const int64_t pairs : {size(1024, 8), size(8192, 16), size(32768, 64)}) {
    bench_contrastive(repeats, "symmetric", LossForm::kSymmetric, pairs, width);
    bench_contrastive(repeats, "rows", LossForm::kRows, pairs, width);
    bench_contrastive(repeats, "views", LossForm::kViews, pairs, width);
    bench_contrastive(repeats, "pairwise", LossForm::kPairwise, pairs, width);
  }
  // The largest exact batch: until memory or patience ends.
  for (int64_t pairs = size(131072, 80); pairs <= size(1048576, 80); pairs *= 2) {
    if (!bench_contrastive(1, "symmetric, one step", LossForm::kSymmetric, pairs, width, 0)) break;
  }
  return 0;
}

}  // namespace isolens::cuda

int main(int argc, char** argv) { return isolens::cuda::run_benchmarks(argc > 1 ? std::max(1, std::atoi(argv[1])) : 9); }
