#include "micro.h"

#include <utility>

namespace isolens {
namespace {

template <typename Columns>
struct Table {
  TileFunction<Columns> at[simd::kRows][simd::kVectors];
};

template <bool kPairs, typename Columns, int kRow, int... kVector>
constexpr void fill_row(Table<Columns>& table, std::integer_sequence<int, kVector...>) {
  ((table.at[kRow][kVector] = tile<kPairs, kRow + 1, kVector + 1, Columns>), ...);
}
template <bool kPairs, typename Columns, int... kRow>
constexpr Table<Columns> make_table(std::integer_sequence<int, kRow...>) {
  Table<Columns> table{};
  (fill_row<kPairs, Columns, kRow>(table, std::make_integer_sequence<int, simd::kVectors>{}), ...);
  return table;
}

}  // namespace

template <typename Columns>
TileFunction<Columns> find_tile(bool pairs, int64_t rows, int64_t columns) {
  static constexpr auto kSingles = make_table<false, Columns>(std::make_integer_sequence<int, simd::kRows>{});
  static constexpr auto kPairs = make_table<simd::kHasBf16, Columns>(std::make_integer_sequence<int, simd::kRows>{});
  return (pairs ? kPairs : kSingles).at[rows - 1][(columns - 1) / simd::kLanes];
}

template TileFunction<PanelColumns> find_tile(bool, int64_t, int64_t);
template TileFunction<ScatteredColumns> find_tile(bool, int64_t, int64_t);

}  // namespace isolens
