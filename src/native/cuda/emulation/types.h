// Vector types, bfloat16 and the built-in variables of CUDA.
#pragma once
#include <cstdint>
#include <cstring>

#define ISOLENS_VECTOR_TYPES(scalar, name, size)                                                        \
  struct alignas(sizeof(scalar) * 2) name##2 { scalar x, y; };                                          \
  struct name##3 { scalar x, y, z; };                                                                   \
  struct alignas(size) name##4 { scalar x, y, z, w; };                                                  \
  inline name##2 make_##name##2(scalar x, scalar y) { return {x, y}; }                                  \
  inline name##3 make_##name##3(scalar x, scalar y, scalar z) { return {x, y, z}; }                     \
  inline name##4 make_##name##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

ISOLENS_VECTOR_TYPES(float, float, 16)
ISOLENS_VECTOR_TYPES(int, int, 16)
ISOLENS_VECTOR_TYPES(unsigned int, uint, 16)
ISOLENS_VECTOR_TYPES(unsigned short, ushort, 8)
#undef ISOLENS_VECTOR_TYPES
struct alignas(16) double2 { double x, y; };
inline double2 make_double2(double x, double y) { return {x, y}; }

struct dim3 {
  unsigned int x, y, z;
  dim3(unsigned int x_ = 1, unsigned int y_ = 1, unsigned int z_ = 1) : x(x_), y(y_), z(z_) {}
};

// Set by the scheduler for the thread that has its turn.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

struct __nv_bfloat16 {
  uint16_t bits;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};

inline __nv_bfloat16 __float2bfloat16_rn(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {0x7fff};  // as the hardware does: one NaN
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}
inline __nv_bfloat16 __float2bfloat16(float value) { return __float2bfloat16_rn(value); }
inline float __bfloat162float(__nv_bfloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, 4);
  return result;
}
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {__float2bfloat16_rn(x), __float2bfloat16_rn(y)}; }
inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
inline float2 __bfloat1622float2(__nv_bfloat162 value) { return {__bfloat162float(value.x), __bfloat162float(value.y)}; }
inline float __low2float(__nv_bfloat162 value) { return __bfloat162float(value.x); }
inline float __high2float(__nv_bfloat162 value) { return __bfloat162float(value.y); }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 value) { return value.bits; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return {bits}; }
