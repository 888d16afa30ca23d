// Convolution as a product whose operand is gathered on the way to shared memory (implicit GEMM), on NCHW as the engine stores it.
//
//   forward         y (K, positions)  = w (K, C R S)      * windows of x (C R S, positions)
//   backward, data  dx (C, positions) = w^T (C, K taps)   * windows of dy (K taps, positions)
//
// A stride makes classes of positions of dx, one for each remainder of row and column; each sees its own taps of the kernel and
// is a product of its own, in which nothing is multiplied by the zeros between strides.
#include <algorithm>

#include "conv_loader.h"
#include "conv_parts.h"
#include "matrix_loader.h"

namespace isolens::cuda {

namespace {

// Where a class of positions lies in an output (images, channels, height, width).
struct PositionStore {
  float* y;
  int64_t image, area;  // elements between images, between channels
  int rows, columns;    // positions of an image
  int width, step_row, step_column;
  int64_t positions;
  const float* bias;    // (channels), or null
  int64_t channels;
  bool accumulate;
};

struct PositionWriter {
  const PositionStore& store;
  const int64_t first_channel, first_position;
  float* at = nullptr;

  __device__ __forceinline__ bool column(int offset) {
    const int64_t position = first_position + offset;
    if (position >= store.positions) return false;
    const unsigned index = static_cast<unsigned>(position), size = static_cast<unsigned>(store.rows * store.columns), columns = static_cast<unsigned>(store.columns);
    const unsigned image = index / size, row = index % size / columns, column = index % columns;
    at = store.y + image * store.image + static_cast<int64_t>(row) * store.step_row * store.width + static_cast<int64_t>(column) * store.step_column;
    return true;
  }
  __device__ __forceinline__ void operator()(int row, float sum) const {
    const int64_t channel = first_channel + row;
    if (channel >= store.channels) return;
    float* to = at + channel * store.area;
    const float value = sum + (store.bias == nullptr ? 0.0f : store.bias[channel]);
    *to = store.accumulate ? *to + value : value;
  }
};

// weights: (channels, taps) row by row (forward) or (taps, channels).
template <typename Multiplier, bool ByChannel>
__global__ void __launch_bounds__(Multiplier::kThreads) conv_kernel(MatrixOperand weights, Windows windows, PositionStore store, int64_t taps) {
  using LoaderA = MatrixLoader<Multiplier, Multiplier::kRows, ByChannel>;
  using LoaderB = PositionLoader<Multiplier>;
  ISOLENS_PANELS(Multiplier, LoaderA, LoaderB);
  const TilePlace place = tile_place<Multiplier>(blockIdx.x, store.channels, store.positions);
  LoaderA left(weights, place.row);
  LoaderB right(windows, place.column);
  Multiplier multiplier;
  multiply_tile(multiplier, left, right, 0, taps, panels_a, panels_b);
  PositionWriter writer{store, place.row, place.column};
  multiplier.each(writer);
}

// Taps of one class of dx, and their weights: packed (K taps, C) from w: (K, C, R, S).
struct ClassTaps {
  int first_row, first_column, step_row, step_column;  // kernel rows first, first + step, ..
  int count_row, count_column;
  int shift_row, shift_column;  // of the first tap's row and column in dy; the next lies one before
};

__global__ void __launch_bounds__(256) pack_class(Tap* taps, float* packed, const float* w, ClassTaps c, int channels, int kernel_height,
                                                  int kernel_width, int dy_area, int dy_width) {
  const int per_kernel = c.count_row * c.count_column, tap = static_cast<int>(blockIdx.x);
  const int k = tap / per_kernel, i = tap % per_kernel / c.count_column, j = tap % c.count_column;
  const int row = c.shift_row - i, column = c.shift_column - j;
  if (threadIdx.x == 0) taps[tap] = {k * dy_area + row * dy_width + column, row, column, 0};
  const int place = (c.first_row + i * c.step_row) * kernel_width + c.first_column + j * c.step_column;
  for (int channel = threadIdx.x; channel < channels; channel += 256) {
    packed[static_cast<int64_t>(tap) * channels + channel] = w[(static_cast<int64_t>(k) * channels + channel) * kernel_height * kernel_width + place];
  }
}

template <bool ByChannel>
void start(Precision precision, const MatrixOperand& weights, const Windows& windows, const PositionStore& store, int64_t taps, cudaStream_t stream) {
  const auto tiles = [&](int64_t rows, int64_t columns) { return ceil_div(store.channels, rows) * ceil_div(store.positions, columns); };
  const int64_t large = tiles(LargeTile::kRows, LargeTile::kColumns), small = tiles(SmallTile::kRows, SmallTile::kColumns);
  if (precision == Precision::kF32) {
    ISOLENS_LAUNCH((conv_kernel<PlainTile, ByChannel>), static_cast<unsigned>(small), PlainTile::kThreads, 0, stream, weights, windows, store, taps);
  } else if (store.channels > SmallTile::kRows && large >= kFullDevice) {
    ISOLENS_LAUNCH((conv_kernel<LargeTile, ByChannel>), static_cast<unsigned>(large), LargeTile::kThreads, 0, stream, weights, windows, store, taps);
  } else {
    ISOLENS_LAUNCH((conv_kernel<SmallTile, ByChannel>), static_cast<unsigned>(small), SmallTile::kThreads, 0, stream, weights, windows, store, taps);
  }
}

// The class of positions of dx at remainders (a, b) of the strides.
ClassTaps class_taps(const ConvShape& s, int64_t a, int64_t b) {
  const auto along = [](int64_t remainder, int64_t pad, int64_t stride, int64_t kernel, int* first, int* count, int* shift) {
    const int64_t start = (remainder + pad) % stride;  // kernel rows that meet the class
    *first = static_cast<int>(start);
    *count = static_cast<int>(start < kernel ? (kernel - start + stride - 1) / stride : 0);
    *shift = static_cast<int>((remainder + pad - start) / stride);
  };
  ClassTaps c{};
  c.step_row = static_cast<int>(s.stride_height), c.step_column = static_cast<int>(s.stride_width);
  along(a, s.pad_top, s.stride_height, s.kernel_height, &c.first_row, &c.count_row, &c.shift_row);
  along(b, s.pad_left, s.stride_width, s.kernel_width, &c.first_column, &c.count_column, &c.shift_column);
  return c;
}

size_t packed_bytes(const ConvShape& s) { return static_cast<size_t>(s.out_channels * s.in_channels / s.groups * s.kernel_height * s.kernel_width) * sizeof(float); }

}  // namespace

size_t conv2d_workspace_bytes(Precision precision, const ConvShape& s) {
  return std::max(conv_taps_bytes(s) + packed_bytes(s), conv_weights_workspace_bytes(precision, s));
}

cudaError_t conv2d_forward(Precision precision, float* y, const float* x, const float* w, const float* bias, const ConvShape& s,
                           void* workspace, cudaStream_t stream) {
  if (!conv_fits(s)) return cudaErrorInvalidValue;
  if (conv_is_empty(s)) return cudaSuccess;
  auto* taps = static_cast<Tap*>(workspace);
  fill_taps(taps, s, stream);
  const int64_t channels = s.out_channels / s.groups, area = s.out_height() * s.out_width(), depth = conv_depth(s);
  for (int64_t g = 0; g < s.groups; g++) {
    const float* weights = w + g * channels * depth;
    const PositionStore store{y + g * channels * area, s.out_channels * area, area, static_cast<int>(s.out_height()), static_cast<int>(s.out_width()),
                              static_cast<int>(s.out_width()), 1, 1, s.batch * area, bias == nullptr ? nullptr : bias + g * channels, channels, false};
    start<true>(precision, {weights, depth, channels, Element::kF32, MatrixOperand::aligned(weights, depth, Element::kF32)}, windows_of(x, taps, s, g), store, depth, stream);
  }
  return cudaGetLastError();
}

cudaError_t conv2d_backward_data(Precision precision, float* dx, const float* dy, const float* w, bool accumulate, const ConvShape& s,
                                 void* workspace, cudaStream_t stream) {
  if (!conv_fits(s)) return cudaErrorInvalidValue;
  const int64_t in_area = s.in_height * s.in_width, out_area = s.out_height() * s.out_width();
  if (s.batch * s.in_channels * in_area == 0) return cudaSuccess;
  auto* taps = static_cast<Tap*>(workspace);
  auto* packed = reinterpret_cast<float*>(static_cast<char*>(workspace) + conv_taps_bytes(s));
  const int64_t kernels = s.out_channels / s.groups, channels = s.in_channels / s.groups;
  for (int64_t g = 0; g < s.groups; g++) {
    for (int64_t a = 0; a < std::min(s.stride_height, s.in_height); a++) {
      for (int64_t b = 0; b < std::min(s.stride_width, s.in_width); b++) {
        const ClassTaps c = class_taps(s, a, b);
        const int64_t depth = kernels * c.count_row * c.count_column;
        const int rows = static_cast<int>(ceil_div(s.in_height - a, s.stride_height)), columns = static_cast<int>(ceil_div(s.in_width - b, s.stride_width));
        if (depth > 0) {
          ISOLENS_LAUNCH(pack_class, static_cast<unsigned>(depth), 256, 0, stream, taps, packed, w + g * kernels * conv_depth(s), c,
                         static_cast<int>(channels), static_cast<int>(s.kernel_height), static_cast<int>(s.kernel_width), static_cast<int>(out_area), static_cast<int>(s.out_width()));
        }
        const Windows windows{dy + g * kernels * out_area, taps, s.out_channels * out_area, static_cast<int>(s.out_height()), static_cast<int>(s.out_width()), rows, columns, 1, 1,
                              s.batch * rows * columns};
        const PositionStore store{dx + g * channels * in_area + a * s.in_width + b, s.in_channels * in_area, in_area, rows, columns, static_cast<int>(s.in_width),
                                  static_cast<int>(s.stride_height), static_cast<int>(s.stride_width), windows.positions, nullptr, channels, accumulate};
        start<false>(precision, {packed, channels, channels, Element::kF32, MatrixOperand::aligned(packed, channels, Element::kF32)}, windows, store, depth, stream);
      }
    }
  }
  return cudaGetLastError();
}

}  // namespace isolens::cuda
