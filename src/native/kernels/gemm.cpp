// Packed product after Goto & van de Geijn 2008 (doi:10.1145/1356052.1356053).
#include "gemm.h"

#include <algorithm>
#include <cstdlib>

#include "micro.h"
#include "pack.h"

namespace isolens {
namespace {

struct GemmOperand {
  const float* data;
  int64_t ld;
  bool transposed;
};

using simd::kColumns;
using simd::kRows;

// Lanes along the reduction, rows and columns of a packed block: a panel of B stays in the first or second cache level, the
// block of A in the second, the block of B in the third.
constexpr int64_t kDepthBlock = 256, kRowBlock = 256, kColumnBlock = 20 * kColumns;

// Equal blocks no larger than `most`, a multiple of `unit`.
int64_t even_block(int64_t total, int64_t most, int64_t unit) {
  const int64_t blocks = std::max<int64_t>(1, ceil_div(total, most));
  return ceil_div(ceil_div(total, blocks), unit) * unit;
}

const float* offset(const GemmOperand& x, int64_t row, int64_t column) {
  return x.transposed ? x.data + column * x.ld + row : x.data + row * x.ld + column;
}

void scale(int64_t m, int64_t n, float beta, float* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) c[i * ldc + j] = beta == 0.0f ? 0.0f : beta * c[i * ldc + j];
  }
}

struct Block {
  int64_t rows, columns, lanes;
};

void multiply_block(bool pairs, const Block& block, const float* a, const float* b, float* c, int64_t ldc,
                    const Epilogue& epilogue) {
  for (int64_t j = 0; j < block.columns; j += kColumns) {
    const int64_t columns = std::min<int64_t>(kColumns, block.columns - j);
    const float* b_panel = b + j * block.lanes;
    const auto whole = find_tile<PanelColumns>(pairs, kRows, columns);
    for (int64_t i = 0; i < block.rows; i += kRows) {
      const int64_t rows = std::min<int64_t>(kRows, block.rows - i);
      const auto f = rows == kRows ? whole : find_tile<PanelColumns>(pairs, rows, columns);
      f(block.lanes, a + i * block.lanes, {b_panel}, c + i * ldc + j, ldc, columns, epilogue);
    }
  }
}

// Without a block packed, for when there is no memory for one: slow, and better than no answer.
void gemm_plain(int64_t m, int64_t n, int64_t k, float alpha, GemmOperand a, GemmOperand b, float beta, float* c, int64_t ldc) {
  scale(m, n, beta, c, ldc);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      float sum = 0;
      for (int64_t d = 0; d < k; ++d) sum += *offset(a, i, d) * *offset(b, d, j);
      c[i * ldc + j] += alpha * sum;
    }
  }
}

struct Scratch {
  float* data = nullptr;
  size_t size = 0;
  ~Scratch() { std::free(data); }
};

// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * C in the calling thread.
void gemm_serial(bool pairs, int64_t m, int64_t n, int64_t k, float alpha, GemmOperand a, GemmOperand b, float beta, float* c,
                 int64_t ldc) {
  if (m <= 0 || n <= 0) return;
  if (k <= 0 || alpha == 0.0f) return scale(m, n, beta, c, ldc);
  const int64_t width = pairs ? 2 : 1;  // values of a lane
  const int64_t depth_block = even_block(k, kDepthBlock * width, width);
  const int64_t row_block = even_block(m, kRowBlock, kRows), column_block = even_block(n, kColumnBlock, kColumns);
  const int64_t most_lanes = ceil_div(depth_block, width);
  float* packed_a = thread_scratch(0, row_block * most_lanes);
  float* packed_b = thread_scratch(1, column_block * most_lanes);
  if (packed_a == nullptr || packed_b == nullptr) return gemm_plain(m, n, k, alpha, a, b, beta, c, ldc);
  for (int64_t j = 0; j < n; j += column_block) {
    for (int64_t d = 0; d < k; d += depth_block) {
      const int64_t depth = std::min(depth_block, k - d), lanes = ceil_div(depth, width);
      const int64_t columns = std::min(column_block, n - j);
      pack_b(pairs, packed_b, kColumns * lanes, offset(b, d, j), b.ld, b.transposed, columns, depth);
      Epilogue epilogue;
      epilogue.alpha = alpha;
      epilogue.beta = d == 0 ? beta : 1.0f;
      for (int64_t i = 0; i < m; i += row_block) {
        const int64_t rows = std::min(row_block, m - i);
        pack_a(pairs, packed_a, kRows * lanes, offset(a, i, d), a.ld, a.transposed, rows, depth);
        multiply_block(pairs, {rows, columns, lanes}, packed_a, packed_b, c + i * ldc + j, ldc, epilogue);
      }
    }
  }
}

// How many threads along rows (the others go along columns) leave the least work to the busiest one.
int64_t threads_along_rows(int64_t threads, int64_t m, int64_t n) {
  int64_t best = 1, best_cost = INT64_MAX;
  for (int64_t rows = 1; rows <= threads; ++rows) {
    if (threads % rows != 0) continue;
    const int64_t cost = ceil_div(ceil_div(m, kRows), rows) * kRows * ceil_div(ceil_div(n, kColumns), threads / rows) * kColumns;
    if (cost < best_cost) best_cost = cost, best = rows;
  }
  return best;
}

}  // namespace

bool has_bf16() { return simd::kHasBf16; }

float* thread_scratch(int slot, size_t floats) {
  thread_local Scratch slots[4];
  Scratch& s = slots[slot];
  if (s.size < floats) {
    std::free(s.data);
    const size_t bytes = (floats * sizeof(float) + 4095) / 4096 * 4096;
    s.data = static_cast<float*>(std::aligned_alloc(4096, bytes));
    s.size = s.data ? bytes / sizeof(float) : 0;
  }
  return s.data;
}

void gemm(ThreadPool& pool, Precision precision, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha,
          const float* a, int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  const bool pairs = use_pairs(precision);
  const GemmOperand left{a, lda, trans_a}, right{b, ldb, trans_b};
  const int64_t threads = m * n * k < 128 * 1024 ? 1 : pool.threads();
  if (threads == 1) return gemm_serial(pairs, m, n, k, alpha, left, right, beta, c, ldc);
  const int64_t down = threads_along_rows(threads, m, n), across = threads / down;
  const int64_t row_panels = ceil_div(m, kRows), column_panels = ceil_div(n, kColumns);
  pool.run(static_cast<int>(threads), [&](int part) {
    const int64_t i = part / across, j = part % across;
    const int64_t row = row_panels * i / down * kRows, row_end = std::min(m, row_panels * (i + 1) / down * kRows);
    const int64_t column = column_panels * j / across * kColumns;
    const int64_t column_end = std::min(n, column_panels * (j + 1) / across * kColumns);
    gemm_serial(pairs, row_end - row, column_end - column, k, alpha, {offset(left, row, 0), lda, trans_a},
                {offset(right, 0, column), ldb, trans_b}, beta, c + row * ldc + column, ldc);
  });
}

}  // namespace isolens
