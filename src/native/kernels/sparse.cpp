// Weights lie as (H, F), one row an output; a sum over entries wants (F, H), one row a column of x. So the work is cut into
// panels of kWidth outputs: a panel of w is transposed to (F, kWidth), which stays in the second-level cache while all rows of x
// pass over it, and sums of kWidth outputs stay in registers. A panel belongs to one thread, and every sum runs through the
// entries of x in their order: nothing depends on the number of threads.
#include "sparse.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "simd.h"

namespace isolens {

namespace {

using namespace simd;

// Wide enough for a cache line or two of every column, narrow enough for 4,096 columns in half a megabyte.
constexpr int kWidth = 32;
constexpr int kParts = kWidth / kLanes;
static_assert(kWidth % kLanes == 0, "whole vectors");
// Entries are collected a group of rows at a time into places of fixed size, so that one pass finds them.
constexpr int64_t kGroup = 16;
constexpr int64_t kGroupRows = 2;  // entries that a group may have, in rows of x: one in eight
constexpr int64_t kAlign = 64;

int64_t aligned(int64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }
int64_t groups_of(int64_t rows) { return (rows + kGroup - 1) / kGroup; }
int64_t capacity(int64_t rows, int64_t columns) { return groups_of(rows) * kGroupRows * columns; }
int64_t panel_floats(int64_t columns) { return (columns + kLanes - 1) / kLanes * kLanes * kWidth; }

// Appends the entries of a row that are not zero; false where they would pass `limit`. Most blocks of 64 hold one or none.
bool collect_row(const float* row, int64_t columns, int64_t limit, int32_t* column, float* value, int64_t* place) {
  int64_t c = 0, at = *place;
  for (; c + 64 <= columns; c += 64) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; i += kLanes) mask |= static_cast<uint64_t>(nonzero_lanes(load(row + c + i))) << i;
    if (at + __builtin_popcountll(mask) > limit) return false;
    for (; mask != 0; mask &= mask - 1) {
      const int64_t found = c + __builtin_ctzll(mask);
      column[at] = static_cast<int32_t>(found);
      value[at++] = row[found];
    }
  }
  for (; c < columns; c++) {
    if (row[c] == 0.0f) continue;
    if (at == limit) return false;
    column[at] = static_cast<int32_t>(c);
    value[at++] = row[c];
  }
  *place = at;
  return true;
}

// panel: (F, kWidth) = rows [0, outputs) of w transposed, zero beyond; w: (.., columns).
void transpose_in(float* panel, const float* w, int64_t columns, int64_t outputs) {
  for (int64_t h = 0; h < kWidth; h += kLanes) {
    for (int64_t f = 0; f < columns; f += kLanes) {
      Vec tile[kLanes];
      for (int i = 0; i < kLanes; i++) {
        const float* from = w + (h + i) * columns + f;
        tile[i] = h + i >= outputs ? zero() : f + kLanes <= columns ? load(from) : load_first(from, columns - f);
      }
      transpose(tile);
      for (int i = 0; i < kLanes; i++) store(panel + (f + i) * kWidth + h, tile[i]);
    }
  }
}

// The other way round: rows [0, outputs) of dw from the panel.
void transpose_out(float* dw, const float* panel, int64_t columns, int64_t outputs, bool accumulate) {
  for (int64_t h = 0; h < outputs; h += kLanes) {
    for (int64_t f = 0; f < columns; f += kLanes) {
      Vec tile[kLanes];
      for (int i = 0; i < kLanes; i++) tile[i] = load(panel + (f + i) * kWidth + h);
      transpose(tile);
      const int64_t length = std::min<int64_t>(kLanes, columns - f);
      for (int i = 0; i < kLanes && h + i < outputs; i++) {
        float* to = dw + (h + i) * columns + f;
        if (length == kLanes) {
          store(to, accumulate ? load(to) + tile[i] : tile[i]);
        } else {
          store_first(to, accumulate ? load_first(to, length) + tile[i] : tile[i], length);
        }
      }
    }
  }
}

// Vector i of kWidth numbers of which `length` are there.
inline Vec load_within(const float* p, int i, int64_t length) {
  const int64_t left = length - i * kLanes;
  return left >= kLanes ? load(p + i * kLanes) : left > 0 ? load_first(p + i * kLanes, left) : zero();
}

