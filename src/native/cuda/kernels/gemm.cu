// Matrix products in tiles of 128 x 128 or, where those are too few to fill the device, 64 x 64; where even they are few and the
// reduction is long, blocks share it and a second kernel adds their partial sums in a fixed order.
#include <algorithm>

#include "matrix_loader.h"

namespace isolens::cuda {

namespace {

constexpr int64_t kFullDevice = 128;      // blocks that keep a large device busy
constexpr int64_t kLeastDepth = 8 * kDepth;  // of one block's share of the reduction
constexpr int64_t kMostSplits = 32;

// What happens to a sum before it is stored.
struct Epilogue {
  float* c;           // (M, N), leading dimension ldc
  int64_t ldc, m, n;
  float alpha, beta;
  const float* bias;  // (N), or null
  float bias_scale;
  Activation activation;

  __device__ __forceinline__ float shift(int64_t column) const { return bias == nullptr ? 0.0f : bias_scale * bias[column]; }
  __device__ __forceinline__ void store(float* at, float sum, float shift) const {
    float value = alpha * sum + shift;
    if (beta != 0.0f) value += beta * *at;
    *at = activation == Activation::kRelu && value < 0.0f ? 0.0f : value;
  }
};

struct MatrixStore {
  const Epilogue& epilogue;
  const int64_t first_row, first_column;
  float* at = nullptr;
  float shift = 0;

