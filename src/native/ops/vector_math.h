// Branch-free f32 functions that the compiler turns into vector code inside loops; relative errors of a few 1e-7.
#pragma once
#include <cstdint>
#include <cstring>
#include <limits>

namespace isolens {

inline float bits_to_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
inline uint32_t float_to_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

// e^x after Cephes: x = n ln 2 + r, polynomial in r, exponent by bits. 0 below -87.3, infinity above 88.7.
inline float exp_f(float x) {
  const float low = -87.33654f, high = 88.72283f;
  float t = x < low ? low : x;
  t = t > high ? high : t;
  const float shifted = t * 1.44269504088896341f + 12582912.0f;  // 1.5 * 2^23: the whole part lands in the low bits
  const float n = shifted - 12582912.0f;
  float r = t - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // n reaches 128, one more than an exponent holds: two factors.
  const uint32_t whole = float_to_bits(shifted) - 0x4b400000u;
  const float half = bits_to_float((whole + 126u) << 23);
  float result = p * half * 2.0f;
  result = x > high ? std::numeric_limits<float>::infinity() : result;
  return x < low ? 0.0f : result;
}

// Natural logarithm after Cephes. log(0) = -infinity, of negative numbers NaN.
inline float log_f(float x) {
  const bool subnormal = x < 1.17549435e-38f;
  const float scaled = subnormal ? x * 8388608.0f : x;
  const uint32_t bits = float_to_bits(scaled);
  float exponent = static_cast<float>(static_cast<int32_t>(bits >> 23) - 126) - (subnormal ? 23.0f : 0.0f);
  float m = bits_to_float((bits & 0x007fffffu) | 0x3f000000u);  // [0.5, 1)
  const bool small = m < 0.707106781186547524f;
  exponent = small ? exponent - 1.0f : exponent;
  m = (small ? m + m : m) - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  p = p * m * z - 2.12194440e-4f * exponent - 0.5f * z;
  float result = m + p + 0.693359375f * exponent;
  result = x == std::numeric_limits<float>::infinity() ? x : result;
  result = x == 0.0f ? -std::numeric_limits<float>::infinity() : result;
  return x >= 0.0f ? result : std::numeric_limits<float>::quiet_NaN();
}

// log(1 + u) for u >= 0: the rounding of 1 + u is divided out again.
inline float log1p_f(float u) {
  const float w = 1.0f + u;
  const float difference = w - 1.0f;
  const float corrected = log_f(w) * (u / (difference == 0.0f ? 1.0f : difference));
  return difference == 0.0f ? u : corrected;
}

inline float sigmoid_f(float x) { return 1.0f / (1.0f + exp_f(-x)); }

inline float tanh_f(float x) {
  const float a = x < 0.0f ? -x : x;
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float near_zero = x + x * z * p;
  const float magnitude = 1.0f - 2.0f / (exp_f(2.0f * a) + 1.0f);
  const float far = x < 0.0f ? -magnitude : magnitude;
  return a < 0.625f ? near_zero : far;
}

// Rational approximation on [-4, 4], beyond which erf is +-1 in f32.
inline float erf_f(float x) {
  float t = x < -4.0f ? -4.0f : x;
  t = t > 4.0f ? 4.0f : t;
  const float z = t * t;
  float p = -2.72614225801306e-10f;
  p = p * z + 2.77068142495902e-08f;
  p = p * z - 2.10102402082508e-06f;
  p = p * z - 5.69250639462346e-05f;
  p = p * z - 7.34990630326855e-04f;
  p = p * z - 2.95459980854025e-03f;
  p = p * z - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * z - 2.13374055278905e-04f;
  q = q * z - 1.68282697438203e-03f;
  q = q * z - 7.37332916720468e-03f;
  q = q * z - 1.42647390514189e-02f;
  return t * p / q;
}

}  // namespace isolens
