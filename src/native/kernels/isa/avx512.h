// AVX-512: 32 registers hold an 8 x 48 tile (24 accumulators), three columns and a broadcast.
#pragma once
#include <immintrin.h>

#include <cstdint>

// GCC 12 takes the undefined pass-through operand inside its own shuffle intrinsics for an uninitialised value.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

namespace isolens::simd {

constexpr int kLanes = 16;  // 32-bit lanes of a vector
constexpr int kRows = 8;    // rows of a register tile
using Vec = __m512;

inline __mmask16 first_lanes(int64_t n) {
  return n >= 16 ? static_cast<__mmask16>(0xffff) : n <= 0 ? static_cast<__mmask16>(0) : static_cast<__mmask16>((1u << n) - 1);
}
inline Vec zero() { return _mm512_setzero_ps(); }
inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
inline Vec load_first(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
inline void store_first(float* p, Vec v, int64_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), v); }
// Bit i: lane i is not zero (NaN is not).
inline uint32_t nonzero_lanes(Vec v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ); }
using Mask = __mmask16;
// Lanes [first, end) of a vector, 0 <= first <= end <= kLanes.
inline Mask lanes_between(int64_t first, int64_t end) { return first_lanes(end) & ~first_lanes(first); }
inline Vec load_merge(Vec v, Mask mask, const float* p) { return _mm512_mask_loadu_ps(v, mask, p); }
inline void store_masked(float* p, Mask mask, Vec v) { _mm512_mask_storeu_ps(p, mask, v); }
// Values [16 at, 16 at + 16) of p, those outside [first, end) not read.
inline Vec load_part(const float* p, int at, int64_t first, int64_t end) {
  return _mm512_maskz_loadu_ps(lanes_between(first - 16 * at, end - 16 * at), p + 16 * at);
}
inline Vec every_second(Vec a, Vec b) {
  return _mm512_permutex2var_ps(a, _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0), b);
}
// Lane i: p[step * i] for lanes [first, end), zero elsewhere; nothing before the first or after the last of them is read.
inline Vec load_strided(const float* p, int64_t step, int64_t first, int64_t end) {
  if (step == 1) return _mm512_maskz_loadu_ps(lanes_between(first, end), p);
  if (first >= end) return zero();
  const int64_t from = step * first, to = step * (end - 1) + 1;
  if (step == 2) return every_second(load_part(p, 0, from, to), load_part(p, 1, from, to));
  if (step == 4) {
    return every_second(every_second(load_part(p, 0, from, to), load_part(p, 1, from, to)),
                        every_second(load_part(p, 2, from, to), load_part(p, 3, from, to)));
  }
  alignas(64) float lanes[16] = {};
  for (int64_t i = first; i < end; ++i) lanes[i] = p[step * i];
  return load(lanes);
}
// p[2 i] = a[i], p[2 i + 1] = b[i] for the first n values of p.
inline void store_interleaved(float* p, Vec a, Vec b, int64_t n) {
  const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  const __m512i high = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
  store_first(p, _mm512_permutex2var_ps(a, low, b), n);
  if (n > 16) store_first(p + 16, _mm512_permutex2var_ps(a, high, b), n - 16);
}
inline Vec broadcast(float x) { return _mm512_set1_ps(x); }
inline Vec multiply_add(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
// Lanes [piece * kRows, (piece + 1) * kRows).
inline void store_piece(float* p, Vec v, int piece) {
  const __m512d d = _mm512_castps_pd(v);
  _mm256_storeu_pd(reinterpret_cast<double*>(p), piece == 0 ? _mm512_castpd512_pd256(d) : _mm512_extractf64x4_pd(d, 1));
}

#ifdef __AVX512BF16__
constexpr bool kHasBf16 = true;
inline Vec multiply_add_pairs(Vec a, Vec b, Vec c) {
  return _mm512_dpbf16_ps(c, (__m512bh)_mm512_castps_si512(a), (__m512bh)_mm512_castps_si512(b));
}
// 32 consecutive values, already given as two vectors, to 16 lanes of (even, odd) pairs.
inline Vec pair_along(Vec low, Vec high) { return _mm512_castsi512_ps((__m512i)_mm512_cvtne2ps_pbh(high, low)); }
// Lane i: (even[i], odd[i]).
inline Vec pair_across(Vec even, Vec odd) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20,
                                         4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_castsi512_ps(_mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(odd, even)));
}
#else
constexpr bool kHasBf16 = false;
#endif

// Rows to columns, in place.
inline void transpose(Vec v[16]) {
  __m512 t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(v[i], v[i + 1]);
  }
  __m512 u[16];
  for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; ++j) {
      const __m512d a = _mm512_castps_pd(t[i + j]), b = _mm512_castps_pd(t[i + 2 + j]);
      u[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
      u[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    }
  }
  // u[4g + c]: 128-bit block b holds column 4b + c of rows 4g .. 4g + 3.
  for (int c = 0; c < 4; ++c) {
    const __m512 p = _mm512_shuffle_f32x4(u[c], u[4 + c], 0x88), q = _mm512_shuffle_f32x4(u[c], u[4 + c], 0xdd);
    const __m512 r = _mm512_shuffle_f32x4(u[8 + c], u[12 + c], 0x88), s = _mm512_shuffle_f32x4(u[8 + c], u[12 + c], 0xdd);
    v[c] = _mm512_shuffle_f32x4(p, r, 0x88);
    v[8 + c] = _mm512_shuffle_f32x4(p, r, 0xdd);
    v[4 + c] = _mm512_shuffle_f32x4(q, s, 0x88);
    v[12 + c] = _mm512_shuffle_f32x4(q, s, 0xdd);
  }
}

}  // namespace isolens::simd

#pragma GCC diagnostic pop
