// Convolutions by patches and products, one image at a time.
#include <algorithm>
#include <cstring>

#include "gemm.h"

namespace isolens {
namespace {

struct Sizes {
  int64_t channels, outputs, taps, depth, pixels, in_plane;  // of a group; depth = channels * taps
  explicit Sizes(const ConvShape& s)
      : channels(s.in_channels / s.groups), outputs(s.out_channels / s.groups), taps(s.kernel_height * s.kernel_width),
        depth(channels * taps), pixels(s.out_height() * s.out_width()), in_plane(s.in_height * s.in_width) {}
};

// Calls body(row of the patch matrix, output row, first valid column, end, source index of the first one).
template <typename Body>
void each_row(const ConvShape& s, const Sizes& z, Body body) {
  const int64_t height = s.out_height(), width = s.out_width();
  for (int64_t c = 0; c < z.channels; ++c) {
    for (int64_t r = 0; r < s.kernel_height; ++r) {
      for (int64_t t = 0; t < s.kernel_width; ++t) {
        const int64_t row = (c * s.kernel_height + r) * s.kernel_width + t;
        for (int64_t p = 0; p < height; ++p) {
          const int64_t h = p * s.stride_height + r - s.pad_top;
          int64_t first = 0, end = 0;
          if (h >= 0 && h < s.in_height) {
            while (first < width && first * s.stride_width + t < s.pad_left) ++first;
            end = width;
            while (end > first && (end - 1) * s.stride_width + t - s.pad_left >= s.in_width) --end;
          }
          body(row, p, first, end, c * z.in_plane + h * s.in_width + first * s.stride_width + t - s.pad_left);
        }
      }
    }
  }
}

void to_patches(float* patches, const float* x, const ConvShape& s, const Sizes& z) {
  const int64_t width = s.out_width();
  each_row(s, z, [&](int64_t row, int64_t p, int64_t first, int64_t end, int64_t from) {
    float* out = patches + row * z.pixels + p * width;
    for (int64_t q = 0; q < first; ++q) out[q] = 0.0f;
    for (int64_t q = first; q < end; ++q, from += s.stride_width) out[q] = x[from];
    for (int64_t q = std::max(first, end); q < width; ++q) out[q] = 0.0f;
  });
}

void from_patches(float* dx, const float* patches, const ConvShape& s, const Sizes& z) {
  const int64_t width = s.out_width();
  std::memset(dx, 0, z.channels * z.in_plane * sizeof(float));
  each_row(s, z, [&](int64_t row, int64_t p, int64_t first, int64_t end, int64_t to) {
    const float* in = patches + row * z.pixels + p * width;
    for (int64_t q = first; q < end; ++q, to += s.stride_width) dx[to] += in[q];
  });
}

}  // namespace

size_t conv2d_workspace_bytes(const ConvShape& s, int threads) {
  const Sizes z(s);
  return (static_cast<size_t>(z.depth * z.pixels) + z.depth * s.out_channels) * sizeof(float) * threads;
}

void conv2d_forward(ThreadPool& pool, Precision precision, float* y, const float* x, const float* w, const float* bias,
                    const ConvShape& s, void* workspace) {
  const Sizes z(s);
  const int threads = pool.threads();
  pool.run(threads, [&](int part) {
    float* patches = static_cast<float*>(workspace) + part * z.depth * z.pixels;
    for (int64_t n = s.batch * part / threads; n < s.batch * (part + 1) / threads; ++n) {
      for (int64_t g = 0; g < s.groups; ++g) {
        float* out = y + (n * s.out_channels + g * z.outputs) * z.pixels;
        to_patches(patches, x + (n * s.in_channels + g * z.channels) * z.in_plane, s, z);
        for (int64_t k = 0; k < z.outputs; ++k) std::fill_n(out + k * z.pixels, z.pixels, bias ? bias[g * z.outputs + k] : 0.0f);
        gemm_serial(use_pairs(precision), z.outputs, z.pixels, z.depth, 1.0f, {w + g * z.outputs * z.depth, z.depth, false},
                    {patches, z.pixels, false}, 1.0f, out, z.pixels);
      }
    }
  });
}

void conv2d_backward_data(ThreadPool& pool, Precision precision, float* dx, const float* dy, const float* w,
                          const ConvShape& s, void* workspace) {
  const Sizes z(s);
  const int threads = pool.threads();
  pool.run(threads, [&](int part) {
    float* patches = static_cast<float*>(workspace) + part * z.depth * z.pixels;
    for (int64_t n = s.batch * part / threads; n < s.batch * (part + 1) / threads; ++n) {
      for (int64_t g = 0; g < s.groups; ++g) {
        gemm_serial(use_pairs(precision), z.depth, z.pixels, z.outputs, 1.0f, {w + g * z.outputs * z.depth, z.depth, true},
                    {dy + (n * s.out_channels + g * z.outputs) * z.pixels, z.pixels, false}, 0.0f, patches, z.pixels);
        from_patches(dx + (n * s.in_channels + g * z.channels) * z.in_plane, patches, s, z);
      }
    }
  });
}

void conv2d_backward_weights(ThreadPool& pool, Precision precision, float* dw, float* dbias, const float* x, const float* dy,
                             const ConvShape& s, void* workspace) {
  const Sizes z(s);
  const int threads = pool.threads();
  const int64_t weights = s.out_channels * z.depth;
  float* sums = static_cast<float*>(workspace) + threads * z.depth * z.pixels;
  pool.run(threads, [&](int part) {
    float* patches = static_cast<float*>(workspace) + part * z.depth * z.pixels;
    float* sum = sums + part * weights;
    std::memset(sum, 0, weights * sizeof(float));
    for (int64_t n = s.batch * part / threads; n < s.batch * (part + 1) / threads; ++n) {
      for (int64_t g = 0; g < s.groups; ++g) {
        to_patches(patches, x + (n * s.in_channels + g * z.channels) * z.in_plane, s, z);
        gemm_serial(use_pairs(precision), z.outputs, z.depth, z.pixels, 1.0f,
                    {dy + (n * s.out_channels + g * z.outputs) * z.pixels, z.pixels, false}, {patches, z.pixels, true}, 1.0f,
                    sum + g * z.outputs * z.depth, z.depth);
      }
    }
  });
  pool.range(weights, 4096, [&](int64_t begin, int64_t end) {
    for (int part = 0; part < threads; ++part) {
      for (int64_t i = begin; i < end; ++i) dw[i] += sums[part * weights + i];
    }
  });
  if (!dbias) return;
  pool.range(s.out_channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      double total = 0.0;
      for (int64_t n = 0; n < s.batch; ++n) {
        const float* row = dy + (n * s.out_channels + k) * z.pixels;
        float sum = 0.0f;
        for (int64_t i = 0; i < z.pixels; ++i) sum += row[i];
        total += sum;
      }
      dbias[k] += static_cast<float>(total);
    }
  });
}

}  // namespace isolens
