// Puts the passes of the contrastive loss together: statistics of all rows (and columns), the loss, the gradients.
#include <algorithm>
#include <vector>

#include "contrastive_parts.h"

namespace isolens::cuda {

namespace {

constexpr int kThreads = 256;
constexpr int64_t kStoredTile = 1024;  // rows of a tile in memory
constexpr int64_t kWantedBlocks = 264, kWantedGroups = 132, kMostSplits = 16;

__global__ void __launch_bounds__(kThreads) pack_rows(bf16* to, const float* from, int64_t rows, int width, int padded) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= rows * padded) return;
  const int column = static_cast<int>(i % padded);
  to[i] = __float2bfloat16_rn(column < width ? from[i / padded * width + column] : 0.0f);
}

__global__ void __launch_bounds__(kThreads) clear_statistics(RowStatistic* statistics, int count) {
  const int i = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (i < count) statistics[i] = {0, 0, 0, kNoLogit, 0};
}

__device__ __forceinline__ double loss_of(const LossTerms& terms, const RowStatistic& s) {
  if (terms.pairwise()) return s.sum;
  if (s.sum == 0) return 0;  // everything is left out
  const double smoothing = static_cast<double>(terms.smoothing);
  const double positives = s.positives / static_cast<double>(terms.targets_over(s.count));
  const double target = (1 - smoothing) * positives + smoothing * s.total / static_cast<double>(terms.columns());
  return static_cast<double>(s.top) + log(s.sum) - target;
}

// to: (columns) = sum of from: (groups, columns)
__global__ void __launch_bounds__(kThreads) merge_groups(RowStatistic* to, const PartialStatistic* from, int columns, int groups) {
  const int i = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x);
  if (i >= columns) return;
  RowStatistic sum = widen(from[i]);
  for (int g = 1; g < groups; g++) merge_statistics(&sum, widen(from[static_cast<int64_t>(g) * columns + i]));
  to[i] = sum;
}

// norm: () = what a weight is multiplied with so that the weights are 1 on average; 0 where their sum is. One block.
__global__ void __launch_bounds__(kThreads) add_weights(double* norm, const float* weight, int count) {
  __shared__ double parts[kThreads];
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) sum += static_cast<double>(weight[i]);
  parts[threadIdx.x] = sum;
  for (int width = kThreads / 2; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < width) parts[threadIdx.x] += parts[threadIdx.x + width];
  }
  if (threadIdx.x == 0) *norm = parts[0] == 0 ? 0 : static_cast<double>(count) / parts[0];
}

// statistics: (splits, rows), then (columns) of the other direction. norm: () of the weights, where rows have some.
// shares: (3, rows + columns), or (4, rows + columns) with weights. sums: one a block.
__global__ void __launch_bounds__(kThreads) finish_statistics(LossTerms terms, const RowStatistic* statistics, int splits, const double* norm, float* shares,
                                                              double* sums) {
  __shared__ double parts[kThreads];
  const int i = static_cast<int>(blockIdx.x) * kThreads + static_cast<int>(threadIdx.x), rows = terms.rows(), count = terms.statistics();
  double loss = 0;
  if (i < count) {
    const RowStatistic* mine = statistics + (i < rows ? i : static_cast<int64_t>(splits - 1) * rows + i);
    RowStatistic sum = mine[0];
    for (int s = 1; s < (i < rows ? splits : 1); s++) merge_statistics(&sum, mine[static_cast<int64_t>(s) * rows]);
    const bool weighted = terms.weight != nullptr;
    const double weight = weighted ? *norm * static_cast<double>(terms.weight[i % terms.pairs]) : 1.0;
    loss = weight * loss_of(terms, sum);
    shares[i] = sum.top;
    // A row of which everything is left out has neither probabilities nor a target.
    const bool counts = terms.pairwise() || sum.sum != 0;
    shares[count + i] = counts ? static_cast<float>(weight / sum.sum) : 0.0f;
    shares[2 * static_cast<int64_t>(count) + i] = counts ? static_cast<float>(weight) / terms.targets_over(sum.count) : 0.0f;
    if (weighted) shares[3 * static_cast<int64_t>(count) + i] = static_cast<float>(weight);
  }
  parts[threadIdx.x] = loss;
  for (int width = kThreads / 2; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < width) parts[threadIdx.x] += parts[threadIdx.x + width];
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = parts[0];
}

