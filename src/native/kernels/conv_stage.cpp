#include "conv_stage.h"

#include <algorithm>

#include "gemm.h"
#include "pack.h"

namespace isolens {
namespace {
using namespace simd;

void fill_zero(float* out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) out[i] = 0.0f;
}

// The part [first, end) of the run whose source columns exist.
struct Run {
  int64_t first, end;
  Run(int64_t width, int64_t column, int64_t step, int64_t count) {
    first = column >= 0 ? 0 : std::min(count, ceil_div(-column, step));
    end = width > column ? std::clamp<int64_t>(ceil_div(width - column, step), first, count) : first;
  }
};

// Pairs of a row of two channels (odd may be null: zero), neighbours in the source.
void pair_row(float* out, const float* even, const float* odd, const Run& run, int64_t column, int64_t count) {
  fill_zero(out, run.first);
  const int64_t length = run.end - run.first;
  even += column + run.first;
  for (int64_t i = 0; i < length; i += kLanes) {
    const int64_t left = length - i;
    const Vec low = load_first(even + i, left);
    const Vec high = odd ? load_first(odd + column + run.first + i, left) : zero();
    store_first(out + run.first + i, pair_across(low, high), left);
  }
  fill_zero(out + run.end, count - run.end);
}

void pair_lines(float* out, const float* even, const float* odd, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t left = count - i;
    store_first(out + i, pair_across(load_first(even + i, left), load_first(odd + i, left)), left);
  }
}

void stage_row(float* out, const float* even, const float* odd, const Stage& s, float* lines) {
  for (int64_t phase = 0; phase < s.phases_used; ++phase, out += s.pitch) {
    const int64_t column = phase - s.pad_left;
    if (!s.pairs) {
      copy_padded(out, even, s.width, column, s.phases, s.pitch);
    } else if (s.phases == 1) {
      pair_row(out, even, odd, Run(s.width, column, 1, s.pitch), column, s.pitch);
    } else {
      copy_padded(lines, even, s.width, column, s.phases, s.pitch);
      copy_padded(lines + s.pitch, odd, s.width, column, s.phases, s.pitch);
      pair_lines(out, lines, lines + s.pitch, s.pitch);
    }
  }
}

}  // namespace

void copy_padded(float* out, const float* row, int64_t width, int64_t column, int64_t step, int64_t count) {
  if (!row) return fill_zero(out, count);
  const Run run(width, column, step, count);
  fill_zero(out, run.first);
  const float* from = row + column;
  if (step == 1) {
    const int64_t whole = run.first + (run.end - run.first) / kLanes * kLanes;
    for (int64_t i = run.first; i < whole; i += kLanes) store(out + i, load(from + i));
    if (whole < run.end) store_first(out + whole, load_first(from + whole, run.end - whole), run.end - whole);
  } else {
    for (int64_t i = run.first; i < run.end; ++i) out[i] = from[i * step];
  }
  fill_zero(out + run.end, count - run.end);
}

void stage_image(float* out, const float* x, const Stage& s) {
  const int64_t plane = s.height * s.width;
  float* lines = s.pairs && s.phases > 1 ? thread_scratch(2, 2 * s.pitch) : nullptr;
  for (int64_t lane = 0; lane < s.lanes(); ++lane) {
    const int64_t channel = s.pairs ? 2 * lane : lane;
    const bool has_odd = s.pairs && channel + 1 < s.channels;
    for (int64_t row = 0; row < s.rows; ++row, out += s.row_floats()) {
      if (row % s.row_period >= s.row_used) continue;
      const int64_t h = row - s.pad_top;
      if (h < 0 || h >= s.height) {
        fill_zero(out, s.row_floats());
        continue;
      }
      const float* even = x + channel * plane + h * s.width;
      stage_row(out, even, has_odd ? even + plane : nullptr, s, lines);
    }
  }
}

}  // namespace isolens
