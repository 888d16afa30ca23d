#include "conv_stage.h"

namespace isolens {
namespace {
using namespace simd;

void fill_zero(float* out, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) store_first(out + i, zero(), count - i);
}

// One phase of one row; odd: the row of the second channel of the pair, or null.
template <bool kPairs, int kStep>
void stage_phase(float* out, const float* even, const float* odd, const Stage& s, int64_t column) {
  const int64_t step = kStep ? kStep : s.phases;
  for (int64_t i = 0; i < s.pitch; i += kLanes) {
    const int64_t from = column + i * step;
    Vec v = load_window(even, s.width, from, step);
    if constexpr (kPairs) v = pair_across(v, odd ? load_window(odd, s.width, from, step) : zero());
    store_first(out + i, v, s.pitch - i);
  }
}

template <bool kPairs, int kStep>
void stage(float* out, const float* x, const Stage& s) {
  const int64_t plane = s.height * s.width;
  for (int64_t lane = 0; lane < s.lanes(); ++lane) {
    const int64_t channel = kPairs ? 2 * lane : lane;
    const bool has_odd = kPairs && channel + 1 < s.channels;
    int64_t in_period = 0;
    for (int64_t row = 0; row < s.rows; ++row, out += s.row_floats()) {
      const bool used = in_period < s.row_used;
      if (++in_period == s.row_period) in_period = 0;
      if (!used) continue;
      const int64_t h = row - s.pad_top;
      if (h < 0 || h >= s.height) {
        fill_zero(out, s.row_floats());
        continue;
      }
      const float* even = x + channel * plane + h * s.width;
      for (int64_t phase = 0; phase < s.phases_used; ++phase) {
        stage_phase<kPairs, kStep>(out + phase * s.pitch, even, has_odd ? even + plane : nullptr, s, phase - s.pad_left);
      }
    }
  }
}

template <bool kPairs>
void stage_by_step(float* out, const float* x, const Stage& s) {
  const auto f = s.phases == 1   ? stage<kPairs, 1>
                 : s.phases == 2 ? stage<kPairs, 2>
                 : s.phases == 4 ? stage<kPairs, 4>
                                 : stage<kPairs, 0>;
  f(out, x, s);
}

template <int kStep>
void copy_window(float* out, const float* row, int64_t width, int64_t column, int64_t step, int64_t count) {
  if (kStep) step = kStep;
  for (int64_t i = 0; i < count; i += kLanes) {
    store_first(out + i, load_window(row, width, column + i * step, step), count - i);
  }
}

}  // namespace

void copy_padded(float* out, const float* row, int64_t width, int64_t column, int64_t step, int64_t count) {
  const auto f = step == 1 ? copy_window<1> : step == 2 ? copy_window<2> : step == 4 ? copy_window<4> : copy_window<0>;
  f(out, row, width, column, step, count);
}

void stage_image(float* out, const float* x, const Stage& s) {
  (s.pairs ? stage_by_step<kHasBf16> : stage_by_step<false>)(out, x, s);
}

}  // namespace isolens
