// The register tile: C[rows, columns] = alpha * A * B + beta * C + bias over packed panels.
//
// A "lane" is 32 bits of an operand: one f32, or (bf16) two values that follow each other along the reduction, the earlier one in
// the low half. Lanes are kept in float arrays and only ever moved, so one packing code serves both precisions.
// Panel of A: [depth][kRows] lanes; panel of B: [depth][kColumns] lanes; depth = number of lanes along the reduction.
#pragma once
#include "simd.h"

namespace isolens {

struct Epilogue {
  float alpha = 1.0f, beta = 0.0f;  // beta == 0: C is not read
  const float* bias = nullptr;      // one per row of the tile, or null
};

template <bool kPairs>
inline simd::Vec fused(simd::Vec a, simd::Vec b, simd::Vec c) {
  return kPairs ? simd::multiply_add_pairs(a, b, c) : simd::multiply_add(a, b, c);
}

template <int kTileRows, int kTileVectors>
inline void finish_tile(simd::Vec (&acc)[kTileRows][kTileVectors], float* c, int64_t ldc, int64_t columns,
                        const Epilogue& epilogue) {
  using namespace simd;
  const Vec alpha = broadcast(epilogue.alpha), beta = broadcast(epilogue.beta);
  const int64_t last = columns - (kTileVectors - 1) * kLanes;  // lanes of the last vector
#pragma GCC unroll 16
  for (int i = 0; i < kTileRows; ++i) {
    const Vec bias = epilogue.bias ? broadcast(epilogue.bias[i]) : zero();
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) {
      float* p = c + i * ldc + j * kLanes;
      const bool partial = j == kTileVectors - 1 && last < kLanes;
      Vec v = multiply_add(alpha, acc[i][j], bias);
      if (epilogue.beta != 0.0f) v = multiply_add(beta, partial ? load_first(p, last) : load(p), v);
      if (partial) {
        store_first(p, v, last);
      } else {
        store(p, v);
      }
    }
  }
}

// B as a packed panel.
struct PanelColumns {
  const float* at;
  template <int kTileVectors>
  inline void next(simd::Vec (&column)[kTileVectors]) {
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) column[j] = simd::load(at + j * simd::kLanes);
    at += simd::kColumns;
  }
};

// B where it lies: vector j of reduction lane k is at base + vector_offset[j] + lane_offset[k].
struct ScatteredColumns {
  const float* base;
  const int32_t* lane_offset;
  const int32_t* vector_offset;
  template <int kTileVectors>
  inline void next(simd::Vec (&column)[kTileVectors]) {
    const float* at = base + *lane_offset++;
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) column[j] = simd::load(at + vector_offset[j]);
  }
};

template <bool kPairs, int kTileRows, int kTileVectors, typename Columns>
void tile(int64_t depth, const float* a, Columns columns, float* c, int64_t ldc, int64_t count, const Epilogue& epilogue) {
  using namespace simd;
  if (epilogue.beta != 0.0f) {
    for (int i = 0; i < kTileRows; ++i) {
      for (int j = 0; j < kTileVectors; ++j) __builtin_prefetch(c + i * ldc + j * kLanes, 1);
    }
  }
  Vec acc[kTileRows][kTileVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kTileRows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) acc[i][j] = zero();
  }
  for (int64_t k = 0; k < depth; ++k, a += kRows) {
    Vec column[kTileVectors];
    columns.template next<kTileVectors>(column);
#pragma GCC unroll 16
    for (int i = 0; i < kTileRows; ++i) {
      const Vec row = broadcast(a[i]);
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; ++j) acc[i][j] = fused<kPairs>(row, column[j], acc[i][j]);
    }
  }
  finish_tile<kTileRows, kTileVectors>(acc, c, ldc, count, epilogue);
}

template <typename Columns>
using TileFunction = void (*)(int64_t depth, const float* a, Columns b, float* c, int64_t ldc, int64_t columns, const Epilogue&);

// rows in [1, kRows], columns in [1, kColumns]; instantiated for the two kinds of columns.
template <typename Columns>
TileFunction<Columns> find_tile(bool pairs, int64_t rows, int64_t columns);

}  // namespace isolens
