// What the sources of the convolution share.
#pragma once
#include "conv_loader.h"

namespace isolens::cuda {

constexpr int64_t kFullDevice = 128;  // blocks that keep a large device busy

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// C / groups * R * S
inline int64_t conv_depth(const ConvShape& s) { return s.in_channels / s.groups * s.kernel_height * s.kernel_width; }
inline bool conv_is_empty(const ConvShape& s) { return s.batch * s.out_channels * s.out_height() * s.out_width() == 0; }
// Positions and offsets within an image are counted in 32 bits.
inline bool conv_fits(const ConvShape& s) {
  const int64_t most = 0x7fffffff, in_area = s.in_height * s.in_width, out_area = s.out_height() * s.out_width();
  return s.batch * in_area <= most && s.batch * out_area <= most && s.in_channels * in_area <= most && s.out_channels * out_area <= most;
}

// Table of the taps, of forward or of one class of dx; a multiple of 256.
inline size_t conv_taps_bytes(const ConvShape& s) {
  const int64_t forward = conv_depth(s), backward = s.out_channels / s.groups * s.kernel_height * s.kernel_width;
  return (static_cast<size_t>(forward > backward ? forward : backward) * sizeof(Tap) + 255) / 256 * 256;
}
// The C / groups * R * S taps of a window of x; the same for every group.
void fill_taps(Tap* taps, const ConvShape& s, cudaStream_t stream);

inline Windows windows_of(const float* x, const Tap* taps, const ConvShape& s, int64_t group) {
  const int64_t area = s.in_height * s.in_width, positions = s.batch * s.out_height() * s.out_width();
  return {x + group * (s.in_channels / s.groups) * area, taps, s.in_channels * area, static_cast<int>(s.in_height), static_cast<int>(s.in_width),
          static_cast<int>(s.out_height()), static_cast<int>(s.out_width()), static_cast<int>(s.stride_height), static_cast<int>(s.stride_width), positions};
}

size_t conv_weights_workspace_bytes(Precision precision, const ConvShape& s);

}  // namespace isolens::cuda