// to (+)= factor * sum of every `step`-th of `count` numbers, in a fixed order. One block.
__global__ void __launch_bounds__(kThreads) add_up(float* to, const double* from, int64_t count, int step, double factor, bool accumulate) {
  __shared__ double parts[kThreads];
  double sum = 0;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) sum += from[i * step];
  parts[threadIdx.x] = sum;
  for (int width = kThreads / 2; width > 0; width /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < width) parts[threadIdx.x] += parts[threadIdx.x + width];
  }
  if (threadIdx.x == 0) *to = static_cast<float>(factor * parts[0]) + (accumulate ? *to : 0.0f);
}

// to: (count) (+)= sum of `splits` arrays, `distance` apart.
__global__ void __launch_bounds__(kThreads) add_splits(float* to, const float* from, int64_t count, int64_t distance, int splits, bool accumulate) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  float sum = accumulate ? to[i] : 0.0f;
  for (int s = 0; s < splits; s++) sum += from[s * distance + i];
  to[i] = sum;
}

unsigned blocks_for(int64_t count) { return static_cast<unsigned>((count + kThreads - 1) / kThreads); }

bool fused(Precision precision, const ContrastiveProblem& p) { return precision == Precision::kBf16 && p.width <= kWidest; }
int padded_width(int64_t width) { return width <= 128 ? 128 : width <= 256 ? 256 : 512; }
int splits_of(int64_t rows, int64_t columns) {
  return static_cast<int>(std::max<int64_t>(1, std::min({kWantedBlocks / tiles_of(rows), tiles_of(columns), kMostSplits})));
}
// Rows of the larger side within a tile in memory.
int64_t stored_block(const ContrastiveProblem& p) { return std::min(std::max(p.pairs, p.more), kStoredTile); }

// Blocks along the rows where every block keeps statistics of all columns.
int64_t groups_of(int64_t rows) { return std::min(tiles_of(rows), kWantedGroups); }

// Places in the workspace, each a multiple of 256 bytes.
struct Workspace {
  bf16* packed = nullptr;              // (2 N + K, padded): a, b, further columns
  float* tile = nullptr;               // (kStoredTile, kStoredTile)
  void* products = nullptr;            // of gemm
  RowStatistic* statistics = nullptr;  // (splits, rows), (columns)
  PartialStatistic* by_column = nullptr;  // (groups, columns)
  float* shares = nullptr;             // (4, statistics), or gradients (splits, rows, width) of either side
  double* sums = nullptr;
  double* norm = nullptr;              // of the weights
  size_t bytes = 0;

  Workspace(Precision precision, const ContrastiveProblem& p, void* at) {
    const LossTerms terms = terms_of(p);
    const int64_t rows = terms.rows(), columns = terms.columns(), count = terms.statistics();
    auto* base = static_cast<char*>(at);
    const auto take = [&](int64_t wanted) {
      char* place = base == nullptr ? nullptr : base + bytes;
      bytes += (static_cast<size_t>(wanted) + 255) / 256 * 256;
      return static_cast<void*>(place);
    };
    const bool whole = fused(precision, p);
    const int splits = whole ? splits_of(rows, columns) : 1;
    const int64_t block = stored_block(p), lines = std::max(splits * rows, splits_of(columns, rows) * columns);
    if (whole) packed = static_cast<bf16*>(take((2 * p.pairs + p.more) * padded_width(p.width) * 2));
    if (!whole) tile = static_cast<float*>(take(block * block * 4));
    if (!whole) products = take(static_cast<int64_t>(product_bytes(precision, block, p.width)));
    statistics = static_cast<RowStatistic*>(take((splits * rows + count - rows) * static_cast<int64_t>(sizeof(RowStatistic))));
    if (whole && p.form == LossForm::kSymmetric) by_column = static_cast<PartialStatistic*>(take(groups_of(rows) * rows * static_cast<int64_t>(sizeof(PartialStatistic))));
    shares = static_cast<float*>(take(std::max(4 * count, whole ? lines * p.width : 0) * 4));
    sums = static_cast<double*>(take(std::max<int64_t>(blocks_for(count), 2 * std::max(splits * tiles_of(rows), block)) * 8));
    norm = static_cast<double*>(take(8));
  }

