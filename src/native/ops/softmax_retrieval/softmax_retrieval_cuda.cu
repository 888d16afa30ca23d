// The processor's algorithm on the device (softmax_retrieval_cpu.cpp): one tile after the other lies in the workspace, products are
// those of cuda/kernels, rows are owned by blocks. Memory grows with (N + M) * D, nothing is summed in an order that varies.
#include "../../cuda/kernels/kernels.h"
#include "../../cuda/op.h"
#include "../../cuda/rows.cuh"

namespace isolens::cuda {

namespace {

constexpr int64_t kBlock = 1024;  // rows of a block: a tile is 4 MiB

enum Input : size_t { kState, kStored, kScale };

struct Rows {
  int64_t first, count;
};

// Of one row: the sum of e^(logit - top) over the columns so far.
struct Running {
  double sum;
  float top;
};

__global__ void __launch_bounds__(kThreads) start_rows(float* out, Running* running, int64_t rows, int64_t width) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads, first = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  for (int64_t i = first; i < rows * width; i += step) out[i] = 0.0f;
  for (int64_t i = first; i < rows; i += step) running[i] = {0.0, -3.402823466e38f};
}

// One block a row. The tile becomes e^(logit - top); what the row has gathered so far is brought to its new top.
__global__ void __launch_bounds__(kThreads) add_tile(float* tile, int64_t columns, const float* scale_of, Running* running, float* out,
                                                     int64_t width) {
  const int64_t row = blockIdx.x;
  float *logits = tile + row * columns, *to = out + row * width;
  const float scale = *scale_of, before = running[row].top;
  float best = -INFINITY;
  for (int64_t j = threadIdx.x; j < columns; j += kThreads) best = MaxOf()(best, scale * logits[j]);
  best = block_max(best);
  const float top = best <= before ? before : best, factor = top == before ? 1.0f : expf(before - top);
  if (factor != 1.0f) {
    for (int64_t k = threadIdx.x; k < width; k += kThreads) to[k] *= factor;
  }
  double sum = 0;
  for (int64_t j = threadIdx.x; j < columns; j += kThreads) {
    logits[j] = expf(scale * logits[j] - top);
    sum += static_cast<double>(logits[j]);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) running[row] = {running[row].sum * static_cast<double>(factor) + sum, top};
}

// One warp a row. Sums become means; of every row backward needs its top and 1 / sum.
__global__ void __launch_bounds__(kThreads) finish_rows(float* out, const Running* running, int64_t rows, int64_t width, float* tops,
                                                        float* inverses) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float inverse = running[row].sum == 0 ? 0.0f : static_cast<float>(1 / running[row].sum);
  float* to = out + row * width;
  row_store(to, width, false, [=](int64_t k) { return inverse * to[k]; });
  if (tops == nullptr || lane_of_row() != 0) return;
  tops[row] = running[row].top;
  inverses[row] = inverse;
}

// One warp a row: dy . y, and no part of dscale yet.
__global__ void __launch_bounds__(kThreads) mean_gradients(float* means, double* shares, const float* dy, const float* y, int64_t rows,
                                                           int64_t width) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float mean = row_sum(width, [=](int64_t k) { return dy[row * width + k] * y[row * width + k]; });
  if (lane_of_row() != 0) return;
  means[row] = mean;
  shares[row] = 0;
}

// One block a row. weights: cosines before, p after; gradients: dy . stored before, scale * g after: the host, which asks for the
// products, does not know the scale.
__global__ void __launch_bounds__(kThreads) logit_gradients(float* weights, float* gradients, int64_t columns, const float* scale_of,
                                                            const float* tops, const float* inverses, const float* means, double* shares) {
  const int64_t row = blockIdx.x;
  float *p = weights + row * columns, *g = gradients + row * columns;
  const float scale = *scale_of, top = tops[row], inverse = inverses[row], mean = means[row], centre = scale == 0 ? 0.0f : top / scale;
  double share = 0;
  for (int64_t j = threadIdx.x; j < columns; j += kThreads) {
    const float cosine = p[j], weight = expf(scale * cosine - top) * inverse, gradient = weight * (g[j] - mean);
    share += static_cast<double>(gradient * (cosine - centre));
    p[j] = weight;
    g[j] = scale * gradient;
  }
  share = block_sum(share);
  if (threadIdx.x == 0) shares[row] += share;
}

