#include "pack.h"

#include <algorithm>

namespace isolens {
using namespace simd;

template <bool kPairs, int kPanel>
void pack_along(float* out, int64_t panel_stride, const float* source, int64_t ld, int64_t extent, int64_t depth) {
  constexpr int kStep = kPairs ? 2 * kLanes : kLanes;
  const int64_t panels = (extent + kPanel - 1) / kPanel, lanes = lanes_of(kPairs, depth);
  for (int64_t at = 0; at < extent; at += kLanes) {
    const int64_t rows = std::min<int64_t>(kLanes, extent - at);
    for (int64_t k = 0, lane = 0; k < depth; k += kStep, lane += kLanes) {
      Vec v[kLanes];
      for (int i = 0; i < kLanes; ++i) v[i] = i < rows ? lanes_along<kPairs>(source + (at + i) * ld, k, depth) : zero();
      transpose(v);
      const int64_t count = std::min<int64_t>(kLanes, lanes - lane);
      for (int64_t i = 0; i < count; ++i) put_lanes<kPanel>(out, panel_stride, panels, at, lane + i, v[i]);
    }
  }
}

template <bool kPairs, int kPanel>
void pack_across(float* out, int64_t panel_stride, const float* source, int64_t ld, int64_t extent, int64_t depth) {
  constexpr int kStep = kPairs ? 2 : 1;
  const int64_t panels = (extent + kPanel - 1) / kPanel;
  for (int64_t k = 0, lane = 0; k < depth; k += kStep, ++lane) {
    const float* row = source + k * ld;
    for (int64_t at = 0; at < extent; at += kLanes) {
      const int64_t count = extent - at;
      Vec v = load_first(row + at, count);
      if constexpr (kPairs) v = pair_across(v, k + 1 < depth ? load_first(row + ld + at, count) : zero());
      put_lanes<kPanel>(out, panel_stride, panels, at, lane, v);
    }
  }
}

template <bool kPairs, int kPanel>
static void pack(float* out, int64_t panel_stride, const float* source, int64_t ld, bool along, int64_t extent, int64_t depth) {
  if (along) {
    pack_along<kPairs, kPanel>(out, panel_stride, source, ld, extent, depth);
  } else {
    pack_across<kPairs, kPanel>(out, panel_stride, source, ld, extent, depth);
  }
}

void pack_a(bool pairs, float* out, int64_t panel_stride, const float* source, int64_t ld, bool transposed, int64_t rows,
            int64_t depth) {
  (pairs ? pack<true, kRows> : pack<false, kRows>)(out, panel_stride, source, ld, !transposed, rows, depth);
}

void pack_b(bool pairs, float* out, int64_t panel_stride, const float* source, int64_t ld, bool transposed, int64_t columns,
            int64_t depth) {
  (pairs ? pack<true, kColumns> : pack<false, kColumns>)(out, panel_stride, source, ld, transposed, columns, depth);
}

}  // namespace isolens
