// Self-check and speed of the kernels.   kernels-bench [check|speed|all] [threads]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>

#include "../../core/rng.h"
#include "reference.h"

namespace isolens {
namespace {

using Floats = std::vector<float>;

Floats random_values(size_t count, uint64_t seed) {
  Rng rng(seed);
  Floats out(count);
  for (float& v : out) v = rng.uniform(-1.0f, 1.0f);
  return out;
}

struct Checks {
  int done = 0, failed = 0;
  // Error relative to the size that a sum of `terms` products of values in [-1, 1] has.
  void compare(const std::string& what, const Floats& got, const reference::Values& want, double terms, bool bf16) {
    const double allowed = (bf16 ? 8e-3 : 2e-6) * (1.0 + std::sqrt(terms));
    double worst = 0.0;
    for (size_t i = 0; i < want.size(); ++i) {
      const double error = std::abs(got[i] - want[i]);
      worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
    ++done;
    if (worst <= allowed) return;
    ++failed;
    std::printf("FAIL %s: error %.3g, allowed %.3g\n", what.c_str(), worst, allowed);
  }
};

void check_gemm(Checks& checks, ThreadPool& pool, Precision precision, int64_t m, int64_t n, int64_t k) {
  for (int mode = 0; mode < 4; ++mode) {
    const bool ta = mode & 1, tb = mode & 2;
    const int64_t lda = (ta ? m : k) + 2, ldb = (tb ? k : n) + 1, ldc = n + 3;
    const Floats a = random_values((ta ? k : m) * lda, 1), b = random_values((tb ? n : k) * ldb, 2);
    const float alpha = mode == 1 ? 0.5f : 1.0f, beta = mode == 2 ? 1.0f : mode == 3 ? -0.5f : 0.0f;
    const Floats before = random_values(m * ldc, 3);
    Floats c = before;
    if (beta == 0.0f) {
      for (int64_t i = 0; i < m; ++i) std::fill_n(c.begin() + i * ldc, n, NAN);
    }
    gemm(pool, precision, ta, tb, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);
    char what[128];
    std::snprintf(what, sizeof what, "gemm %ldx%ldx%ld ta=%d tb=%d bf16=%d threads=%d", m, n, k, ta, tb,
                  precision == Precision::kBf16, pool.threads());
    checks.compare(what, c, reference::gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, before, ldc), k,
                   precision == Precision::kBf16);
  }
}

void* aligned(std::vector<char>& memory, size_t bytes) {
  memory.assign(bytes + 64, '\xff');  // NaN: what is read before it is written shows
  return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(memory.data()) + 63) / 64 * 64);
}

