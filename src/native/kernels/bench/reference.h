// Slow products and convolutions in double, from the definitions: what the kernels are checked against.
#pragma once
#include <vector>

#include "../kernels.h"

namespace isolens::reference {

using Values = std::vector<double>;

inline Values gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, double alpha, const std::vector<float>& a,
                   int64_t lda, const std::vector<float>& b, int64_t ldb, double beta, const std::vector<float>& c,
                   int64_t ldc) {
  Values out(c.begin(), c.end());
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0.0;
      for (int64_t t = 0; t < k; ++t) {
        sum += static_cast<double>(trans_a ? a[t * lda + i] : a[i * lda + t]) * (trans_b ? b[j * ldb + t] : b[t * ldb + j]);
      }
      out[i * ldc + j] = alpha * sum + (beta == 0.0 ? 0.0 : beta * c[i * ldc + j]);
    }
  }
  return out;
}

// Calls body(index into y, index into x, index into w) for every product of the convolution.
template <typename Body>
void each_product(const ConvShape& s, Body body) {
  const int64_t cg = s.in_channels / s.groups, kg = s.out_channels / s.groups, height = s.out_height(), width = s.out_width();
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t k = 0; k < s.out_channels; ++k)
      for (int64_t p = 0; p < height; ++p)
        for (int64_t q = 0; q < width; ++q)
          for (int64_t c = 0; c < cg; ++c)
            for (int64_t r = 0; r < s.kernel_height; ++r)
              for (int64_t t = 0; t < s.kernel_width; ++t) {
                const int64_t h = p * s.stride_height + r - s.pad_top, v = q * s.stride_width + t - s.pad_left;
                if (h < 0 || v < 0 || h >= s.in_height || v >= s.in_width) continue;
                const int64_t channel = k / kg * cg + c;
                body(((n * s.out_channels + k) * height + p) * width + q,
                     ((n * s.in_channels + channel) * s.in_height + h) * s.in_width + v,
                     ((k * cg + c) * s.kernel_height + r) * s.kernel_width + t);
              }
}

}  // namespace isolens::reference