  // Of products within a tile, however small its edges are.
  static size_t product_bytes(Precision precision, int64_t block, int64_t width);
};

GemmProblem product(int64_t m, int64_t n, int64_t k, bool trans_a, const float* a, int64_t lda, bool trans_b, const float* b, int64_t ldb, float* c, int64_t ldc, float beta) {
  GemmProblem p;
  p.m = m, p.n = n, p.k = k, p.trans_a = trans_a, p.trans_b = trans_b;
  p.a = a, p.b = b, p.c = c, p.lda = lda, p.ldb = ldb, p.ldc = ldc, p.beta = beta;
  return p;
}

// The rows of one side within one stored tile.
struct Block {
  const float* x;
  float* dx;
  int first, rows;
};

void add_blocks(const float* x, float* dx, int64_t first, int64_t rows, int64_t width, std::vector<Block>* blocks) {
  for (int64_t at = 0; at < rows; at += kStoredTile) {
    const auto count = static_cast<int>(std::min(kStoredTile, rows - at));
    blocks->push_back({x + at * width, dx == nullptr ? nullptr : dx + at * width, static_cast<int>(first + at), count});
  }
}

// Calls body(left, right) for the pairs of blocks whose logits count: of views, one order of two blocks.
template <typename Body>
cudaError_t for_blocks(const ContrastiveProblem& p, const ContrastiveGradients& g, const Body& body) {
  const bool views = p.form == LossForm::kViews;
  std::vector<Block> left, right;
  add_blocks(p.a, g.a, 0, p.pairs, p.width, &left);
  add_blocks(p.b, g.b, views ? p.pairs : 0, p.pairs, p.width, &right);
  add_blocks(p.further, g.further, p.pairs, p.more, p.width, &right);
  if (views) {
    left.insert(left.end(), right.begin(), right.end());
    right = left;
  }
  for (size_t i = 0; i < left.size(); i++) {
    for (size_t j = views ? i : 0; j < right.size(); j++) {
      const cudaError_t error = body(left[i], right[j]);
      if (error != cudaSuccess) return error;
    }
  }
  return cudaSuccess;
}

size_t Workspace::product_bytes(Precision precision, int64_t block, int64_t width) {
  // Fewer rows can mean more shares of the reduction: ask for every size a block can have.
  size_t most = 0;
  for (int64_t m = block; m > 0; m /= 2) {
    for (int64_t n = block; n > 0; n /= 2) {
      most = std::max(most, gemm_workspace_bytes(precision, product(m, n, width, false, nullptr, width, true, nullptr, width, nullptr, n, 0)));
      most = std::max(most, gemm_workspace_bytes(precision, product(m, width, n, false, nullptr, n, false, nullptr, width, nullptr, width, 1)));
    }
  }
  return 2 * most;
}