void check_conv(Checks& checks, ThreadPool& pool, Precision precision, const ConvShape& s) {
  const bool bf16 = precision == Precision::kBf16;
  const size_t xs = s.batch * s.in_channels * s.in_height * s.in_width;
  const size_t ys = s.batch * s.out_channels * s.out_height() * s.out_width();
  const size_t ws = s.out_channels * (s.in_channels / s.groups) * s.kernel_height * s.kernel_width;
  const Floats x = random_values(xs, 1), w = random_values(ws, 2), dy = random_values(ys, 3), bias = random_values(s.out_channels, 4);
  std::vector<char> memory;
  void* workspace = aligned(memory, conv2d_workspace_bytes(s, pool.threads()));
  const int64_t plane = s.out_height() * s.out_width();
  reference::Values y(ys), dx(xs), dw(ws), dbias(s.out_channels);
  for (size_t i = 0; i < ys; ++i) y[i] = bias[i / plane % s.out_channels];
  for (size_t i = 0; i < ws; ++i) dw[i] = w[i];
  for (int64_t i = 0; i < s.out_channels; ++i) dbias[i] = bias[i];
  for (size_t i = 0; i < ys; ++i) dbias[i / plane % s.out_channels] += dy[i];
  reference::each_product(s, [&](int64_t iy, int64_t ix, int64_t iw) {
    y[iy] += static_cast<double>(x[ix]) * w[iw];
    dx[ix] += static_cast<double>(dy[iy]) * w[iw];
    dw[iw] += static_cast<double>(dy[iy]) * x[ix];
  });
  char what[256];
  std::snprintf(what, sizeof what, "conv n%ld c%ld %ldx%ld k%ld %ldx%ld s%ld,%ld p%ld,%ld,%ld,%ld g%ld bf16=%d threads=%d", s.batch,
                s.in_channels, s.in_height, s.in_width, s.out_channels, s.kernel_height, s.kernel_width, s.stride_height,
                s.stride_width, s.pad_top, s.pad_left, s.pad_bottom, s.pad_right, s.groups, bf16, pool.threads());
  const double taps = s.kernel_height * s.kernel_width;
  Floats out(ys, NAN), dx_out(xs, NAN), dw_out = w, dbias_out = bias;
  conv2d_forward(pool, precision, out.data(), x.data(), w.data(), bias.data(), s, workspace);
  checks.compare(std::string("forward ") + what, out, y, taps * s.in_channels / s.groups, bf16);
  conv2d_backward_data(pool, precision, dx_out.data(), dy.data(), w.data(), s, workspace);
  checks.compare(std::string("backward data ") + what, dx_out, dx, taps * s.out_channels / s.groups, bf16);
  conv2d_backward_weights(pool, precision, dw_out.data(), dbias_out.data(), x.data(), dy.data(), s, workspace);
  checks.compare(std::string("backward weights ") + what, dw_out, dw, static_cast<double>(s.batch * plane), bf16);
  checks.compare(std::string("backward bias ") + what, dbias_out, dbias, static_cast<double>(s.batch * plane), false);
}

