// Cosines of a query with several rows at a time.
#pragma once
#include <cstdint>
#include <cstring>

namespace isolens::scan {

typedef float FourFloats __attribute__((vector_size(16)));
typedef double FourDoubles __attribute__((vector_size(32)));

inline FourDoubles widened(const float* from) {
  FourFloats four;
  std::memcpy(&four, from, sizeof four);
  return __builtin_convertvector(four, FourDoubles);
}

// Four sums a row, added in the end from the first to the last: the order of the TypeScript version. Products of two floats are exact in
// double. Several rows at a time, because each sum waits for itself.
constexpr int kTogether = 4;
inline void cosines(const float* query, const float* const* rows, int64_t dimension, double* out) {
  FourDoubles sums[kTogether] = {};
  int64_t i = 0;
  for (; i + 3 < dimension; i += 4) {
    const FourDoubles own = widened(query + i);
    for (int r = 0; r < kTogether; r++) sums[r] += own * widened(rows[r] + i);
  }
  for (; i < dimension; i++) {
    for (int r = 0; r < kTogether; r++) sums[r][0] += static_cast<double>(query[i]) * static_cast<double>(rows[r][i]);
  }
  for (int r = 0; r < kTogether; r++) out[r] = sums[r][0] + sums[r][1] + sums[r][2] + sums[r][3];
}

}  // namespace isolens::scan