cudaError_t stored_forward(Precision precision, const ContrastiveProblem& p, const Workspace& w, cudaStream_t stream) {
  const LossTerms terms = terms_of(p);
  ISOLENS_LAUNCH(clear_statistics, blocks_for(terms.statistics()), kThreads, 0, stream, w.statistics, terms.statistics());
  return for_blocks(p, {}, [&](const Block& left, const Block& right) {
    const StoredTile tile{w.tile, left.first, left.rows, right.first, right.rows};
    cudaError_t error = gemm(precision, product(tile.rows, tile.columns, p.width, false, left.x, p.width, true, right.x, p.width, w.tile, tile.columns, 0), w.products, stream);
    if (error == cudaSuccess) error = stored_statistics(terms, tile, false, w.statistics, stream);
    const bool both = p.form == LossForm::kSymmetric || (terms.views() && tile.row != tile.column);
    if (error == cudaSuccess && both) error = stored_statistics(terms, tile, true, w.statistics + (terms.views() ? 0 : p.pairs), stream);
    return error;
  });
}

cudaError_t pack(const ContrastiveProblem& p, const Workspace& w, cudaStream_t stream) {
  const int padded = padded_width(p.width);
  const int64_t count = p.pairs * padded;
  ISOLENS_LAUNCH(pack_rows, blocks_for(count), kThreads, 0, stream, w.packed, p.a, p.pairs, static_cast<int>(p.width), padded);
  ISOLENS_LAUNCH(pack_rows, blocks_for(count), kThreads, 0, stream, w.packed + count, p.b, p.pairs, static_cast<int>(p.width), padded);
  if (p.more > 0) {
    ISOLENS_LAUNCH(pack_rows, blocks_for(p.more * padded), kThreads, 0, stream, w.packed + 2 * count, p.further, p.more,
                   static_cast<int>(p.width), padded);
  }
  return cudaGetLastError();
}

cudaError_t fused_forward(const ContrastiveProblem& p, const Workspace& w, int splits, cudaStream_t stream) {
  const LossTerms terms = terms_of(p);
  const int padded = padded_width(p.width);
  const bf16 *a = w.packed, *b = w.packed + p.pairs * padded;
  const bool both = p.form == LossForm::kSymmetric;
  const int groups = static_cast<int>(both ? groups_of(p.pairs) : tiles_of(terms.rows())), columns = static_cast<int>(p.pairs);
  cudaError_t error = pack(p, w, stream);
  if (error == cudaSuccess) error = fused_statistics(terms, padded, a, terms.views() ? a : b, w.statistics, splits, both ? w.by_column : nullptr, groups, stream);
  if (error != cudaSuccess || !both) return error;
  ISOLENS_LAUNCH(merge_groups, blocks_for(columns), kThreads, 0, stream, w.statistics + static_cast<int64_t>(splits) * p.pairs, w.by_column, columns, groups);
  return cudaGetLastError();
}

LogitGradient gradient_of(const ContrastiveProblem& p, const float* saved, bool swapped) {
  const LossTerms terms = swapped ? transposed(terms_of(p)) : terms_of(p);
  const int64_t count = terms.statistics();
  const bool weighted = p.weight != nullptr;
  const auto shares = [&](int64_t first) {
    return RowShares{saved + first, saved + count + first, saved + 2 * count + first, weighted ? saved + 3 * count + first : nullptr};
  };
  const float even = p.smoothing / static_cast<float>(terms.columns());
  LogitGradient gradient{terms, {}, {}, weighted ? 0.0f : terms.both_ways() ? 2 * even : even, weighted ? even : 0.0f};
  if (terms.pairwise()) return gradient;
  const RowShares rows = shares(0);
  const RowShares columns = p.form == LossForm::kSymmetric ? shares(p.pairs) : terms.views() ? rows : RowShares{};
  gradient.own = swapped ? columns : rows;
  gradient.other = swapped ? rows : columns;
  return gradient;
}

