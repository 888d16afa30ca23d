// How alike a query and a row are. Whole numbers are counted and divided in double, as JavaScript does it, so that both give the same bits.
#pragma once
#include <cstring>

#include "columns.h"

namespace isolens::scan {

// Bits that both have. A loop of fixed length over words: with AVX-512 VPOPCNTDQ it is four loads, ands and counts.
inline int64_t shared_bits(const uint8_t* a, const uint8_t* b) {
  uint64_t x[kFingerprintBytes / 8], y[kFingerprintBytes / 8];
  std::memcpy(x, a, sizeof x);
  std::memcpy(y, b, sizeof y);
  int64_t count = 0;
  for (size_t w = 0; w < kFingerprintBytes / 8; w++) count += __builtin_popcountll(x[w] & y[w]);
  return count;
}

inline double share(int64_t both, int64_t either) { return either == 0 ? 0 : static_cast<double>(both) / static_cast<double>(either); }

inline double tanimoto(const QueryBits& query, const Fingerprints& rows, int64_t row) {
  const int64_t both = shared_bits(query.bits, rows.bits + row * kFingerprintBytes);
  return share(both, query.size + rows.sizes[row] - both);
}

// A query's counts as 16-bit numbers: products of pairs then add up in one instruction.
inline std::vector<int16_t> widened(const Query& query, int64_t width) { return std::vector<int16_t>(query.pharmacophore, query.pharmacophore + width); }

inline double pharmacophore_tanimoto(const Columns& columns, const Query& query, const int16_t* counts, int64_t row) {
  const uint8_t* own = columns.pharmacophore + row * columns.pharmacophore_width;
  int32_t both = 0;
  for (int64_t i = 0; i < columns.pharmacophore_width; i++) both += static_cast<int32_t>(counts[i]) * static_cast<int16_t>(own[i]);
  return share(both, query.pharmacophore_size + columns.pharmacophore_size[row] - both);
}

}  // namespace isolens::scan
