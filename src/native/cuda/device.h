// The one header that CUDA sources include: the toolkit's under nvcc, the emulation's under a C++ compiler, so that the same
// source runs on a GPU and, thread by thread, on the CPU. How to write a kernel for both: emulation/README.md.
#pragma once

#if defined(__CUDACC__)

#include <cuda_bf16.h>
#include <cuda_runtime.h>

// kernel: a __global__ function, in parentheses where it has commas; the rest as in <<<...>>>.
#define ISOLENS_LAUNCH(kernel, grid, block, shared_bytes, stream, ...) kernel<<<grid, block, shared_bytes, stream>>>(__VA_ARGS__)

// Dynamic shared memory of the block as an array of `type`, 16-byte aligned.
#define ISOLENS_DYNAMIC_SHARED(type, name)                                 \
  extern __shared__ __align__(16) unsigned char isolens_dynamic_shared[];  \
  type* const name = reinterpret_cast<type*>(isolens_dynamic_shared)

#else

#define ISOLENS_CUDA_EMULATED 1
#include "emulation/language.h"
#include "emulation/runtime.h"

#endif
