// Matrix products and convolutions: the only code whose speed decides training time. Plain functions over raw pointers;
// the callers (ops/) own shapes, memory and errors.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../core/thread_pool.h"

namespace isolens {

// kBf16: operands are rounded to bfloat16 while they are packed, products accumulate in f32; used only where the
// processor has the instructions (has_bf16()), otherwise it means kF32.
enum class Precision { kF32, kBf16 };
bool has_bf16();

// C = alpha * op(A) * op(B) + beta * C, all row-major.
// C: (M, N) leading dimension ldc;  op(A): (M, K);  op(B): (K, N).  beta == 0 overwrites C (it may hold NaN).
void gemm(ThreadPool& pool, Precision precision, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha,
          const float* a, int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

struct ConvShape {
  int64_t batch, in_channels, in_height, in_width;   // x: (N, C, H, W)
  int64_t out_channels, kernel_height, kernel_width;  // w: (K, C / groups, R, S)
  int64_t stride_height, stride_width, pad_top, pad_left, pad_bottom, pad_right, groups;
  int64_t out_height() const { return (in_height + pad_top + pad_bottom - kernel_height) / stride_height + 1; }
  int64_t out_width() const { return (in_width + pad_left + pad_right - kernel_width) / stride_width + 1; }
};

// Scratch that the convolution functions need, in bytes; the caller plans it once. 64-byte aligned.
size_t conv2d_workspace_bytes(const ConvShape& shape, int threads);

// y: (N, K, P, Q) = conv(x, w) + bias (bias may be null).
void conv2d_forward(ThreadPool& pool, Precision precision, float* y, const float* x, const float* w, const float* bias,
                    const ConvShape& shape, void* workspace);
// dx: (N, C, H, W) = overwritten.
void conv2d_backward_data(ThreadPool& pool, Precision precision, float* dx, const float* dy, const float* w,
                          const ConvShape& shape, void* workspace);
// dw: (K, C / groups, R, S) += ; dbias: (K) += (may be null).
void conv2d_backward_weights(ThreadPool& pool, Precision precision, float* dw, float* dbias, const float* x, const float* dy,
                             const ConvShape& shape, void* workspace);

}  // namespace isolens
