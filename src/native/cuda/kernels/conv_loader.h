// Operands of a convolution that are gathered, never stored: windows of an image batch. A tap is one place of a window in one
// channel; position (i, j) of an output sees it at row i * stride + tap.row, column j * stride + tap.column.
#pragma once
#include "kernels.h"
#include "tile.h"

namespace isolens::cuda {

// Same layout as int4, which loads it at once.
struct Tap {
  int offset;  // in elements from the window's image, for position (0, 0)
  int row, column;
  int unused;
};

__device__ __forceinline__ Tap load_tap(const Tap* taps, int64_t index) {
  const int4 raw = __ldg(reinterpret_cast<const int4*>(taps) + index);
  return {raw.x, raw.y, raw.z, raw.w};
}

// Windows of x: (images, channels, height, width), seen from a grid of (images, rows, columns) positions.
struct Windows {
  const float* x;
  const Tap* taps;
  int64_t image;       // elements between images
  int height, width;   // of x
  int rows, columns;   // positions of an image
  int stride_row, stride_column;
  int64_t positions;   // of all images, below 2^31
};

// Where a position's window lies.
struct WindowPlace {
  const float* base = nullptr;
  int row = 0, column = 0;
  bool present = false;

  __device__ __forceinline__ WindowPlace(const Windows& windows, int64_t position) {
    present = position < windows.positions;
    const unsigned index = present ? static_cast<unsigned>(position) : 0u, area = static_cast<unsigned>(windows.rows * windows.columns);
    const unsigned image = index / area, rest = index % area;
    row = static_cast<int>(rest / static_cast<unsigned>(windows.columns)) * windows.stride_row;
    column = static_cast<int>(rest % static_cast<unsigned>(windows.columns)) * windows.stride_column;
    base = windows.x + image * windows.image + row * windows.width + column;
  }
  __device__ __forceinline__ float at(const Windows& windows, const Tap& tap) const {
    const bool inside = static_cast<unsigned>(row + tap.row) < static_cast<unsigned>(windows.height) &&
                        static_cast<unsigned>(column + tap.column) < static_cast<unsigned>(windows.width);
    return present && inside ? base[tap.offset] : 0.0f;
  }
};

// Rows of the operand are positions, the reduction runs over taps: a warp reads one tap of 32 neighbouring positions.
template <typename Multiplier>
struct PositionLoader {
  static constexpr int kRows = Multiplier::kColumns, kGroups = kRows / 32, kWarps = Multiplier::kThreads / 32;
  static constexpr int kStep = kWarps / kGroups, kValues = kDepth / kStep;
  static_assert(kStep * kGroups == kWarps && kStep * kValues == kDepth, "warps share a panel evenly");
  using SharedPanel = Panel<typename Multiplier::Element, kRows, false>;

  const Windows& windows;
  const int row, first;  // of the panel: the position of this thread, its first tap
  const WindowPlace place;
  float v[kValues];

  __device__ __forceinline__ PositionLoader(const Windows& windows_, int64_t position)
      : windows(windows_), row(threadIdx.x / 32 % kGroups * 32 + threadIdx.x % 32), first(threadIdx.x / 32 / kGroups), place(windows_, position + row) {}

  __device__ __forceinline__ void fetch(int64_t begin, int64_t end) {
#pragma unroll
    for (int i = 0; i < kValues; i++) {
      const int64_t k = begin + first + i * kStep;
      v[i] = k < end ? place.at(windows, load_tap(windows.taps, k)) : 0.0f;
    }
  }
  __device__ __forceinline__ void put_into(typename Multiplier::Element* panel) const {
#pragma unroll
    for (int i = 0; i < kValues; i++) put(panel + SharedPanel::at(row, first + i * kStep), v[i]);
  }
};

// Rows of the operand are taps, the reduction runs over positions.
template <typename Multiplier>
struct TapLoader {
  static constexpr int kRows = Multiplier::kColumns, kWarps = Multiplier::kThreads / 32, kValues = kRows / kWarps;
  static_assert(kDepth == 32, "a warp spans the depth of a panel");
  using SharedPanel = Panel<typename Multiplier::Element, kRows, true>;

  const Windows& windows;
  const int64_t first, taps;  // tap of the tile, number of taps
  float v[kValues];

  __device__ __forceinline__ TapLoader(const Windows& windows_, int64_t first_, int64_t taps_) : windows(windows_), first(first_), taps(taps_) {}

  __device__ __forceinline__ void fetch(int64_t begin, int64_t end) {
    const int64_t position = begin + threadIdx.x % 32;
    const WindowPlace place(windows, position < end ? position : windows.positions);
#pragma unroll
    for (int i = 0; i < kValues; i++) {
      const int64_t tap = first + threadIdx.x / 32 + i * kWarps;
      v[i] = tap < taps ? place.at(windows, load_tap(windows.taps, tap)) : 0.0f;
    }
  }
  __device__ __forceinline__ void put_into(typename Multiplier::Element* panel) const {
#pragma unroll
    for (int i = 0; i < kValues; i++) put(panel + SharedPanel::at(threadIdx.x / 32 + i * kWarps, threadIdx.x % 32), v[i]);
  }
};

// Rows of the operand are channels of y: (images, channels, area), the reduction runs over positions.
template <typename Multiplier>
struct ChannelLoader {
  static constexpr int kRows = Multiplier::kRows, kWarps = Multiplier::kThreads / 32, kValues = kRows / kWarps;
  using SharedPanel = Panel<typename Multiplier::Element, kRows, true>;

  const float* y;
  const int64_t image, area, first, channels;
  float v[kValues];

  __device__ __forceinline__ ChannelLoader(const float* y_, int64_t image_, int64_t area_, int64_t first_, int64_t channels_)
      : y(y_), image(image_), area(area_), first(first_), channels(channels_) {}

  __device__ __forceinline__ void fetch(int64_t begin, int64_t end) {
    const int64_t position = begin + threadIdx.x % 32;
    const unsigned index = static_cast<unsigned>(position), size = static_cast<unsigned>(area);
    const float* base = y + index / size * image + index % size;
#pragma unroll
    for (int i = 0; i < kValues; i++) {
      const int64_t channel = first + threadIdx.x / 32 + i * kWarps;
      v[i] = position < end && channel < channels ? base[channel * area] : 0.0f;
    }
  }
  __device__ __forceinline__ void put_into(typename Multiplier::Element* panel) const {
#pragma unroll
    for (int i = 0; i < kValues; i++) put(panel + SharedPanel::at(threadIdx.x / 32 + i * kWarps, threadIdx.x % 32), v[i]);
  }
};

}  // namespace isolens::cuda