cudaError_t add_scalars(const ContrastiveGradients& g, const Workspace& w, int64_t count, double factor, cudaStream_t stream) {
  if (g.scale != nullptr) ISOLENS_LAUNCH(add_up, 1, kThreads, 0, stream, g.scale, w.sums, count, 2, factor, g.accumulate[2]);
  if (g.bias != nullptr) ISOLENS_LAUNCH(add_up, 1, kThreads, 0, stream, g.bias, w.sums + 1, count, 2, factor, g.accumulate[3]);
  return cudaGetLastError();
}

cudaError_t stored_backward(Precision precision, const ContrastiveGradients& g, const float* dloss, const ContrastiveProblem& p, const float* saved, const Workspace& w,
                            cudaStream_t stream) {
  const LogitGradient gradient = gradient_of(p, saved, false);
  const float weight = 1.0f / static_cast<float>(gradient.terms.statistics());
  const int64_t block = stored_block(p), bytes = p.pairs * p.width * 4;
  if (g.a != nullptr && !g.accumulate[0]) (void)cudaMemsetAsync(g.a, 0, static_cast<size_t>(bytes), stream);
  if (g.b != nullptr && !g.accumulate[1]) (void)cudaMemsetAsync(g.b, 0, static_cast<size_t>(bytes), stream);
  if (g.further != nullptr && !g.accumulate[4]) (void)cudaMemsetAsync(g.further, 0, static_cast<size_t>(p.more * p.width * 4), stream);
  (void)cudaMemsetAsync(w.sums, 0, static_cast<size_t>(2 * block) * sizeof(double), stream);
  const cudaError_t error = for_blocks(p, g, [&](const Block& left, const Block& right) {
    const StoredTile tile{w.tile, left.first, left.rows, right.first, right.rows};
    const bool same = gradient.terms.views() && tile.row == tile.column;
    cudaError_t status = gemm(precision, product(tile.rows, tile.columns, p.width, false, left.x, p.width, true, right.x, p.width, w.tile, tile.columns, 0), w.products, stream);
    if (status == cudaSuccess) status = stored_gradients(gradient, tile, dloss, weight, same ? 0.5 : 1.0, w.sums, stream);
    if (status == cudaSuccess && left.dx != nullptr) {
      status = gemm(precision, product(tile.rows, p.width, tile.columns, false, w.tile, tile.columns, false, right.x, p.width, left.dx, p.width, 1), w.products, stream);
    }
    if (status == cudaSuccess && right.dx != nullptr && !same) {
      status = gemm(precision, product(tile.columns, p.width, tile.rows, true, w.tile, tile.columns, false, left.x, p.width, right.dx, p.width, 1), w.products, stream);
    }
    return status;
  });
  return error == cudaSuccess ? add_scalars(g, w, block, 1, stream) : error;
}

cudaError_t fused_backward(const ContrastiveGradients& g, const float* dloss, const ContrastiveProblem& p, const float* saved, const Workspace& w,
                           cudaStream_t stream) {
  const LossTerms terms = terms_of(p);
  const int padded = padded_width(p.width), width = static_cast<int>(p.width), rows = terms.rows();
  const bf16 *a = w.packed, *b = w.packed + p.pairs * padded;
  const float weight = 1.0f / static_cast<float>(terms.statistics());
  FusedGradient work{gradient_of(p, saved, false), dloss, weight, rows, terms.columns(), w.shares, w.sums};
  int splits = splits_of(work.rows, work.columns);
  // Of `lines` rows of the walk, from the first one on.
  const auto add = [&](float* to, int64_t first, int64_t lines, bool accumulate) {
    const int64_t count = lines * p.width, distance = work.rows * p.width;
    if (to == nullptr || count == 0) return;
    ISOLENS_LAUNCH(add_splits, blocks_for(count), kThreads, 0, stream, to, w.shares + first * p.width, count, distance, splits, accumulate);
  };
  cudaError_t error = pack(p, w, stream);
  if (error == cudaSuccess && (terms.views() || g.a != nullptr || g.scale != nullptr || g.bias != nullptr)) {
    error = fused_gradients(work, padded, width, a, terms.views() ? a : b, splits, stream);
    if (error == cudaSuccess) error = add_scalars(g, w, splits * tiles_of(rows), terms.views() ? 0.5 : 1.0, stream);
    add(g.a, 0, p.pairs, g.accumulate[0]);
  }
  if (terms.views()) add(g.b, p.pairs, p.pairs, g.accumulate[1]);
  const bool other_side = !terms.views() && (g.b != nullptr || g.further != nullptr);
  if (error != cudaSuccess || !other_side) return error == cudaSuccess ? cudaGetLastError() : error;
  // The other side: of the further columns only where their gradients are wanted, as those of a queue never are.
  work.gradient = gradient_of(p, saved, true);
  work.scalars = nullptr;
  work.rows = g.further == nullptr ? rows : terms.columns(), work.columns = rows;
  splits = splits_of(work.rows, work.columns);
  error = fused_gradients(work, padded, width, b, a, splits, stream);
  add(g.b, 0, p.pairs, g.accumulate[1]);
  add(g.further, p.pairs, p.more, g.accumulate[4]);
  return error == cudaSuccess ? cudaGetLastError() : error;
}

