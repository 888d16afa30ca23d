// Packing of matrices into the panels of micro.h.
#pragma once
#include "simd.h"

namespace isolens {

inline int64_t lanes_of(bool pairs, int64_t depth) { return pairs ? (depth + 1) / 2 : depth; }

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Where the vector of panel indices [at, at + kLanes) of one reduction lane goes.
template <int kPanel>
inline void put_lanes(float* out, int64_t panel_stride, int64_t panels, int64_t at, int64_t lane, simd::Vec v) {
  using namespace simd;
  if constexpr (kPanel >= kLanes) {
    store(out + at / kPanel * panel_stride + lane * kPanel + at % kPanel, v);
  } else {
    constexpr int kPieces = kLanes / kPanel;
    const int64_t panel = at / kPanel;
#pragma GCC unroll 4
    for (int piece = 0; piece < kPieces; ++piece) {
      if (panel + piece < panels) store_piece(out + (panel + piece) * panel_stride + lane * kPanel, v, piece);
    }
  }
}

// kLanes lanes along a row from element `k` on, zero beyond `depth`.
template <bool kPairs>
inline simd::Vec lanes_along(const float* row, int64_t k, int64_t depth) {
  using namespace simd;
  if constexpr (kPairs) {
    if (k + 2 * kLanes <= depth) return pair_along(load(row + k), load(row + k + kLanes));
    const int64_t left = depth - k;
    return pair_along(load_first(row + k, left), left > kLanes ? load_first(row + k + kLanes, left - kLanes) : zero());
  } else {
    return k + kLanes <= depth ? load(row + k) : load_first(row + k, depth - k);
  }
}

// Both write ceil(extent / kPanel) panels of [lanes][kPanel], `panel_stride` floats apart; beyond `extent` there is zero up to a
// whole vector (kPanel >= kLanes) or a whole panel (kPanel < kLanes).
// along: source (extent, depth), reduction contiguous.  across: source (depth, extent), panel dimension contiguous.
template <bool kPairs, int kPanel>
void pack_along(float* out, int64_t panel_stride, const float* source, int64_t ld, int64_t extent, int64_t depth);
template <bool kPairs, int kPanel>
void pack_across(float* out, int64_t panel_stride, const float* source, int64_t ld, int64_t extent, int64_t depth);

// A (kRows) and B (kColumns) panels by run-time choice.
void pack_a(bool pairs, float* out, int64_t panel_stride, const float* source, int64_t ld, bool transposed, int64_t rows,
            int64_t depth);
void pack_b(bool pairs, float* out, int64_t panel_stride, const float* source, int64_t ld, bool transposed, int64_t columns,
            int64_t depth);

}  // namespace isolens