// {batch, C, H, W, K, R, S, stride h, w, pads t l b r, groups}
std::vector<ConvShape> odd_convolutions() {
  return {
      {1, 1, 7, 9, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1},       {5, 3, 17, 13, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {5, 32, 12, 24, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1},   {2, 16, 8, 48, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {5, 20, 11, 14, 24, 3, 3, 2, 2, 1, 1, 1, 1, 1},   {3, 18, 12, 16, 33, 3, 3, 2, 2, 0, 0, 1, 1, 1},
      {5, 24, 8, 12, 40, 1, 1, 1, 1, 0, 0, 0, 0, 1},    {5, 17, 9, 11, 19, 1, 1, 2, 2, 0, 0, 0, 0, 1},
      {3, 16, 8, 12, 16, 1, 1, 2, 2, 0, 0, 0, 0, 1},    {5, 1, 32, 48, 16, 7, 7, 4, 4, 3, 3, 3, 3, 1},
      {2, 3, 29, 31, 9, 7, 7, 4, 4, 2, 3, 1, 4, 1},     {2, 5, 32, 48, 32, 4, 4, 4, 4, 0, 0, 0, 0, 1},
      {5, 1, 16, 64, 32, 4, 4, 4, 4, 0, 0, 0, 0, 1},    {2, 2, 20, 20, 8, 7, 7, 2, 2, 3, 3, 3, 3, 1},
      {5, 64, 4, 6, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},     {1, 63, 5, 3, 65, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {2, 8, 10, 12, 12, 5, 3, 1, 2, 2, 0, 1, 3, 1},    {2, 8, 10, 12, 12, 3, 5, 2, 1, 0, 4, 2, 1, 1},
      {5, 8, 9, 10, 8, 3, 3, 1, 1, 1, 1, 1, 1, 2},      {2, 12, 9, 10, 24, 3, 3, 2, 2, 1, 1, 1, 1, 2},
      {5, 16, 9, 10, 16, 3, 3, 1, 1, 1, 1, 1, 1, 16},   {2, 6, 13, 10, 12, 5, 5, 2, 2, 2, 2, 2, 2, 6},
      {3, 32, 16, 24, 32, 3, 3, 2, 2, 1, 1, 1, 1, 32},  {1, 257, 4, 4, 63, 1, 1, 1, 1, 0, 0, 0, 0, 1},
      {2, 4, 6, 6, 4, 2, 2, 4, 4, 0, 0, 0, 0, 1},       {2, 4, 9, 9, 5, 2, 2, 4, 4, 1, 3, 2, 1, 1},
      {1, 3, 5, 5, 4, 1, 1, 1, 1, 2, 1, 0, 3, 1},       {7, 520, 3, 3, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1},
      {1, 4, 3, 70, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1},      {3, 2, 1, 1, 4, 1, 1, 1, 1, 0, 0, 0, 0, 1},
      {2, 600, 2, 2, 8, 3, 3, 2, 2, 1, 1, 1, 1, 1},     {2, 3, 40, 40, 8, 16, 16, 16, 16, 0, 0, 0, 0, 1},
      {2, 40, 70, 71, 9, 3, 3, 1, 1, 1, 1, 1, 1, 1},    {3, 40, 70, 72, 18, 3, 3, 2, 2, 1, 1, 1, 1, 1},
      {9, 48, 4, 6, 50, 3, 3, 1, 1, 1, 1, 1, 1, 1},     {9, 32, 8, 12, 24, 5, 5, 1, 1, 2, 2, 2, 2, 1},
      {2, 20, 3, 5, 8, 3, 3, 1, 1, 4, 0, 4, 0, 1},      {4, 16, 2, 40, 16, 5, 1, 1, 1, 4, 0, 2, 0, 1},
  };
}

int run_checks(int threads) {
  Checks checks;
  ThreadPool pool(threads);
  const int64_t sizes[] = {1, 3, 17, 63, 257};
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    for (int64_t m : sizes)
      for (int64_t n : sizes)
        for (int64_t k : sizes) check_gemm(checks, pool, precision, m, n, k);
    check_gemm(checks, pool, precision, 5, 7, 0);
    check_gemm(checks, pool, precision, 40, 1100, 1030);
    check_gemm(checks, pool, precision, 600, 50, 130);
    for (const ConvShape& shape : odd_convolutions()) check_conv(checks, pool, precision, shape);
  }
  std::printf("%d threads: %d checks, %d failed\n", threads, checks.done, checks.failed);
  return checks.failed;
}

// Processor time where one thread does the work, else wall-clock time.
double seconds_now(int threads) {
  timespec t;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Best of several repeats, since other work may share the cores.
double best_seconds(int threads, const std::function<void()>& work) {
  work();
  double best = 1e30, total = 0.0;
  for (int i = 0; i < 400 && (i < 5 || total < 0.25); ++i) {
    const double start = seconds_now(threads);
    work();
    const double seconds = seconds_now(threads) - start;
    best = std::min(best, seconds);
    total += seconds;
  }
  return best;
}

void gemm_speed(ThreadPool& pool, Precision precision, bool ta, bool tb, int64_t m, int64_t n, int64_t k) {
  const Floats a = random_values(m * k, 1), b = random_values(k * n, 2);
  Floats c(m * n);
  const double seconds = best_seconds(pool.threads(), [&] {
    gemm(pool, precision, ta, tb, m, n, k, 1.0f, a.data(), ta ? m : k, b.data(), tb ? k : n, 0.0f, c.data(), n);
  });
  std::printf("gemm %4ld x %4ld x %4ld %c%c   %-4s %d thr  %7.1f GFLOP/s\n", m, n, k, ta ? 't' : 'n', tb ? 't' : 'n',
              precision == Precision::kBf16 ? "bf16" : "f32", pool.threads(), 2e-9 * m * n * k / seconds);
}

void conv_speed(ThreadPool& pool, Precision precision, const ConvShape& s) {
  const Floats x = random_values(s.batch * s.in_channels * s.in_height * s.in_width, 1);
  const Floats dy = random_values(s.batch * s.out_channels * s.out_height() * s.out_width(), 2);
  const Floats w = random_values(s.out_channels * s.in_channels / s.groups * s.kernel_height * s.kernel_width, 3);
  Floats y(dy.size()), dx(x.size()), dw(w.size());
  std::vector<char> memory;
  void* workspace = aligned(memory, conv2d_workspace_bytes(s, pool.threads()));
  const double flop = 2e-9 * dy.size() * (w.size() / s.out_channels);
  const int threads = pool.threads();
  const double forward =
      best_seconds(threads, [&] { conv2d_forward(pool, precision, y.data(), x.data(), w.data(), nullptr, s, workspace); });
  const double data =
      best_seconds(threads, [&] { conv2d_backward_data(pool, precision, dx.data(), dy.data(), w.data(), s, workspace); });
  const double weights =
      best_seconds(threads, [&] { conv2d_backward_weights(pool, precision, dw.data(), nullptr, x.data(), dy.data(), s, workspace); });
  std::printf("conv n%ld %3ld@%3ldx%-3ld -> %3ld %ldx%ld/%ld g%-3ld %-4s %d thr  "
              "fwd %6.1f  data %6.1f  weights %6.1f  all %6.1f GFLOP/s\n",
              s.batch, s.in_channels, s.in_height, s.in_width, s.out_channels, s.kernel_height, s.kernel_width, s.stride_height,
              s.groups, precision == Precision::kBf16 ? "bf16" : "f32", threads, flop / forward, flop / data,
              flop / weights, 3 * flop / (forward + data + weights));
}

void run_speed(int threads) {
  ThreadPool pool(threads);
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    gemm_speed(pool, precision, false, false, 512, 512, 512);
    gemm_speed(pool, precision, false, false, 512, 1024, 4096);
    gemm_speed(pool, precision, false, true, 256, 1024, 4096);
    gemm_speed(pool, precision, true, false, 1024, 4096, 256);
    gemm_speed(pool, precision, false, true, 128, 256, 2304);
    gemm_speed(pool, precision, false, true, 256, 256, 256);
    gemm_speed(pool, precision, false, true, 4096, 256, 256);
    const ConvShape shapes[] = {
        {32, 32, 32, 48, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {32, 64, 16, 24, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {32, 128, 8, 12, 128, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {32, 256, 4, 6, 256, 3, 3, 1, 1, 1, 1, 1, 1, 1},
        {32, 32, 32, 48, 64, 3, 3, 2, 2, 1, 1, 1, 1, 1}, {32, 128, 8, 12, 256, 3, 3, 2, 2, 1, 1, 1, 1, 1},
        {32, 32, 32, 48, 64, 1, 1, 2, 2, 0, 0, 0, 0, 1}, {32, 64, 16, 24, 256, 1, 1, 1, 1, 0, 0, 0, 0, 1},
        {32, 1, 128, 192, 32, 7, 7, 4, 4, 3, 3, 3, 3, 1}, {32, 1, 128, 192, 32, 4, 4, 4, 4, 0, 0, 0, 0, 1},
        {32, 5, 128, 128, 32, 7, 7, 4, 4, 3, 3, 3, 3, 1}, {32, 64, 16, 24, 64, 3, 3, 1, 1, 1, 1, 1, 1, 64},
    };
    for (const ConvShape& shape : shapes) conv_speed(pool, precision, shape);
  }
}

}  // namespace
}  // namespace isolens

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "all";
  const int only = argc > 2 ? std::atoi(argv[2]) : 0;
  int failed = 0;
  for (int threads = 1; threads <= 2; ++threads) {
    if (only && threads != only) continue;
    if (mode != "speed") failed += isolens::run_checks(threads);
    if (mode != "check") isolens::run_speed(threads);
  }
  return failed ? 1 : 0;
}
