// Loops over elements: one launch, four elements a thread at a time where nothing forbids it.
#pragma once
#include <algorithm>

#include "device.h"

namespace isolens::cuda {

constexpr int kThreads = 256;
// Enough blocks to fill any device; grid-stride loops do the rest.
inline unsigned int blocks_for(int64_t count, int64_t per_block = kThreads) {
  return static_cast<unsigned int>(std::min<int64_t>(std::max<int64_t>(1, (count + per_block - 1) / per_block), 16384));
}

namespace detail {

template <typename Term>
__global__ void __launch_bounds__(kThreads) store_terms_kernel(float* y, int64_t count, bool accumulate, Term term) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
    const float value = term(i);
    y[i] = accumulate ? y[i] + value : value;
  }
}

// map(a, b) with operands read four at a time; b may be null where Map does not read it.
template <bool ReadsB, typename Map>
__global__ void __launch_bounds__(kThreads) map_kernel(float* y, const float* a, const float* b, int64_t count, bool accumulate, Map map) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x, first = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t quads = count / 4;
  for (int64_t q = first; q < quads; q += step) {
    const float4 va = reinterpret_cast<const float4*>(a)[q];
    const float4 vb = ReadsB ? reinterpret_cast<const float4*>(b)[q] : va;
    float4 result = make_float4(map(va.x, vb.x), map(va.y, vb.y), map(va.z, vb.z), map(va.w, vb.w));
    if (accumulate) {
      const float4 old = reinterpret_cast<const float4*>(y)[q];
      result = make_float4(old.x + result.x, old.y + result.y, old.z + result.z, old.w + result.w);
    }
    reinterpret_cast<float4*>(y)[q] = result;
  }
  for (int64_t i = quads * 4 + first; i < count; i += step) {
    const float value = map(a[i], ReadsB ? b[i] : a[i]);
    y[i] = accumulate ? y[i] + value : value;
  }
}

}  // namespace detail

// y[i] = or += term(i)
template <typename Term>
cudaError_t store_terms(float* y, int64_t count, bool accumulate, Term term, cudaStream_t stream) {
  if (count <= 0) return cudaSuccess;
  ISOLENS_LAUNCH(detail::store_terms_kernel<Term>, blocks_for(count), kThreads, 0, stream, y, count, accumulate, term);
  return cudaGetLastError();
}

// y[i] = or += map(a[i], b[i]); y may be a or b. All are 16-byte aligned, as whole tensors are.
template <bool ReadsB, typename Map>
cudaError_t map_terms(float* y, const float* a, const float* b, int64_t count, bool accumulate, Map map, cudaStream_t stream) {
  if (count <= 0) return cudaSuccess;
  ISOLENS_LAUNCH((detail::map_kernel<ReadsB, Map>), blocks_for(count, 4 * kThreads), kThreads, 0, stream, y, a, b, count, accumulate, map);
  return cudaGetLastError();
}

inline cudaError_t copy_bytes(void* to, const void* from, int64_t bytes, cudaStream_t stream) {
  if (bytes <= 0 || to == from) return cudaSuccess;
  return cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, stream);
}

struct CopyMap {
  __device__ float operator()(float a, float) const { return a; }
};

// y = or += x
inline cudaError_t copy_floats(float* y, const float* x, int64_t count, bool accumulate, cudaStream_t stream) {
  if (!accumulate) return copy_bytes(y, x, count * 4, stream);
  return map_terms<false>(y, x, x, count, true, CopyMap(), stream);
}

}  // namespace isolens::cuda
