// Staging: a padded copy of the input planes of one image, laid out so that every tap of the kernel reads, for a row of outputs,
// one contiguous run of lanes.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels.h"
#include "pack.h"

namespace isolens {

// Hands out 64-byte aligned pieces of the workspace; with a null base it only counts.
class Arena {
 public:
  explicit Arena(void* base) : base_(static_cast<char*>(base)) {}
  template <typename T = float>
  T* take(int64_t count) {
    char* at = base_ ? base_ + used_ : nullptr;
    used_ += (static_cast<size_t>(count) * sizeof(T) + 63) / 64 * 64;
    return reinterpret_cast<T*>(at);
  }
  size_t used() const { return used_; }

 private:
  char* base_;
  size_t used_ = 0;
};

// Fetches what the next images will read into the second-level cache while the current ones are multiplied.
class Prefetch {
 public:
  Prefetch() = default;
  // [from, from + floats), spread evenly over `calls` calls of step().
  Prefetch(const float* from, int64_t floats, int64_t calls)
      : at_(reinterpret_cast<const char*>(from)), left_(floats > 0 ? (floats * 4 + 63) / 64 : 0),
        lines_(calls > 0 ? (left_ + calls - 1) / calls : left_) {}
  void step() {
    const int64_t lines = lines_ < left_ ? lines_ : left_;
    for (int64_t i = 0; i < lines; ++i, at_ += 64) __builtin_prefetch(at_, 0, 2);
    left_ -= lines;
  }

 private:
  const char* at_ = nullptr;
  int64_t left_ = 0, lines_ = 0;
};

// Layout (lanes of channels, rows, phases, pitch): padded column v lies in phase v % phases at v / phases, so that outputs
// `phases` columns apart are neighbours. Lanes pair channels (2l, 2l + 1) where `pairs`.
struct Stage {
  bool pairs = false;
  int64_t channels = 0, height = 0, width = 0;  // source planes
  int64_t pad_top = 0, pad_left = 0;            // negative: cropped
  int64_t rows = 0, phases = 1, pitch = 0;
  int64_t row_period = 1, row_used = 1, phases_used = 1;  // rows with row % row_period >= row_used, later phases: never read
  int64_t lanes() const { return pairs ? (channels + 1) / 2 : channels; }
  int64_t row_floats() const { return phases * pitch; }
  int64_t plane() const { return rows * row_floats(); }
  int64_t size() const { return lanes() * plane(); }
  int64_t at(int64_t row, int64_t column) const { return row * row_floats() + column % phases * pitch + column / phases; }
};

// x: (channels, height, width) of one image and group.
void stage_image(float* out, const float* x, const Stage& stage);

// Lane i: row[column + step * i], zero where that is outside the row of `width` values.
inline simd::Vec load_window(const float* row, int64_t width, int64_t column, int64_t step) {
  using namespace simd;
  constexpr int64_t kAll = kLanes;
  int64_t first = 0, end = kAll;
  if (column < 0) first = std::min(kAll, step == 1 ? -column : ceil_div(-column, step));
  if (column + step * (kAll - 1) >= width) {
    const int64_t left = width - column;
    end = left <= 0 ? first : std::clamp<int64_t>(step == 1 ? left : ceil_div(left, step), first, kAll);
  }
  return load_strided(row + column, step, first, end);
}

// `count` values of a row, read every `step` from `column` on; zero outside the row.
void copy_padded(float* out, const float* row, int64_t width, int64_t column, int64_t step, int64_t count);

}  // namespace isolens