// One row of y: sums over its entries, in two chains so that one addition need not wait for the one before.
inline void sum_row(float* y, const float* panel, const SparseRows& x, int64_t row, const float* bias, int64_t outputs) {
  Vec even[kParts], odd[kParts];
  for (int i = 0; i < kParts; i++) {
    even[i] = bias != nullptr ? load_within(bias, i, outputs) : zero();
    odd[i] = zero();
  }
  const int64_t end = x.end[row];
  int64_t at = x.begin[row];
  for (; at + 2 <= end; at += 2) {
    const float* first = panel + static_cast<int64_t>(x.column[at]) * kWidth;
    const float* second = panel + static_cast<int64_t>(x.column[at + 1]) * kWidth;
    const Vec a = broadcast(x.value[at]), b = broadcast(x.value[at + 1]);
    for (int i = 0; i < kParts; i++) even[i] = multiply_add(a, load(first + i * kLanes), even[i]);
    for (int i = 0; i < kParts; i++) odd[i] = multiply_add(b, load(second + i * kLanes), odd[i]);
  }
  if (at < end) {
    const float* last = panel + static_cast<int64_t>(x.column[at]) * kWidth;
    for (int i = 0; i < kParts; i++) even[i] = multiply_add(broadcast(x.value[at]), load(last + i * kLanes), even[i]);
  }
  for (int i = 0; i < kParts; i++) {
    const int64_t left = outputs - i * kLanes;
    if (left >= kLanes) {
      store(y + i * kLanes, even[i] + odd[i]);
    } else if (left > 0) {
      store_first(y + i * kLanes, even[i] + odd[i], left);
    }
  }
}

// What one row of x adds to the panel of the gradient.
inline void spread_row(float* panel, const SparseRows& x, int64_t row, const float* dy, int64_t outputs) {
  Vec d[kParts];
  for (int i = 0; i < kParts; i++) d[i] = load_within(dy, i, outputs);
  for (int64_t at = x.begin[row]; at < x.end[row]; at++) {
    float* to = panel + static_cast<int64_t>(x.column[at]) * kWidth;
    const Vec a = broadcast(x.value[at]);
    for (int i = 0; i < kParts; i++) store(to + i * kLanes, multiply_add(a, d[i], load(to + i * kLanes)));
  }
}

// body(first output of a panel, how many it has, scratch of this thread)
template <typename Body>
void for_panels(ThreadPool& pool, int64_t columns, int64_t outputs, void* workspace, const Body& body) {
  const int64_t panels = (outputs + kWidth - 1) / kWidth;
  const int parts = static_cast<int>(std::min<int64_t>(panels, pool.threads()));
  pool.run(parts, [&](int part) {
    float* panel = static_cast<float*>(workspace) + part * panel_floats(columns);
    for (int64_t p = panels * part / parts; p < panels * (part + 1) / parts; p++) {
      body(p * kWidth, std::min<int64_t>(kWidth, outputs - p * kWidth), panel);
    }
  });
}

}  // namespace

size_t sparse_rows_bytes(int64_t rows, int64_t columns) {
  return static_cast<size_t>(2 * aligned(rows * 8) + 2 * aligned(capacity(rows, columns) * 4));
}

bool collect_nonzeros(ThreadPool& pool, const float* x, int64_t rows, int64_t columns, void* memory, SparseRows* out) {
  char* place = static_cast<char*>(memory);
  int64_t* first = reinterpret_cast<int64_t*>(place);
  int64_t* last = reinterpret_cast<int64_t*>(place += aligned(rows * 8));
  int32_t* column = reinterpret_cast<int32_t*>(place += aligned(rows * 8));
  float* value = reinterpret_cast<float*>(place + aligned(capacity(rows, columns) * 4));
  std::atomic<bool> fits{true};
  pool.range(groups_of(rows), 1, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end && fits; group++) {
      int64_t at = group * kGroupRows * columns;
      const int64_t limit = at + kGroupRows * columns;
      for (int64_t r = group * kGroup; r < std::min(rows, (group + 1) * kGroup); r++) {
        first[r] = at;
        if (!collect_row(x + r * columns, columns, limit, column, value, &at)) fits = false;
        last[r] = at;
      }
    }
  });
  *out = {rows, columns, first, last, column, value};
  return fits;
}

size_t sparse_product_workspace_bytes(int64_t columns, int threads) {
  return static_cast<size_t>(threads * panel_floats(columns)) * sizeof(float);
}

void sparse_product(ThreadPool& pool, float* y, const SparseRows& x, const float* w, const float* bias, int64_t outputs,
                    void* workspace) {
  for_panels(pool, x.columns, outputs, workspace, [&](int64_t first, int64_t count, float* panel) {
    transpose_in(panel, w + first * x.columns, x.columns, count);
    const float* own = bias == nullptr ? nullptr : bias + first;
    for (int64_t r = 0; r < x.rows; r++) sum_row(y + r * outputs + first, panel, x, r, own, count);
  });
}

void sparse_product_weights(ThreadPool& pool, float* dw, bool accumulate, const SparseRows& x, const float* dy, int64_t outputs,
                            void* workspace) {
  for_panels(pool, x.columns, outputs, workspace, [&](int64_t first, int64_t count, float* panel) {
    std::memset(panel, 0, static_cast<size_t>(panel_floats(x.columns)) * sizeof(float));
    for (int64_t r = 0; r < x.rows; r++) spread_row(panel, x, r, dy + r * outputs + first, count);
    transpose_out(dw + first * x.columns, panel, x.columns, count, accumulate);
  });
}

}  // namespace isolens
