// GCC vector extensions, 128 bits: what every 64-bit processor has (SSE2, NEON).
#pragma once
#include <cstdint>
#include <cstring>

namespace isolens::simd {

constexpr int kLanes = 4;
constexpr int kRows = 4;
constexpr bool kHasBf16 = false;
typedef float Vec __attribute__((vector_size(16)));

inline Vec zero() { return Vec{0, 0, 0, 0}; }
inline Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline Vec load_first(const float* p, int64_t n) {
  if (n >= kLanes) return load(p);
  Vec v = zero();
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
inline void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }
inline void store_first(float* p, Vec v, int64_t n) {
  if (n >= kLanes) return store(p, v);
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
}
// Bit i: lane i is not zero (NaN is not).
inline uint32_t nonzero_lanes(Vec v) {
  uint32_t bits = 0;
  for (int i = 0; i < kLanes; ++i) bits |= static_cast<uint32_t>(v[i] != 0.0f) << i;
  return bits;
}
// Lanes [first, end) of a vector, 0 <= first <= end <= kLanes.
struct Mask {
  int8_t first, end;
};
inline Mask lanes_between(int64_t first, int64_t end) { return {static_cast<int8_t>(first), static_cast<int8_t>(end)}; }
inline Vec load_merge(Vec v, Mask mask, const float* p) {
  for (int i = mask.first; i < mask.end; ++i) v[i] = p[i];
  return v;
}
inline void store_masked(float* p, Mask mask, Vec v) {
  for (int i = mask.first; i < mask.end; ++i) p[i] = v[i];
}
// Lane i: p[step * i] for lanes [first, end), zero elsewhere.
inline Vec load_strided(const float* p, int64_t step, int64_t first, int64_t end) {
  if (step == 1) return load_merge(zero(), lanes_between(first, end), p);
  float lanes[kLanes] = {};
  for (int64_t i = first; i < end; ++i) lanes[i] = p[step * i];
  return load(lanes);
}
// p[2 i] = a[i], p[2 i + 1] = b[i] for the first n values of p.
inline void store_interleaved(float* p, Vec a, Vec b, int64_t n) {
  for (int64_t i = 0; i < n && i < 2 * kLanes; ++i) p[i] = i % 2 == 0 ? a[i / 2] : b[i / 2];
}
inline Vec broadcast(float x) { return Vec{x, x, x, x}; }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return a * b + c; }
inline void store_piece(float* p, Vec v, int) { store(p, v); }

inline void transpose(Vec v[4]) {
  for (int i = 0; i < 4; ++i) {
    for (int j = i + 1; j < 4; ++j) {
      const float t = v[i][j];
      v[i][j] = v[j][i];
      v[j][i] = t;
    }
  }
}

}  // namespace isolens::simd