bool fits(const ContrastiveProblem& p) {
  constexpr int64_t kMost = int64_t{1} << 29;
  const bool crossed = p.form == LossForm::kRows || p.form == LossForm::kSymmetric;
  if ((p.target != nullptr && !crossed) || (p.weight != nullptr && p.form == LossForm::kPairwise)) return false;
  return p.pairs > 0 && p.width > 0 && p.pairs <= kMost && p.more >= 0 && p.more <= kMost && (p.more == 0 || p.form == LossForm::kRows);
}

}  // namespace

size_t contrastive_saved_bytes(const ContrastiveProblem& p) {
  return (p.weight == nullptr ? 3 : 4) * static_cast<size_t>(2 * p.pairs) * sizeof(float);
}
size_t contrastive_workspace_bytes(Precision precision, const ContrastiveProblem& p) { return fits(p) ? Workspace(precision, p, nullptr).bytes : 0; }

cudaError_t contrastive_forward(Precision precision, float* loss, const ContrastiveProblem& p, float* saved, void* workspace, cudaStream_t stream) {
  if (!fits(p) || (p.exclude_positive && p.pairs + p.more < 2)) return cudaErrorInvalidValue;
  const Workspace w(precision, p, workspace);
  const LossTerms terms = terms_of(p);
  const bool whole = fused(precision, p);
  const int splits = whole ? splits_of(terms.rows(), terms.columns()) : 1, count = terms.statistics();
  const cudaError_t error = whole ? fused_forward(p, w, splits, stream) : stored_forward(precision, p, w, stream);
  if (error != cudaSuccess) return error;
  if (p.weight != nullptr) ISOLENS_LAUNCH(add_weights, 1, kThreads, 0, stream, w.norm, p.weight, terms.pairs);
  ISOLENS_LAUNCH(finish_statistics, blocks_for(count), kThreads, 0, stream, terms, w.statistics, splits, w.norm, saved == nullptr ? w.shares : saved, w.sums);
  ISOLENS_LAUNCH(add_up, 1, kThreads, 0, stream, loss, w.sums, static_cast<int64_t>(blocks_for(count)), 1, 1.0 / count, false);
  return cudaGetLastError();
}

cudaError_t contrastive_backward(Precision precision, const ContrastiveGradients& gradients, const float* dloss, const ContrastiveProblem& p, const float* saved,
                                 void* workspace, cudaStream_t stream) {
  if (!fits(p)) return cudaErrorInvalidValue;
  const Workspace w(precision, p, workspace);
  if (!fused(precision, p)) return stored_backward(precision, gradients, dloss, p, saved, w, stream);
  return fused_backward(gradients, dloss, p, saved, w, stream);
}

}  // namespace isolens::cuda
