// What conv2d_workspace_bytes asks of the three convolution functions.
#pragma once
#include "kernels.h"

namespace isolens {

// The part of a convolution that one group sees.
struct GroupShape {
  int64_t channels, outputs, taps, pixels, in_plane;
  explicit GroupShape(const ConvShape& s)
      : channels(s.in_channels / s.groups), outputs(s.out_channels / s.groups), taps(s.kernel_height * s.kernel_width),
        pixels(s.out_height() * s.out_width()), in_plane(s.in_height * s.in_width) {}
};

size_t forward_workspace_bytes(const ConvShape& shape, bool pairs, int threads);
size_t backward_data_workspace_bytes(const ConvShape& shape, bool pairs, int threads);
size_t backward_weights_workspace_bytes(const ConvShape& shape, bool pairs, int threads);

}  // namespace isolens
