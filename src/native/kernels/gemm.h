// The single-threaded product that gemm() and the convolutions share.
#pragma once
#include <cstddef>

#include "kernels.h"

namespace isolens {

struct GemmOperand {
  const float* data;
  int64_t ld;
  bool transposed;
};

// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * C in the calling thread.
void gemm_serial(bool pairs, int64_t m, int64_t n, int64_t k, float alpha, GemmOperand a, GemmOperand b, float beta, float* c,
                 int64_t ldc);

// Scratch of the calling thread, kept until the thread ends; contents are lost on the next call with the same slot.
float* thread_scratch(int slot, size_t floats);

inline bool use_pairs(Precision precision) { return precision == Precision::kBf16 && has_bf16(); }

}  // namespace isolens
