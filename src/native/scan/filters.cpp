#include "likeness.h"
#include "scan.h"

namespace isolens::scan {
namespace {

// A word of rows at a time; words that are empty already cost nothing. Bits beyond the last row are no rows, and are cleared.
template <typename Passes>
int64_t keep(const Columns& columns, Words* allowed, const Passes& passes) {
  int64_t left = 0;
  if (columns.count % 32 != 0) allowed[columns.count / 32] &= (Words{1} << (columns.count % 32)) - 1;
  for (int64_t word = 0; word * 32 < columns.count; word++) {
    for (Words open = allowed[word]; open != 0; open &= open - 1) {
      const int bit = __builtin_ctz(open);
      if (!passes(word * 32 + bit)) allowed[word] &= ~(Words{1} << bit);
    }
    left += __builtin_popcount(allowed[word]);
  }
  return left;
}

}  // namespace

int64_t keep_window(const Columns& columns, int64_t column, double own, double low, double high, Words* allowed) {
  return keep(columns, allowed, [&](int64_t row) {
    const double value = static_cast<double>(columns.descriptors[row * columns.descriptor_width + column]) - own;
    return value >= low && value <= high;
  });
}

int64_t keep_without_alerts(const Columns& columns, Words* allowed) {
  return keep(columns, allowed, [&](int64_t row) {
    uint8_t any = 0;
    for (int64_t i = 0; i < columns.alert_width; i++) any |= columns.alerts[row * columns.alert_width + i];
    return any == 0;
  });
}

int64_t keep_other_scaffold(const Columns& columns, int32_t scaffold, Words* allowed) {
  return keep(columns, allowed, [&](int64_t row) { return columns.scaffold[row] != scaffold || scaffold == 0; });
}

int64_t keep_unlike(const Columns& columns, const Query& query, double limit, Words* allowed) {
  return keep(columns, allowed, [&](int64_t row) { return tanimoto(query.ecfp4, columns.ecfp4, row) <= limit; });
}

int64_t keep_pattern(const Columns& columns, const uint8_t* pattern, Words* allowed) {
  uint64_t wanted[kFingerprintBytes / 8];
  std::memcpy(wanted, pattern, sizeof wanted);
  return keep(columns, allowed, [&](int64_t row) {
    uint64_t own[kFingerprintBytes / 8], missing = 0;
    std::memcpy(own, columns.pattern + row * kFingerprintBytes, sizeof own);
    for (size_t w = 0; w < kFingerprintBytes / 8; w++) missing |= wanted[w] & ~own[w];
    return missing == 0;
  });
}

}  // namespace isolens::scan
