// Reductions over any axes of a tensor. Where few results come of many elements, the elements are shared out among blocks and
// a second launch joins their parts, in order: the same bits on every run.
#pragma once
#include "axes.cuh"

namespace isolens::cuda {

// Which elements of a whole tensor fall into each result: position = kept(o) + reduced(r).
struct ReduceLayout {
  Axes<1> kept, reduced;
  int64_t kept_count = 1, reduced_count = 1;
  bool runs_reduced = false;  // the innermost axis is reduced
};

inline ReduceLayout make_reduce_layout(const Shape& shape, const std::vector<bool>& reduce) {
  const Shape steps = contiguous_steps(shape);
  ReduceLayout layout;
  Shape sizes[2], walks[2];
  for (size_t axis = 0; axis < shape.size(); axis++) {
    const int side = reduce[axis] ? 1 : 0;
    sizes[side].push_back(shape[axis]);
    walks[side].push_back(steps[axis]);
    (reduce[axis] ? layout.reduced_count : layout.kept_count) *= shape[axis];
    if (shape[axis] != 1) layout.runs_reduced = reduce[axis];
  }
  layout.kept = make_axes<1>(sizes[0], {walks[0]});
  layout.reduced = make_axes<1>(sizes[1], {walks[1]});
  return layout;
}

// The axes of `out` along which `shape`, which broadcasts to it, is repeated.
inline ReduceLayout make_repeat_layout(const Shape& shape, const Shape& out) {
  std::vector<bool> reduce(out.size(), false);
  for (size_t back = 0; back < out.size(); back++) {
    const bool repeated = back >= shape.size() || shape[shape.size() - 1 - back] == 1;
    reduce[out.size() - 1 - back] = repeated && out[out.size() - 1 - back] != 1;
  }
  return make_reduce_layout(out, reduce);
}

// How results are formed: Part is what a thread gathers.
struct SumRule {
  using Part = float;
  __device__ static Part none() { return 0.0f; }
  __device__ static Part of(float value) { return value; }
  __device__ static Part join(Part a, Part b) { return a + b; }
  __device__ static float result(Part part) { return part; }
};
struct MaxRule {
  using Part = float;
  __device__ static Part none() { return -INFINITY; }
  __device__ static Part of(float value) { return value; }
  __device__ static Part join(Part a, Part b) { return b > a || b != b ? b : a; }
  __device__ static float result(Part part) { return part; }
};
struct LogSumExpRule {
  struct Part {
    float best, sum;  // sum of exp(value - best)
  };
  __device__ static Part none() { return {-INFINITY, 0.0f}; }
  __device__ static Part of(float value) { return {value, 1.0f}; }
  __device__ static Part join(Part a, Part b) {
    if (b.best != b.best) return b;
    const Part &high = b.best > a.best ? b : a, &low = b.best > a.best ? a : b;
    // Equal infinities: their difference is no number.
    if (low.sum == 0.0f || low.best == high.best) return {high.best, high.sum + low.sum};
    return {high.best, high.sum + low.sum * expf(low.best - high.best)};
  }
  __device__ static float result(Part part) { return isfinite(part.best) ? part.best + logf(part.sum) : part.best; }
};

constexpr int kTileColumns = 32, kTileRows = 8;

// Blocks that share the elements of one result.
inline int64_t reduce_splits(const ReduceLayout& layout) {
  const int64_t blocks = layout.runs_reduced ? layout.kept_count : (layout.kept_count + kTileColumns - 1) / kTileColumns;
  const int64_t smallest = layout.runs_reduced ? 4096 : 256;
  const int64_t wanted = std::min<int64_t>(1056 / std::max<int64_t>(1, blocks), layout.reduced_count / smallest);
  return std::max<int64_t>(1, std::min<int64_t>(wanted, 256));
}
inline size_t reduce_workspace_bytes(const ReduceLayout& layout) {
  const int64_t splits = reduce_splits(layout);
  return splits > 1 ? static_cast<size_t>(splits * layout.kept_count) * 8 : 0;
}

namespace detail {

template <typename Rule>
__device__ typename Rule::Part join_rows(typename Rule::Part mine, typename Rule::Part* parts, int column, int row, int columns, int rows) {
  parts[row * columns + column] = mine;
  for (int half = rows / 2; half > 0; half /= 2) {
    __syncthreads();
    if (row < half) parts[row * columns + column] = Rule::join(parts[row * columns + column], parts[(row + half) * columns + column]);
  }
  __syncthreads();
  return parts[column];
}

template <typename Rule>
__device__ void store_result(typename Rule::Part part, int64_t o, int64_t split, const ReduceLayout& layout, void* parts, float* y, bool accumulate, float scale) {
  if (parts != nullptr) {
    static_cast<typename Rule::Part*>(parts)[split * layout.kept_count + o] = part;
    return;
  }
  const float value = Rule::result(part) * scale;
  y[o] = accumulate ? y[o] + value : value;
}

// The innermost axis is reduced: a block for each result (x) and split (y).
template <typename Rule, typename Term>
__global__ void __launch_bounds__(kThreads) reduce_runs(float* y, void* parts, ReduceLayout layout, bool accumulate, float scale, Term term) {
  __shared__ typename Rule::Part shared[kThreads];
  const int64_t splits = gridDim.y, split = blockIdx.y;
  const int64_t begin = layout.reduced_count * split / splits, end = layout.reduced_count * (split + 1) / splits;
  for (int64_t o = blockIdx.x; o < layout.kept_count; o += gridDim.x) {
    int64_t base[1], at[1];
    layout.kept.locate(o, base);
    typename Rule::Part part = Rule::none();
    for (int64_t r = begin + threadIdx.x; r < end; r += kThreads) {
      layout.reduced.locate(r, at);
      part = Rule::join(part, Rule::of(term(base[0] + at[0])));
    }
    part = join_rows<Rule>(part, shared, 0, static_cast<int>(threadIdx.x), 1, kThreads);
    if (threadIdx.x == 0) store_result<Rule>(part, o, split, layout, parts, y, accumulate, scale);
    __syncthreads();
  }
}

// The innermost axis is kept: tiles of 32 results, so that neighbours read neighbours.
template <typename Rule, typename Term>
__global__ void __launch_bounds__(kThreads) reduce_columns(float* y, void* parts, ReduceLayout layout, bool accumulate, float scale, Term term) {
  __shared__ typename Rule::Part shared[kThreads];
  const int column = static_cast<int>(threadIdx.x) % kTileColumns, row = static_cast<int>(threadIdx.x) / kTileColumns;
  const int64_t splits = gridDim.y, split = blockIdx.y;
  const int64_t begin = layout.reduced_count * split / splits, end = layout.reduced_count * (split + 1) / splits;
  for (int64_t first = static_cast<int64_t>(blockIdx.x) * kTileColumns; first < layout.kept_count; first += static_cast<int64_t>(gridDim.x) * kTileColumns) {
    const int64_t o = first + column;
    const bool inside = o < layout.kept_count;
    int64_t base[1] = {0}, at[1];
    if (inside) layout.kept.locate(o, base);
    typename Rule::Part part = Rule::none();
    for (int64_t r = begin + row; inside && r < end; r += kTileRows) {
      layout.reduced.locate(r, at);
      part = Rule::join(part, Rule::of(term(base[0] + at[0])));
    }
    part = join_rows<Rule>(part, shared, column, row, kTileColumns, kTileRows);
    if (row == 0 && inside) store_result<Rule>(part, o, split, layout, parts, y, accumulate, scale);
    __syncthreads();
  }
}

template <typename Rule>
__global__ void __launch_bounds__(kThreads) join_splits(float* y, const typename Rule::Part* parts, int64_t count, int64_t splits, bool accumulate, float scale) {
  for (int64_t o = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; o < count; o += static_cast<int64_t>(gridDim.x) * kThreads) {
    typename Rule::Part part = parts[o];
    for (int64_t s = 1; s < splits; s++) part = Rule::join(part, parts[s * count + o]);
    const float value = Rule::result(part) * scale;
    y[o] = accumulate ? y[o] + value : value;
  }
}

}  // namespace detail

// y[o] = or += scale * the reduction of term(position) over the reduced axes. workspace: reduce_workspace_bytes().
template <typename Rule, typename Term>
cudaError_t reduce(float* y, const ReduceLayout& layout, bool accumulate, float scale, Term term, void* workspace, cudaStream_t stream) {
  if (layout.kept_count == 0) return cudaSuccess;
  const int64_t splits = reduce_splits(layout);
  void* parts = splits > 1 ? workspace : nullptr;
  const int64_t tile = layout.runs_reduced ? 1 : kTileColumns;
  const dim3 grid(static_cast<unsigned int>(std::min<int64_t>((layout.kept_count + tile - 1) / tile, 65536)), static_cast<unsigned int>(splits));
  if (layout.runs_reduced) {
    ISOLENS_LAUNCH((detail::reduce_runs<Rule, Term>), grid, kThreads, 0, stream, y, parts, layout, accumulate, scale, term);
  } else {
    ISOLENS_LAUNCH((detail::reduce_columns<Rule, Term>), grid, kThreads, 0, stream, y, parts, layout, accumulate, scale, term);
  }
  if (splits > 1) {
    ISOLENS_LAUNCH(detail::join_splits<Rule>, blocks_for(layout.kept_count), kThreads, 0, stream, y, static_cast<const typename Rule::Part*>(parts),
                   layout.kept_count, splits, accumulate, scale);
  }
  return cudaGetLastError();
}

struct ValueTerm {
  const float* x;
  __device__ float operator()(int64_t i) const { return x[i]; }
};

}  // namespace isolens::cuda
