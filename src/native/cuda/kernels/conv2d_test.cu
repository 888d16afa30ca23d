#include "kernels_test.h"

namespace isolens::cuda::test {

namespace {

int64_t at4(int64_t a, int64_t b, int64_t c, int64_t d, int64_t B, int64_t C, int64_t D) { return ((a * B + b) * C + c) * D + d; }

// Calls term(position in y, in x, in w) for every product of the convolution.
void for_products(const ConvShape& s, const std::function<void(size_t y, size_t x, size_t w)>& term) {
  const int64_t channels = s.in_channels / s.groups, kernels = s.out_channels / s.groups, P = s.out_height(), Q = s.out_width();
  for (int64_t n = 0; n < s.batch; n++)
    for (int64_t k = 0; k < s.out_channels; k++)
      for (int64_t p = 0; p < P; p++)
        for (int64_t q = 0; q < Q; q++)
          for (int64_t c = 0; c < channels; c++)
            for (int64_t r = 0; r < s.kernel_height; r++)
              for (int64_t t = 0; t < s.kernel_width; t++) {
                const int64_t row = p * s.stride_height + r - s.pad_top, column = q * s.stride_width + t - s.pad_left;
                if (row < 0 || row >= s.in_height || column < 0 || column >= s.in_width) continue;
                term(static_cast<size_t>(at4(n, k, p, q, s.out_channels, P, Q)),
                     static_cast<size_t>(at4(n, k / kernels * channels + c, row, column, s.in_channels, s.in_height, s.in_width)),
                     static_cast<size_t>(at4(k, c, r, t, channels, s.kernel_height, s.kernel_width)));
              }
}

std::vector<double> in_doubles(const std::vector<float>& values) { return std::vector<double>(values.begin(), values.end()); }

int run(std::mt19937_64& random, Precision precision, const char* label, const ConvShape& s) {
  const size_t outputs = static_cast<size_t>(s.batch * s.out_channels * s.out_height() * s.out_width()), area = static_cast<size_t>(s.out_height() * s.out_width());
  const std::vector<float> x = random_values(random, static_cast<size_t>(s.batch * s.in_channels * s.in_height * s.in_width));
  const std::vector<float> w = random_values(random, static_cast<size_t>(s.out_channels * s.in_channels / s.groups * s.kernel_height * s.kernel_width));
  const std::vector<float> bias = random_values(random, static_cast<size_t>(s.out_channels)), dy = random_values(random, outputs);
  const std::vector<float> before_x = random_values(random, x.size()), before_w = random_values(random, w.size());
  const std::vector<float> sx = as_seen(precision, x), sw = as_seen(precision, w), sdy = as_seen(precision, dy);
  std::vector<double> y(outputs), dx(x.size()), dw = in_doubles(before_w), dbias = in_doubles(bias);
  for (size_t i = 0; i < outputs; i++) {
    const size_t channel = i / area % static_cast<size_t>(s.out_channels);
    y[i] = static_cast<double>(bias[channel]);
    dbias[channel] += static_cast<double>(dy[i]);
  }
  for_products(s, [&](size_t iy, size_t ix, size_t iw) {
    y[iy] += static_cast<double>(sx[ix]) * static_cast<double>(sw[iw]);
    dx[ix] += static_cast<double>(sdy[iy]) * static_cast<double>(sw[iw]);
    dw[iw] += static_cast<double>(sdy[iy]) * static_cast<double>(sx[ix]);
  });
  const DeviceArray<float> device_x(x), device_w(w), device_bias(bias), device_dy(dy), device_y(std::vector<float>(outputs, NAN));
  const DeviceArray<float> device_dx(std::vector<float>(x.size(), NAN)), added_dx(before_x), device_dw(before_w), device_dbias(bias);
  const DeviceArray<char> workspace(conv2d_workspace_bytes(precision, s));
  const std::string name = std::string("conv2d ") + name_of(precision) + " " + label + " ";
  int failures = 0;
  const auto compare = [&](const char* what, cudaError_t status, const std::vector<double>& wanted, const DeviceArray<float>& received) {
    failures += report(name + what, status == cudaSuccess ? relative_error(wanted, received.values()) : INFINITY, kSumTolerance);
  };
  compare("forward", conv2d_forward(precision, device_y.data(), device_x.data(), device_w.data(), device_bias.data(), s, workspace.data(), nullptr), y, device_y);
  compare("backward, data", conv2d_backward_data(precision, device_dx.data(), device_dy.data(), device_w.data(), false, s, workspace.data(), nullptr), dx, device_dx);
  const cudaError_t added = conv2d_backward_data(precision, added_dx.data(), device_dy.data(), device_w.data(), true, s, workspace.data(), nullptr);
  for (size_t i = 0; i < dx.size(); i++) dx[i] += static_cast<double>(before_x[i]);
  compare("backward, data added", added, dx, added_dx);
  const cudaError_t weights = conv2d_backward_weights(precision, device_dw.data(), device_dbias.data(), device_x.data(), device_dy.data(), s, workspace.data(), nullptr);
  compare("backward, weights", weights, dw, device_dw);
  compare("backward, bias", weights, dbias, device_dbias);
  return failures;
}

}  // namespace

int check_conv2d(std::mt19937_64& random) {
  int failures = 0;
  const auto any = [&](int64_t low, int64_t high) { return between(random, low, high); };
  for (const Precision precision : {Precision::kF32, Precision::kBf16}) {
    failures += run(random, precision, "3 x 3", {any(1, 3), any(1, 9), any(3, 11), any(3, 11), any(1, 70), 3, 3, 1, 1, 1, 1, 1, 1, 1});
    failures += run(random, precision, "3 x 3, stride 2", {any(1, 3), any(1, 9), any(3, 11), any(3, 11), any(1, 70), 3, 3, 2, 2, 1, 1, 1, 1, 1});
    failures += run(random, precision, "1 x 1, stride 2", {any(1, 3), any(1, 40), any(1, 9), any(1, 9), any(1, 30), 1, 1, 2, 2, 0, 0, 0, 0, 1});
    failures += run(random, precision, "7 x 7, stride 4", {2, 1, any(9, 17), any(9, 17), any(1, 20), 7, 7, 4, 4, 3, 3, 3, 3, 1});
    failures += run(random, precision, "uneven window, strides and padding", {2, 3, any(5, 9), any(6, 11), 5, 2, 5, 1, 3, 0, 1, 1, 2, 1});
    failures += run(random, precision, "groups", {any(1, 3), 6, 5, any(4, 7), 4, 3, 3, 1, 1, 1, 1, 1, 1, 2});
    failures += run(random, precision, "depthwise", {1, 5, any(3, 6), 5, 5, 3, 3, 2, 1, 1, 1, 1, 1, 5});
  }
  // More than 128 large tiles, and a reduction that blocks share.
  failures += run(random, Precision::kBf16, "large tiles", {any(100, 104), 2, 13, 13, any(65, 70), 1, 1, 1, 1, 0, 0, 0, 0, 1});
  failures += run(random, Precision::kBf16, "large tiles of weights", {any(10, 14), any(8, 9), 13, 13, any(65, 70), 3, 3, 1, 1, 1, 1, 1, 1, 1});
  return failures;
}

}  // namespace isolens::cuda::test
