// The vector width of this build. The engine is compiled on the machine that runs it (-march=native), so the choice is made
// by the compiler's macros.
#pragma once
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#include "isa/avx512.h"
#elif defined(__AVX2__) && defined(__FMA__)
#include "isa/avx2.h"
#else
#include "isa/portable.h"
#endif

namespace isolens::simd {

constexpr int kVectors = 3;                    // vectors of a register tile
constexpr int kColumns = kVectors * kLanes;    // columns of a register tile

#if !(defined(__AVX512BF16__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__))
// Never called (kHasBf16 is false); they let the same templates compile everywhere.
inline Vec multiply_add_pairs(Vec, Vec, Vec c) { return c; }
inline Vec pair_along(Vec low, Vec) { return low; }
inline Vec pair_across(Vec even, Vec) { return even; }
#endif

}  // namespace isolens::simd