  __device__ __forceinline__ bool column(int offset) {
    const int64_t j = first_column + offset;
    if (j >= epilogue.n) return false;
    at = epilogue.c + first_row * epilogue.ldc + j;
    shift = epilogue.shift(j);
    return true;
  }
  __device__ __forceinline__ void operator()(int row, float sum) const {
    if (first_row + row < epilogue.m) epilogue.store(at + row * epilogue.ldc, sum, shift);
  }
};

struct Launch {
  MatrixOperand a, b;
  Epilogue epilogue;
  int64_t k, chunk, splits, tiles;      // chunk: reduction of one block
  int64_t stride_a, stride_b, stride_c;  // in elements, between matrices of the batch
};

__device__ __forceinline__ const void* advance(const MatrixOperand& operand, int64_t elements) {
  return static_cast<const char*>(operand.data) + elements * (operand.type == Element::kF32 ? 4 : 2);
}

// Block index: tile, then share of the reduction, then matrix of the batch.
template <typename Multiplier, bool TransA, bool TransB>
__global__ void __launch_bounds__(Multiplier::kThreads) gemm_kernel(Launch launch) {
  using LoaderA = MatrixLoader<Multiplier, Multiplier::kRows, !TransA>;
  using LoaderB = MatrixLoader<Multiplier, Multiplier::kColumns, TransB>;
  ISOLENS_PANELS(Multiplier, LoaderA, LoaderB);
  const int64_t share = blockIdx.x / launch.tiles, split = share % launch.splits, matrix = share / launch.splits;
  const TilePlace place = tile_place<Multiplier>(blockIdx.x % launch.tiles, launch.epilogue.m, launch.epilogue.n);
  MatrixOperand a = launch.a, b = launch.b;
  a.data = advance(a, matrix * launch.stride_a);
  b.data = advance(b, matrix * launch.stride_b);
  LoaderA left(a, place.row);
  LoaderB right(b, place.column);
  Multiplier multiplier;
  const int64_t begin = split * launch.chunk, end = begin + launch.chunk < launch.k ? begin + launch.chunk : launch.k;
  multiply_tile(multiplier, left, right, begin, end, panels_a, panels_b);
  Epilogue epilogue = launch.epilogue;
  epilogue.c += launch.splits > 1 ? share * epilogue.m * epilogue.n : matrix * launch.stride_c;
  MatrixStore store{epilogue, place.row, place.column};
  multiplier.each(store);
}

// Adds the shares (batch, splits, M, N) up.
__global__ void __launch_bounds__(256) add_shares(Epilogue epilogue, const float* shares, int64_t splits, int64_t batch, int64_t stride_c) {
  const int64_t area = epilogue.m * epilogue.n, index = static_cast<int64_t>(blockIdx.x) * 256 + threadIdx.x;
  if (index >= area * batch) return;
  const int64_t matrix = index / area, rest = index % area, row = rest / epilogue.n, column = rest % epilogue.n;
  float sum = 0;
  for (int64_t s = 0; s < splits; s++) sum += shares[(matrix * splits + s) * area + rest];
  epilogue.store(epilogue.c + matrix * stride_c + row * epilogue.ldc + column, sum, epilogue.shift(column));
}

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Choice {
  bool large;
  int64_t tiles, splits, chunk;
};

Choice choose(Precision precision, const GemmProblem& p) {
  Choice choice;
  const int64_t large = ceil_div(p.m, LargeTile::kRows) * ceil_div(p.n, LargeTile::kColumns);
  const int64_t small = ceil_div(p.m, SmallTile::kRows) * ceil_div(p.n, SmallTile::kColumns);
  choice.large = precision == Precision::kBf16 && large * p.batch >= kFullDevice;
  choice.tiles = choice.large ? large : small;
  const int64_t wanted = kFullDevice / std::max<int64_t>(1, choice.tiles * p.batch);
  choice.splits = std::max<int64_t>(1, std::min({wanted, p.k / kLeastDepth, kMostSplits}));
  choice.chunk = std::max<int64_t>(kDepth, ceil_div(ceil_div(p.k, choice.splits), kDepth) * kDepth);
  choice.splits = std::max<int64_t>(1, ceil_div(p.k, choice.chunk));
  return choice;
}

template <typename Multiplier, bool TransA, bool TransB>
void start_kernel(const Launch& launch, unsigned blocks, cudaStream_t stream) {
  ISOLENS_LAUNCH((gemm_kernel<Multiplier, TransA, TransB>), blocks, Multiplier::kThreads, 0, stream, launch);
}

template <typename Multiplier>
void start(const GemmProblem& p, const Launch& launch, unsigned blocks, cudaStream_t stream) {
  if (p.trans_a) return p.trans_b ? start_kernel<Multiplier, true, true>(launch, blocks, stream) : start_kernel<Multiplier, true, false>(launch, blocks, stream);
  return p.trans_b ? start_kernel<Multiplier, false, true>(launch, blocks, stream) : start_kernel<Multiplier, false, false>(launch, blocks, stream);
}

MatrixOperand operand(const void* data, int64_t ld, int64_t rows, Element type, int64_t stride) {
  return {data, ld, rows, type, MatrixOperand::aligned(data, ld, type) && stride % 4 == 0};
}

}  // namespace

size_t gemm_workspace_bytes(Precision precision, const GemmProblem& p) {
  if (p.m <= 0 || p.n <= 0 || p.batch <= 0) return 0;
  const Choice choice = choose(precision, p);
  return choice.splits > 1 ? static_cast<size_t>(choice.splits * p.batch * p.m * p.n) * sizeof(float) : 0;
}

cudaError_t gemm(Precision precision, const GemmProblem& p, void* workspace, cudaStream_t stream) {
  if (p.m <= 0 || p.n <= 0 || p.batch <= 0) return cudaSuccess;
  const Choice choice = choose(precision, p);
  const int64_t blocks = choice.tiles * choice.splits * p.batch, area = p.m * p.n;
  if (blocks > 0x7fffffff || ceil_div(area * p.batch, 256) > 0x7fffffff) return cudaErrorInvalidConfiguration;
  const Epilogue epilogue{p.c, p.ldc, p.m, p.n, p.alpha, p.beta, p.bias, p.bias_scale, p.activation};
  auto* shares = static_cast<float*>(workspace);
  Launch launch;
  launch.a = operand(p.a, p.lda, p.m, p.type_a, p.stride_a);
  launch.b = operand(p.b, p.ldb, p.n, p.type_b, p.stride_b);
  launch.epilogue = choice.splits == 1 ? epilogue : Epilogue{shares, p.n, p.m, p.n, 1, 0, nullptr, 0, Activation::kNone};
  launch.k = p.k, launch.chunk = choice.chunk, launch.splits = choice.splits, launch.tiles = choice.tiles;
  launch.stride_a = p.stride_a, launch.stride_b = p.stride_b, launch.stride_c = p.stride_c;
  if (precision == Precision::kF32) {
    start<PlainTile>(p, launch, static_cast<unsigned>(blocks), stream);
  } else if (choice.large) {
    start<LargeTile>(p, launch, static_cast<unsigned>(blocks), stream);
  } else {
    start<SmallTile>(p, launch, static_cast<unsigned>(blocks), stream);
  }
  if (choice.splits > 1) {
    ISOLENS_LAUNCH(add_shares, static_cast<unsigned>(ceil_div(area * p.batch, 256)), 256, 0, stream, epilogue, shares, choice.splits, p.batch, p.stride_c);
  }
  return cudaGetLastError();
}

}  // namespace isolens::cuda
