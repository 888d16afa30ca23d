// Positions in tensors whose axes are reordered, repeated or cut, found from the number of an element by division.
#pragma once
#include <vector>

#include "../core/op.h"
#include "../ops/broadcast.h"
#include "elementwise.cuh"

namespace isolens::cuda {

constexpr int kMaximumAxes = 8;

// Steps of N operands along the axes of one shape, innermost last.
template <int N>
struct Axes {
  int count = 0;
  uint32_t size[kMaximumAxes];
  double inverse[kMaximumAxes];  // 1 / size
  int64_t step[N][kMaximumAxes];

  // Where element `i` lies in each operand. Counts beyond 32 bits take the slow road.
  __device__ void locate(int64_t i, int64_t* at) const {
    for (int k = 0; k < N; k++) at[k] = 0;
    if (i <= 0xffffffffll) {
      uint32_t rest = static_cast<uint32_t>(i);
      for (int axis = count - 1; axis > 0; axis--) {
        const uint32_t quotient = rest / size[axis], index = rest - quotient * size[axis];
        for (int k = 0; k < N; k++) at[k] += index * step[k][axis];
        rest = quotient;
      }
      for (int k = 0; k < N; k++) at[k] += rest * step[k][0];
      return;
    }
    // A division of 64 bits is a call, around which registers spill; a product is off by one at most.
    int64_t rest = i;
    for (int axis = count - 1; axis >= 0; axis--) {
      int64_t quotient = static_cast<int64_t>(static_cast<double>(rest) * inverse[axis]), index = rest - quotient * size[axis];
      if (index < 0) quotient--, index += size[axis];
      if (index >= size[axis]) quotient++, index -= size[axis];
      for (int k = 0; k < N; k++) at[k] += index * step[k][axis];
      rest = quotient;
    }
  }
};

// Drops axes of size 1 and joins neighbours that every operand walks through alike.
template <int N>
Axes<N> make_axes(const Shape& size, const std::vector<Shape>& steps) {
  Axes<N> axes;
  for (size_t axis = 0; axis < size.size(); axis++) {
    if (size[axis] == 1) continue;
    bool joins = axes.count > 0 && static_cast<int64_t>(axes.size[axes.count - 1]) * size[axis] <= 0xffffffffll;
    for (int k = 0; joins && k < N; k++) joins = axes.step[k][axes.count - 1] == size[axis] * steps[static_cast<size_t>(k)][axis];
    if (!joins) axes.count++;
    const int at = axes.count - 1;
    axes.size[at] = joins ? axes.size[at] * static_cast<uint32_t>(size[axis]) : static_cast<uint32_t>(size[axis]);
    for (int k = 0; k < N; k++) axes.step[k][at] = steps[static_cast<size_t>(k)][axis];
  }
  if (axes.count == 0) {
    axes.count = 1;
    axes.size[0] = 1;
    for (int k = 0; k < N; k++) axes.step[k][0] = 0;
  }
  for (int axis = 0; axis < axes.count; axis++) axes.inverse[axis] = 1.0 / axes.size[axis];
  return axes;
}

inline Shape contiguous_steps(const Shape& shape) {
  Shape steps(shape.size());
  int64_t step = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    steps[axis] = step;
    step *= shape[axis];
  }
  return steps;
}

// Steps of `shape` along the axes of `out`, which it broadcasts to: 0 where it is repeated.
inline Shape broadcast_steps(const Shape& shape, const Shape& out) {
  const Shape own = contiguous_steps(shape);
  Shape steps(out.size(), 0);
  for (size_t back = 0; back < shape.size(); back++) {
    const size_t axis = shape.size() - 1 - back;
    if (shape[axis] != 1) steps[out.size() - 1 - back] = own[axis];
  }
  return steps;
}

inline Axes<2> broadcast_axes(const Shape& a, const Shape& b, const Shape& out) { return make_axes<2>(out, {broadcast_steps(a, out), broadcast_steps(b, out)}); }

// Reads x at `base` plus the position of each element.
struct StridedTerm {
  const float* x;
  Axes<1> axes;
  __device__ float operator()(int64_t i) const {
    int64_t at[1];
    axes.locate(i, at);
    return x[at[0]];
  }
};

namespace detail {

static __global__ void __launch_bounds__(kThreads) add_strided_kernel(float* y, const float* x, int64_t count, Axes<1> axes) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
    int64_t at[1];
    axes.locate(i, at);
    y[at[0]] += x[i];
  }
}

}  // namespace detail

// y at the position of element i += x[i]; no two elements lie at one position.
inline cudaError_t add_strided(float* y, const float* x, int64_t count, const Axes<1>& axes, cudaStream_t stream) {
  if (count <= 0) return cudaSuccess;
  ISOLENS_LAUNCH(detail::add_strided_kernel, blocks_for(count), kThreads, 0, stream, y, x, count, axes);
  return cudaGetLastError();
}

}  // namespace isolens::cuda
