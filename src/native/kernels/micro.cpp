#include "micro.h"

#include <utility>

namespace isolens {
namespace {

struct Table {
  TileFunction at[simd::kRows][simd::kVectors];
};

template <bool kPairs, int kRow, int... kVector>
constexpr void fill_row(Table& table, std::integer_sequence<int, kVector...>) {
  ((table.at[kRow][kVector] = tile<kPairs, kRow + 1, kVector + 1>), ...);
}
template <bool kPairs, int... kRow>
constexpr Table make_table(std::integer_sequence<int, kRow...>) {
  Table table{};
  (fill_row<kPairs, kRow>(table, std::make_integer_sequence<int, simd::kVectors>{}), ...);
  return table;
}

constexpr Table kSingles = make_table<false>(std::make_integer_sequence<int, simd::kRows>{});
constexpr Table kPairsTable = make_table<simd::kHasBf16>(std::make_integer_sequence<int, simd::kRows>{});

}  // namespace

TileFunction find_tile(bool pairs, int64_t rows, int64_t columns) {
  return (pairs ? kPairsTable : kSingles).at[rows - 1][(columns - 1) / simd::kLanes];
}

}  // namespace isolens
