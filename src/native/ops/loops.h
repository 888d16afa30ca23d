// Sums and maxima over contiguous memory, written in lanes so that they vectorise without relaxed arithmetic and give the
// same bits on every run.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

#include "../core/op.h"

namespace isolens {

constexpr int kLanes = 32;
// Elements below which a loop is not worth a second thread.
constexpr int64_t kGrain = 1 << 14;

// Sum of term(i) for i in [0, n): lanes over short runs, runs in double.
template <typename Term>
inline double sum_terms(int64_t n, const Term& term) {
  double total = 0;
  int64_t i = 0;
  while (n - i >= kLanes) {
    float lanes[kLanes] = {};
    const int64_t stop = i + std::min<int64_t>((n - i) / kLanes * kLanes, 64 * kLanes);
    for (; i < stop; i += kLanes) {
      for (int lane = 0; lane < kLanes; lane++) lanes[lane] += term(i + lane);
    }
    for (int width = kLanes / 2; width > 0; width /= 2) {
      for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
    }
    total += lanes[0];
  }
  float rest = 0;
  for (; i < n; i++) rest += term(i);
  return total + rest;
}

inline double sum_of(const float* x, int64_t n) {
  return sum_terms(n, [x](int64_t i) { return x[i]; });
}

// Largest element; NaN where there is one. n >= 1.
inline float max_of(const float* x, int64_t n) {
  float lanes[kLanes];
  for (float& lane : lanes) lane = x[0];
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int lane = 0; lane < kLanes; lane++) lanes[lane] = x[i + lane] > lanes[lane] || x[i + lane] != x[i + lane] ? x[i + lane] : lanes[lane];
  }
  float best = lanes[0];
  for (int lane = 1; lane < kLanes; lane++) best = lanes[lane] > best || lanes[lane] != lanes[lane] ? lanes[lane] : best;
  for (; i < n; i++) best = x[i] > best || x[i] != x[i] ? x[i] : best;
  return best;
}

// y[i] = accumulate ? y[i] + value(i) : value(i); y may be one of the arrays that value reads at i.
template <typename Value>
inline void store_terms(float* y, int64_t begin, int64_t end, bool accumulate, const Value& value) {
  if (accumulate) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; i++) y[i] += value(i);
  } else {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; i++) y[i] = value(i);
  }
}

}  // namespace isolens