// One block for all rows, so that the sum's order is one.
__global__ void __launch_bounds__(kThreads) add_shares(float* dscale, const double* shares, int64_t rows, bool accumulate) {
  double sum = 0;
  for (int64_t i = threadIdx.x; i < rows; i += kThreads) sum += shares[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *dscale = static_cast<float>(sum) + (accumulate ? *dscale : 0.0f);
}

// Every product takes rows and columns as wide as they are, so that leading dimensions follow.
GemmProblem product(int64_t m, int64_t n, int64_t k, bool trans_a, bool trans_b) {
  GemmProblem problem;
  problem.m = m, problem.n = n, problem.k = k;
  problem.trans_a = trans_a, problem.trans_b = trans_b;
  problem.lda = trans_a ? m : k, problem.ldb = trans_b ? k : n, problem.ldc = n;
  return problem;
}

class SoftmaxRetrievalOp final : public DeviceOp {
 public:
  size_t workspace_bytes(const std::vector<TensorSpec>& in, const TensorSpec&, Precision precision) const override {
    return layout(in, precision, nullptr).bytes;
  }

  cudaError_t forward(const OpCall& call) const override {
    const int64_t width = call.in[kState].shape[1], count = call.in[kState].shape[0];
    const Layout at = layout(call.in, call.precision, call.workspace);
    if (count == 0 || width == 0) return cudaSuccess;
    float* const out = call.out_f32();
    ISOLENS_LAUNCH(start_rows, blocks_for(count * width), kThreads, 0, call.stream, out, at.running, count, width);
    ISOLENS_CUDA_TRY(for_tiles(call, [&](const Rows& rows, const Rows& columns) {
      const float* stored = call.f32(kStored) + columns.first * width;
      float* to = out + rows.first * width;
      const float* state = call.f32(kState) + rows.first * width;
      ISOLENS_CUDA_TRY(multiply(call, at, product(rows.count, columns.count, width, false, true), state, stored, at.weights, 0));
      ISOLENS_LAUNCH(add_tile, static_cast<unsigned>(rows.count), kThreads, 0, call.stream, at.weights, columns.count, call.f32(kScale),
                     at.running + rows.first, to, width);
      return multiply(call, at, product(rows.count, width, columns.count, false, false), at.weights, stored, to, 1);
    }));
    auto* saved = static_cast<float*>(call.saved);
    float* inverses = saved == nullptr ? nullptr : saved + count;
    ISOLENS_LAUNCH(finish_rows, blocks_for_rows(count), kThreads, 0, call.stream, out, at.running, count, width, saved, inverses);
    return cudaGetLastError();
  }

  cudaError_t backward(const OpCall& call) const override {
    const int64_t width = call.in[kState].shape[1], count = call.in[kState].shape[0];
    const Layout at = layout(call.in, call.precision, call.workspace);
    // One memory may be both gradients: the second adds to the first.
    for (size_t k : {kState, kStored}) {
      const bool fresh = call.wants(k) && !call.accumulate[k] && call.in[k].count() > 0;
      if (fresh) ISOLENS_CUDA_TRY(cudaMemsetAsync(call.dx[k], 0, static_cast<size_t>(call.in[k].count()) * sizeof(float), call.stream));
    }
    if (count > 0) {
      const float* out = call.out_f32();
      ISOLENS_LAUNCH(mean_gradients, blocks_for_rows(count), kThreads, 0, call.stream, at.means, at.shares, call.dy, out, count, width);
    }
    ISOLENS_CUDA_TRY(for_tiles(call, [&](const Rows& rows, const Rows& columns) { return add_gradients(call, at, rows, columns); }));
    if (call.wants(kScale)) {
      ISOLENS_LAUNCH(add_shares, 1, kThreads, 0, call.stream, call.dx[kScale], at.shares, count, static_cast<bool>(call.accumulate[kScale]));
    }
    return cudaGetLastError();
  }

 private:
  struct Layout {
    float *weights, *gradients, *means;  // a tile (rows, columns) each; (N)
    double* shares;                      // (N)
    Running* running;                    // (N)
    void* products;
    size_t bytes;
  };

  // The places within a workspace that begins at `base`.
  static Layout layout(const std::vector<TensorSpec>& in, Precision precision, void* base) {
    const int64_t count = in[kState].shape[0], width = in[kState].shape[1];
    const int64_t rows = std::min(kBlock, count), columns = std::min(kBlock, in[kStored].shape[0]);
    size_t products = 0, used = 0;
    const GemmProblem cosines = product(rows, columns, width, false, true), across = product(columns, width, rows, true, false);
    for (const GemmProblem& each : {cosines, across, product(rows, width, columns, false, false)}) {
      products = std::max(products, gemm_workspace_bytes(precision, each));
    }
    const auto take = [&](size_t bytes) {
      char* at = static_cast<char*>(base) + used;
      used += (bytes + 255) / 256 * 256;
      return static_cast<void*>(at);
    };
    const size_t tile = static_cast<size_t>(rows * columns) * sizeof(float), each = static_cast<size_t>(count);
    Layout at;
    at.weights = static_cast<float*>(take(tile));
    at.gradients = static_cast<float*>(take(tile));
    at.means = static_cast<float*>(take(each * sizeof(float)));
    at.shares = static_cast<double*>(take(each * sizeof(double)));
    at.running = static_cast<Running*>(take(each * sizeof(Running)));
    at.products = take(products);
    at.bytes = used;
    return at;
  }

  template <typename Body>
  static cudaError_t for_tiles(const OpCall& call, const Body& body) {
    const int64_t rows = call.in[kState].shape[0], columns = call.in[kStored].shape[0];
    for (int64_t i = 0; i < rows; i += kBlock) {
      const Rows block{i, std::min(kBlock, rows - i)};
      for (int64_t j = 0; j < columns; j += kBlock) ISOLENS_CUDA_TRY(body(block, Rows{j, std::min(kBlock, columns - j)}));
    }
    return cudaSuccess;
  }

  // c = or, with beta 1, += a b
  static cudaError_t multiply(const OpCall& call, const Layout& at, GemmProblem problem, const float* a, const float* b, float* c, float beta) {
    problem.a = a, problem.b = b, problem.c = c, problem.beta = beta;
    return gemm(call.precision, problem, at.products, call.stream);
  }

  static cudaError_t add_gradients(const OpCall& call, const Layout& at, const Rows& rows, const Rows& columns) {
    const int64_t width = call.in[kState].shape[1], count = call.in[kState].shape[0];
    const float *state = call.f32(kState) + rows.first * width, *dy = call.dy + rows.first * width;
    const float* stored = call.f32(kStored) + columns.first * width;
    const auto* saved = static_cast<const float*>(call.saved);
    const GemmProblem tile = product(rows.count, columns.count, width, false, true);
    const GemmProblem across = product(columns.count, width, rows.count, true, false);
    ISOLENS_CUDA_TRY(multiply(call, at, tile, state, stored, at.weights, 0));
    ISOLENS_CUDA_TRY(multiply(call, at, tile, dy, stored, at.gradients, 0));
    ISOLENS_LAUNCH(logit_gradients, static_cast<unsigned>(rows.count), kThreads, 0, call.stream, at.weights, at.gradients, columns.count,
                   call.f32(kScale), saved + rows.first, saved + count + rows.first, at.means + rows.first, at.shares + rows.first);
    if (call.wants(kState)) {
      const GemmProblem back = product(rows.count, width, columns.count, false, false);
      ISOLENS_CUDA_TRY(multiply(call, at, back, at.gradients, stored, call.dx[kState] + rows.first * width, 1));
    }
    if (!call.wants(kStored)) return cudaGetLastError();
    float* to = call.dx[kStored] + columns.first * width;
    ISOLENS_CUDA_TRY(multiply(call, at, across, at.gradients, state, to, 1));
    return multiply(call, at, across, at.weights, dy, to, 1);
  }
};

}  // namespace

std::unique_ptr<DeviceOp> make_softmax_retrieval_cuda(AttributeReader&) { return std::make_unique<SoftmaxRetrievalOp>(); }

}  // namespace isolens::cuda
