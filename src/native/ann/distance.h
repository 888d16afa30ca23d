// Inner products of rows padded to whole vectors of 16 floats. The order of the sum is one and the same in all of them, and does
// not depend on which operand comes first: a pair has one distance, bit for bit, wherever it is computed.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace isolens::ann {

constexpr size_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(64), aligned(64), may_alias));

inline float sum(Lanes v) {
  float part[kLanes] __attribute__((aligned(64)));
  *reinterpret_cast<Lanes*>(part) = v;
  for (size_t width = kLanes / 2; width > 0; width /= 2) {
    for (size_t i = 0; i < width; ++i) part[i] += part[i + width];
  }
  return part[0];
}

// out[i] = 1 - <a, rows[i]>; a, rows[i]: (width), width a multiple of 16.
template <int kCount>
inline void distances_of(const float* a, const float* const* rows, size_t width, float* out) {
  Lanes even[kCount] = {}, odd[kCount] = {};
  const auto* left = reinterpret_cast<const Lanes*>(a);
  const size_t vectors = width / kLanes;
  size_t i = 0;
  for (; i + 1 < vectors; i += 2) {
    const Lanes first = left[i], second = left[i + 1];
    for (int r = 0; r < kCount; ++r) {
      const auto* right = reinterpret_cast<const Lanes*>(rows[r]);
      even[r] += first * right[i];
      odd[r] += second * right[i + 1];
    }
  }
  if (i < vectors) {
    for (int r = 0; r < kCount; ++r) even[r] += left[i] * reinterpret_cast<const Lanes*>(rows[r])[i];
  }
  for (int r = 0; r < kCount; ++r) out[r] = 1.0f - sum(even[r] + odd[r]);
}

inline float distance_of(const float* a, const float* b, size_t width) {
  float distance;
  distances_of<1>(a, &b, width, &distance);
  return distance;
}

// A row in 8 bits: values are scale * (code - 128). One set of such a row and one of plain signed codes is what instructions for
// sums of products of bytes take (and compilers find them by themselves).
inline float encode(const float* values, size_t count, uint8_t* codes) {
  float most = 0;
  for (size_t i = 0; i < count; ++i) most = std::max(most, std::fabs(values[i]));
  const float steps = most > 0 ? 127.0f / most : 0.0f;
  for (size_t i = 0; i < count; ++i) codes[i] = static_cast<uint8_t>(static_cast<int>(std::lrintf(values[i] * steps)) + 128);
  return most / 127.0f;
}

// Sum of a[i] * b[i]; count a multiple of 64.
inline int32_t product_of_codes(const int8_t* __restrict a, const uint8_t* __restrict b, size_t count) {
  int32_t sum = 0;
  count &= ~size_t{63};
  for (size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

inline void prefetch_row(const void* row, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(row) + at);
}

}  // namespace isolens::ann
