// Tensor-core work behind plain functions, callable from host code: matrix products, convolutions. Pointers are device
// memory, every launch goes to `stream`, nothing waits, nothing allocates: callers plan the workspace. A function returns
// what the launch returned; errors of the running kernel show up later, as always with CUDA.
//
// Meaning is that of ../../kernels/kernels.h: with kBf16, operands are rounded to bfloat16 as they are loaded, products
// accumulate in f32; with kF32, f32 arithmetic throughout (no TF32).
#pragma once
#include "../../kernels/kernels.h"
#include "../device.h"

namespace isolens::cuda {

// How an operand lies in memory. kBf16 operands are only given together with Precision::kBf16.
enum class Element { kF32, kBf16 };

enum class Activation { kNone, kRelu };

// c[i]: (M, N) = activation(alpha * op(a[i]) * op(b[i]) + beta * c[i] + bias), i < batch, all row-major.
// op(a): (M, K), leading dimension lda;  op(b): (K, N), ldb;  c: (M, N), ldc. beta == 0 overwrites c (it may hold NaN).
// k == 0 gives zero products. m, n or batch of 0 launch nothing.
struct GemmProblem {
  int64_t m = 0, n = 0, k = 0;
  bool trans_a = false, trans_b = false;
  const void* a = nullptr;
  const void* b = nullptr;
  float* c = nullptr;
  int64_t lda = 0, ldb = 0, ldc = 0;
  Element type_a = Element::kF32, type_b = Element::kF32;
  float alpha = 1, beta = 0;
  int64_t batch = 1, stride_a = 0, stride_b = 0, stride_c = 0;  // elements between the matrices of a batch; 0: the same one
  // Epilogue. bias: one number a column (N), multiplied by bias_scale; null: none.
  const float* bias = nullptr;
  float bias_scale = 1;
  Activation activation = Activation::kNone;
};

// Scratch (split-k partial sums and the like), for one call at a time on a stream; 256-byte aligned.
size_t gemm_workspace_bytes(Precision precision, const GemmProblem& problem);
cudaError_t gemm(Precision precision, const GemmProblem& problem, void* workspace, cudaStream_t stream);

// x: (N, C, H, W), w: (K, C / groups, R, S), y: (N, K, P, Q); the largest scratch of the three functions below.
size_t conv2d_workspace_bytes(Precision precision, const ConvShape& shape);
// y = conv(x, w) + bias (may be null)
cudaError_t conv2d_forward(Precision precision, float* y, const float* x, const float* w, const float* bias, const ConvShape& shape,
                           void* workspace, cudaStream_t stream);
// dx = or, with accumulate, +=
cudaError_t conv2d_backward_data(Precision precision, float* dx, const float* dy, const float* w, bool accumulate, const ConvShape& shape,
                                 void* workspace, cudaStream_t stream);
// dw +=; dbias: (K) += (may be null). The same bits on every run: no atomic sums.
cudaError_t conv2d_backward_weights(Precision precision, float* dw, float* dbias, const float* x, const float* dy, const ConvShape& shape,
                                    void* workspace, cudaStream_t stream);

}  // namespace isolens::cuda
