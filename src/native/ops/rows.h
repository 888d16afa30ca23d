// Rows picked and rows added by index: Gather and SegmentSum are each other's gradient.
#pragma once
#include <cstring>

#include "loops.h"

namespace isolens {

// to: (count, width) [i] = or += from[index[i]]; rows of negative index are zero (or left alone).
inline void gather_rows(ThreadPool& pool, float* to, const float* from, const int32_t* index, int64_t count, int64_t width, bool accumulate) {
  pool.range(count, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, width)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      float* target = to + i * width;
      if (index[i] < 0) {
        if (!accumulate) std::memset(target, 0, static_cast<size_t>(width) * 4);
        continue;
      }
      const float* source = from + index[i] * width;
      store_terms(target, 0, width, accumulate, [=](int64_t k) { return source[k]; });
    }
  });
}

// to: (rows, width) += from[i] at row index[i]; rows of negative index are ignored. Threads own columns or, where those
// are few, rows of the target, so the order of the additions never depends on timing.
inline void scatter_rows(ThreadPool& pool, float* to, const float* from, const int32_t* index, int64_t count, int64_t width, int64_t rows) {
  const auto add = [&](int64_t first, int64_t last, int64_t low, int64_t high) {
    for (int64_t i = 0; i < count; i++) {
      if (index[i] < low || index[i] >= high) continue;
      float* target = to + index[i] * width;
      const float* source = from + i * width;
      for (int64_t k = first; k < last; k++) target[k] += source[k];
    }
  };
  if (count * width < kGrain) return add(0, width, 0, rows);
  if (width >= 32 * pool.threads()) return pool.range(width, 16, [&](int64_t begin, int64_t end) { add(begin, end, 0, rows); });
  pool.range(rows, 1, [&](int64_t begin, int64_t end) { add(0, width, begin, end); });
}

}  // namespace isolens
