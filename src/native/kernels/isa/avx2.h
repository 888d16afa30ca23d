// AVX2 + FMA: 16 registers hold a 4 x 24 tile (12 accumulators), three columns and a broadcast.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace isolens::simd {

constexpr int kLanes = 8;
constexpr int kRows = 4;
constexpr bool kHasBf16 = false;
using Vec = __m256;

inline __m256i first_lanes(int64_t n) {
  alignas(32) static const int32_t edge[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  const int64_t k = n < 0 ? 0 : n > 8 ? 8 : n;
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(edge + 8 - k));
}
inline Vec zero() { return _mm256_setzero_ps(); }
inline Vec load(const float* p) { return _mm256_loadu_ps(p); }
inline Vec load_first(const float* p, int64_t n) { return _mm256_maskload_ps(p, first_lanes(n)); }
inline void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
inline void store_first(float* p, Vec v, int64_t n) { _mm256_maskstore_ps(p, first_lanes(n), v); }
// Bit i: lane i is not zero (NaN is not).
inline uint32_t nonzero_lanes(Vec v) {
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_NEQ_UQ)));
}
using Mask = __m256i;
// Lanes [first, end) of a vector, 0 <= first <= end <= kLanes.
inline Mask lanes_between(int64_t first, int64_t end) { return _mm256_andnot_si256(first_lanes(first), first_lanes(end)); }
inline Vec load_merge(Vec v, Mask mask, const float* p) {
  return _mm256_blendv_ps(v, _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}
inline void store_masked(float* p, Mask mask, Vec v) { _mm256_maskstore_ps(p, mask, v); }
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
inline Vec broadcast(float x) { return _mm256_set1_ps(x); }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
inline void store_piece(float* p, Vec v, int piece) {
  _mm_storeu_ps(p, piece == 0 ? _mm256_castps256_ps128(v) : _mm256_extractf128_ps(v, 1));
}

inline void transpose(Vec v[8]) {
  __m256 t[8], u[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; ++j) {
      u[i + 2 * j] = _mm256_shuffle_ps(t[i + j], t[i + 2 + j], 0x44);
      u[i + 2 * j + 1] = _mm256_shuffle_ps(t[i + j], t[i + 2 + j], 0xee);
    }
  }
  for (int c = 0; c < 4; ++c) {
    v[c] = _mm256_permute2f128_ps(u[c], u[4 + c], 0x20);
    v[4 + c] = _mm256_permute2f128_ps(u[c], u[4 + c], 0x31);
  }
}

}  // namespace isolens::simd
