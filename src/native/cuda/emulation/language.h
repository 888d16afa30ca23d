// The CUDA keywords, warp and block functions, atomics and arithmetic that kernels use, for a C++ compiler. Every name here
// means what it means in CUDA; a name that is missing is a line to add.
#pragma once
#include <math.h>
#include <type_traits>

#include "scheduler.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __grid_constant__
#define __constant__ static
#define __align__(bytes) __attribute__((aligned(bytes)))
// One block runs at a time, so its shared memory is static; kernels in anonymous namespaces get red zones around it.
#define __shared__ static
#define ISOLENS_DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(::isolens::emulation::dynamic_shared())
#define ISOLENS_PLACE (::isolens::emulation::Place{__FILE__, __LINE__})

#define __syncthreads() ((void)::isolens::emulation::block_barrier(ISOLENS_PLACE, 0))
#define __syncthreads_count(value) (::isolens::emulation::block_barrier(ISOLENS_PLACE, (value) ? 1 : 0))
#define __syncthreads_or(value) (::isolens::emulation::block_barrier(ISOLENS_PLACE, (value) ? 1 : 0) > 0)
#define __syncthreads_and(value) (::isolens::emulation::block_barrier(ISOLENS_PLACE, (value) ? 0 : 1) == 0)
#define ISOLENS_MASK_OR_ALL(...) ::isolens::emulation::mask_or_all(__VA_ARGS__)
#define __syncwarp(...) ::isolens::emulation::warp_collective(ISOLENS_PLACE, ISOLENS_MASK_OR_ALL(__VA_ARGS__), nullptr, nullptr)
#define __shfl_sync(mask, ...) ::isolens::emulation::shuffle(ISOLENS_PLACE, mask, ::isolens::emulation::Shuffle::kIndex, __VA_ARGS__)
#define __shfl_up_sync(mask, ...) ::isolens::emulation::shuffle(ISOLENS_PLACE, mask, ::isolens::emulation::Shuffle::kUp, __VA_ARGS__)
#define __shfl_down_sync(mask, ...) ::isolens::emulation::shuffle(ISOLENS_PLACE, mask, ::isolens::emulation::Shuffle::kDown, __VA_ARGS__)
#define __shfl_xor_sync(mask, ...) ::isolens::emulation::shuffle(ISOLENS_PLACE, mask, ::isolens::emulation::Shuffle::kXor, __VA_ARGS__)
#define __ballot_sync(mask, value) ::isolens::emulation::ballot(ISOLENS_PLACE, mask, (value) ? 1 : 0)
#define __any_sync(mask, value) (::isolens::emulation::ballot(ISOLENS_PLACE, mask, (value) ? 1 : 0) != 0)
#define __all_sync(mask, value) (::isolens::emulation::ballot(ISOLENS_PLACE, mask, (value) ? 0 : 1) == 0)

namespace isolens::emulation {

inline uint32_t mask_or_all(uint32_t mask = 0xffffffffu) { return mask; }

enum class Shuffle { kIndex, kUp, kDown, kXor };

template <typename T>
struct ShuffleArgument {
  T value, result;
  int source;  // lane; its own where CUDA leaves the value unchanged
};

template <typename T>
void combine_shuffle(void* const* arguments, uint32_t mask) {
  for (int lane = 0; lane < 32; lane++) {
    if (((mask >> lane) & 1u) == 0) continue;
    auto* mine = static_cast<ShuffleArgument<T>*>(arguments[lane]);
    const auto* from = static_cast<const ShuffleArgument<T>*>(arguments[mine->source]);
    if (from == nullptr) mine->source = -1;
    if (from != nullptr) mine->result = from->value;
  }
}

template <typename T>
T shuffle(Place where, uint32_t mask, Shuffle kind, T value, int operand, int width = 32) {
  static_assert(std::is_trivially_copyable<T>::value && (sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 2), "shuffles move numbers");
  const int lane = static_cast<int>(lane_of_thread()), first = lane / width * width, last = first + width - 1;
  int source = lane;
  switch (kind) {
    case Shuffle::kIndex: source = first + (operand & (width - 1)); break;
    case Shuffle::kUp: source = lane - operand < first ? lane : lane - operand; break;
    case Shuffle::kDown: source = lane + operand > last ? lane : lane + operand; break;
    case Shuffle::kXor: source = (lane ^ operand) > last ? lane : lane ^ operand; break;
  }
  ShuffleArgument<T> argument{value, value, source};
  warp_collective(where, mask, &argument, combine_shuffle<T>);
  if (argument.source < 0) refuse(where, "a shuffle reads lane " + std::to_string(source) + ", which is not in its mask");
  return argument.result;
}

struct BallotArgument {
  uint32_t value;
};
inline uint32_t ballot(Place where, uint32_t mask, int value) {
  BallotArgument argument{value != 0 ? 1u : 0u};
  warp_collective(where, mask, &argument, [](void* const* arguments, uint32_t lanes) {
    uint32_t votes = 0;
    for (int lane = 0; lane < 32; lane++) {
      if ((lanes >> lane) & 1u) votes |= static_cast<BallotArgument*>(arguments[lane])->value << lane;
    }
    for (int lane = 0; lane < 32; lane++) {
      if ((lanes >> lane) & 1u) static_cast<BallotArgument*>(arguments[lane])->value = votes;
    }
  });
  return argument.value;
}

}  // namespace isolens::emulation

// Blocks and threads take turns, so a plain read and write is atomic.
template <typename T>
T atomicAdd(T* at, std::common_type_t<T> value) { const T old = *at; *at = old + value; return old; }
template <typename T>
T atomicMax(T* at, std::common_type_t<T> value) { const T old = *at; if (value > old) *at = value; return old; }
template <typename T>
T atomicMin(T* at, std::common_type_t<T> value) { const T old = *at; if (value < old) *at = value; return old; }
template <typename T>
T atomicOr(T* at, std::common_type_t<T> value) { const T old = *at; *at = old | value; return old; }
template <typename T>
T atomicExch(T* at, std::common_type_t<T> value) { const T old = *at; *at = value; return old; }
template <typename T>
T atomicCAS(T* at, std::common_type_t<T> expected, std::common_type_t<T> value) { const T old = *at; if (old == expected) *at = value; return old; }
inline void __threadfence() {}
inline void __threadfence_block() {}

template <typename T>
T __ldg(const T* at) { return *at; }
template <typename T>
T __ldcs(const T* at) { return *at; }
template <typename T>
void __stcs(T* at, T value) { *at = value; }

inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __fmaf_rn(float x, float y, float z) { return std::fma(x, y, z); }
inline float __saturatef(float x) { return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x; }
inline int __float_as_int(float x) { int bits; std::memcpy(&bits, &x, 4); return bits; }
inline unsigned int __float_as_uint(float x) { unsigned int bits; std::memcpy(&bits, &x, 4); return bits; }
inline float __int_as_float(int bits) { float x; std::memcpy(&x, &bits, 4); return x; }
inline float __uint_as_float(unsigned int bits) { float x; std::memcpy(&x, &bits, 4); return x; }
inline int __popc(unsigned int x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned int>(x)); }
inline unsigned int __umulhi(unsigned int a, unsigned int b) { return static_cast<unsigned int>((static_cast<uint64_t>(a) * b) >> 32); }

template <typename T>
constexpr T min(T a, T b) { return b < a ? b : a; }
template <typename T>
constexpr T max(T a, T b) { return a < b ? b : a; }
// Of a number and NaN, the number.
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
