// Gradient of the weights: dw (K, C R S) = dy (K, positions) * windows of x (positions, C R S). The reduction is long and the
// result small, so blocks share the reduction; a second kernel adds their sums in a fixed order.
#include <algorithm>

#include "conv_parts.h"

namespace isolens::cuda {

namespace {

constexpr int64_t kLeastPositions = 32 * kDepth, kMostShares = 256;

struct ShareWriter {
  float* share;  // (channels, taps)
  const int64_t first_channel, first_tap, channels, taps;
  int64_t tap = 0;

  __device__ __forceinline__ bool column(int offset) {
    tap = first_tap + offset;
    return tap < taps;
  }
  __device__ __forceinline__ void operator()(int row, float sum) const {
    if (first_channel + row < channels) share[(first_channel + row) * taps + tap] = sum;
  }
};

template <typename Multiplier>
__global__ void __launch_bounds__(Multiplier::kThreads) conv_weights_kernel(float* shares, const float* dy, int64_t dy_image, int64_t dy_area, Windows windows,
                                                                           int64_t channels, int64_t taps, int64_t tiles, int64_t chunk) {
  using LoaderA = ChannelLoader<Multiplier>;
  using LoaderB = TapLoader<Multiplier>;
  ISOLENS_PANELS(Multiplier, LoaderA, LoaderB);
  const int64_t share = blockIdx.x / tiles, begin = share * chunk, end = begin + chunk < windows.positions ? begin + chunk : windows.positions;
  const TilePlace place = tile_place<Multiplier>(blockIdx.x % tiles, channels, taps);
  LoaderA left(dy, dy_image, dy_area, place.row, channels);
  LoaderB right(windows, place.column, taps);
  Multiplier multiplier;
  multiply_tile(multiplier, left, right, begin, end, panels_a, panels_b);
  ShareWriter writer{shares + share * channels * taps, place.row, place.column, channels, taps};
  multiplier.each(writer);
}

__global__ void __launch_bounds__(256) add_weight_shares(float* dw, const float* shares, int64_t count, int64_t splits) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * 256 + threadIdx.x;
  if (i >= count) return;
  float sum = 0;
  for (int64_t s = 0; s < splits; s++) sum += shares[s * count + i];
  dw[i] += sum;
}

// dbias[k] += sum over images and area of dy: (images, K, area). One block a channel.
__global__ void __launch_bounds__(256) add_bias_gradient(float* dbias, const float* dy, int64_t images, int64_t channels, int64_t area) {
  __shared__ double sums[256];
  const int64_t channel = blockIdx.x;
  double sum = 0;
  for (int64_t n = 0; n < images; n++) {
    const float* plane = dy + (n * channels + channel) * area;
    for (int64_t i = threadIdx.x; i < area; i += 256) sum += static_cast<double>(plane[i]);
  }
  sums[threadIdx.x] = sum;
  for (int width = 128; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < width) sums[threadIdx.x] += sums[threadIdx.x + width];
  }
  if (threadIdx.x == 0) dbias[channel] += static_cast<float>(sums[0]);
}

__global__ void __launch_bounds__(256) fill_taps_kernel(Tap* taps, int64_t count, int kernel_height, int kernel_width, int pad_top, int pad_left, int area, int width) {
  const int64_t tap = static_cast<int64_t>(blockIdx.x) * 256 + threadIdx.x;
  if (tap >= count) return;
  const int window = kernel_height * kernel_width, channel = static_cast<int>(tap / window), place = static_cast<int>(tap % window);
  const int row = place / kernel_width - pad_top, column = place % kernel_width - pad_left;
  taps[tap] = {channel * area + row * width + column, row, column, 0};
}

struct Choice {
  bool large;
  int64_t tiles, shares, chunk;
};

Choice choose(Precision precision, const ConvShape& s) {
  const int64_t channels = s.out_channels / s.groups, taps = conv_depth(s), positions = s.batch * s.out_height() * s.out_width();
  Choice choice;
  choice.large = precision == Precision::kBf16 && channels > SmallTile::kRows && taps > SmallTile::kColumns;
  choice.tiles = choice.large ? ceil_div(channels, LargeTile::kRows) * ceil_div(taps, LargeTile::kColumns) : ceil_div(channels, SmallTile::kRows) * ceil_div(taps, SmallTile::kColumns);
  choice.shares = std::max<int64_t>(1, std::min({ceil_div(2 * kFullDevice, choice.tiles), ceil_div(positions, kLeastPositions), kMostShares}));
  choice.chunk = ceil_div(ceil_div(positions, choice.shares), kDepth) * kDepth;
  return choice;
}

template <typename Multiplier>
void start(float* shares, const float* dy, const Windows& windows, const ConvShape& s, const Choice& choice, cudaStream_t stream) {
  const int64_t area = s.out_height() * s.out_width();
  ISOLENS_LAUNCH(conv_weights_kernel<Multiplier>, static_cast<unsigned>(choice.tiles * choice.shares), Multiplier::kThreads, 0, stream, shares, dy,
                 s.out_channels * area, area, windows, s.out_channels / s.groups, conv_depth(s), choice.tiles, choice.chunk);
}

}  // namespace

void fill_taps(Tap* taps, const ConvShape& s, cudaStream_t stream) {
  const int64_t count = conv_depth(s);
  ISOLENS_LAUNCH(fill_taps_kernel, static_cast<unsigned>(ceil_div(count, 256)), 256, 0, stream, taps, count, static_cast<int>(s.kernel_height), static_cast<int>(s.kernel_width),
                 static_cast<int>(s.pad_top), static_cast<int>(s.pad_left), static_cast<int>(s.in_height * s.in_width), static_cast<int>(s.in_width));
}

size_t conv_weights_workspace_bytes(Precision precision, const ConvShape& s) {
  return conv_taps_bytes(s) + static_cast<size_t>(choose(precision, s).shares * (s.out_channels / s.groups) * conv_depth(s)) * sizeof(float);
}

cudaError_t conv2d_backward_weights(Precision precision, float* dw, float* dbias, const float* x, const float* dy, const ConvShape& s,
                                    void* workspace, cudaStream_t stream) {
  if (!conv_fits(s)) return cudaErrorInvalidValue;
  if (conv_is_empty(s) || conv_depth(s) == 0) return cudaSuccess;
  auto* taps = static_cast<Tap*>(workspace);
  auto* shares = reinterpret_cast<float*>(static_cast<char*>(workspace) + conv_taps_bytes(s));
  fill_taps(taps, s, stream);
  const Choice choice = choose(precision, s);
  const int64_t channels = s.out_channels / s.groups, area = s.out_height() * s.out_width(), count = channels * conv_depth(s);
  for (int64_t g = 0; g < s.groups; g++) {
    const float* gradient = dy + g * channels * area;
    const Windows windows = windows_of(x, taps, s, g);
    if (precision == Precision::kF32) {
      start<PlainTile>(shares, gradient, windows, s, choice, stream);
    } else if (choice.large) {
      start<LargeTile>(shares, gradient, windows, s, choice, stream);
    } else {
      start<SmallTile>(shares, gradient, windows, s, choice, stream);
    }
    ISOLENS_LAUNCH(add_weight_shares, static_cast<unsigned>(ceil_div(count, 256)), 256, 0, stream, dw + g * count, shares, count, choice.shares);
  }
  if (dbias != nullptr) ISOLENS_LAUNCH(add_bias_gradient, static_cast<unsigned>(s.out_channels), 256, 0, stream, dbias, dy, s.batch, s.out_channels, area);
  return cudaGetLastError();
}

}  // namespace isolens::cuda
