// The tensor-core instructions of a warp, each with a twin for the emulation that moves the same numbers between the same lanes.
// All 32 lanes call them together.
#pragma once
#include "../device.h"

namespace isolens::cuda {

using bf16 = __nv_bfloat16;

// Two bf16 in one register, the earlier one in the low half.
__device__ __forceinline__ unsigned pack_pair(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  return static_cast<unsigned>(__bfloat16_as_ushort(pair.x)) | (static_cast<unsigned>(__bfloat16_as_ushort(pair.y)) << 16);
}

#if defined(ISOLENS_CUDA_EMULATED)

namespace twin {

struct Load {
  const bf16* row;  // 16-byte aligned row of 8 that this lane names
  unsigned* to;
};

template <bool Transposed>
void load_matrices(void* const* lanes, uint32_t) {
  for (int lane = 0; lane < 32; lane++) {
    for (int matrix = 0; matrix < 4; matrix++) {
      unsigned packed = 0;
      for (int half = 0; half < 2; half++) {
        const int row = lane / 4, column = lane % 4 * 2 + half;
        const auto* source = static_cast<const Load*>(lanes[8 * matrix + (Transposed ? column : row)]);
        packed |= static_cast<unsigned>(source->row[Transposed ? row : column].bits) << (16 * half);
      }
      static_cast<Load*>(lanes[lane])->to[matrix] = packed;
    }
  }
}

struct Product {
  float* c;           // 4
  const unsigned* a;  // 4
  const unsigned* b;  // 2
};

inline float half_of(unsigned packed, int half) { return __bfloat162float(bf16{static_cast<uint16_t>(packed >> (16 * half))}); }

inline void multiply_fragments(void* const* lanes, uint32_t) {
  float a[16][16], b[16][8];
  for (int lane = 0; lane < 32; lane++) {
    const auto* mine = static_cast<const Product*>(lanes[lane]);
    for (int i = 0; i < 4; i++) {
      for (int half = 0; half < 2; half++) a[lane / 4 + 8 * (i % 2)][lane % 4 * 2 + half + 8 * (i / 2)] = half_of(mine->a[i], half);
    }
    for (int i = 0; i < 2; i++) {
      for (int half = 0; half < 2; half++) b[lane % 4 * 2 + half + 8 * i][lane / 4] = half_of(mine->b[i], half);
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    auto* mine = static_cast<Product*>(lanes[lane]);
    for (int i = 0; i < 4; i++) {
      float sum = 0;
      for (int k = 0; k < 16; k++) sum += a[lane / 4 + 8 * (i / 2)][k] * b[k][lane % 4 * 2 + i % 2];
      mine->c[i] += sum;
    }
  }
}

}  // namespace twin

#define ISOLENS_LOAD_MATRICES(transposed, to, row)                                                              \
  do {                                                                                                          \
    if (reinterpret_cast<uintptr_t>(row) % 16 != 0) emulation::refuse(ISOLENS_PLACE, "a matrix row off 16 bytes"); \
    twin::Load mine{row, to};                                                                                   \
    emulation::warp_collective(ISOLENS_PLACE, 0xffffffffu, &mine, twin::load_matrices<transposed>);             \
  } while (0)

#endif

// Four 8 x 8 matrices: lane l names row l % 8 of matrix l / 8 in shared memory and receives of each matrix the elements
// (l / 4, l % 4 * 2) and the one after it.
__device__ __forceinline__ void load_matrices(unsigned (&to)[4], const bf16* row) {
#if defined(ISOLENS_CUDA_EMULATED)
  ISOLENS_LOAD_MATRICES(false, to, row);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(address));
#endif
}

// The same of the transposed matrices.
__device__ __forceinline__ void load_matrices_transposed(unsigned (&to)[4], const bf16* row) {
#if defined(ISOLENS_CUDA_EMULATED)
  ISOLENS_LOAD_MATRICES(true, to, row);
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(address));
#endif
}

// c: (16, 8) += a: (16, 16) * b: (16, 8). Lane l holds of c the rows l / 4 and l / 4 + 8 at columns l % 4 * 2 and the next.
__device__ __forceinline__ void multiply_fragments(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#if defined(ISOLENS_CUDA_EMULATED)
  const unsigned b[2] = {b0, b1};
  twin::Product mine{c, a, b};
  emulation::warp_collective(ISOLENS_PLACE, 0xffffffffu, &mine, twin::multiply_fragments);
#else
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}

// 16 bytes from global to shared memory, not waited for; with count 0 the 16 bytes become zero.
__device__ __forceinline__ void copy_async(void* shared, const void* global, bool present) {
#if defined(ISOLENS_CUDA_EMULATED)
  if (present) {
    std::memcpy(shared, global, 16);
  } else {
    std::memset(shared, 0, 16);
  }
#else
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const int bytes = present ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(bytes));
#endif
}
__device__ __forceinline__ void close_copies() {
#if !defined(ISOLENS_CUDA_EMULATED)
  asm volatile("cp.async.commit_group;");
#endif
}
// Waits until at most `Pending` of this thread's closed groups are under way.
template <int Pending>
__device__ __forceinline__ void wait_for_copies() {
#if !defined(ISOLENS_CUDA_EMULATED)
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending));
#endif
}

}  // namespace isolens::cuda
