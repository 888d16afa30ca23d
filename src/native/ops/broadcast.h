// Numpy broadcasting of two operands as loops over rows: sizes of 1 dropped, neighbouring axes that broadcast alike joined,
// so that equal shapes become one flat loop and (N, C) with (C) becomes N loops of length C.
#pragma once
#include "loops.h"

namespace isolens {

struct BroadcastLoop {
  Shape size;                  // outermost first; the last is the row
  Shape stride[2];             // per operand; 0 where it is repeated
  int64_t row() const { return size.back(); }
  int64_t outer() const { return element_count(size) / std::max<int64_t>(row(), 1); }
};

BroadcastLoop make_broadcast_loop(const Shape& a, const Shape& b, const Shape& out);

// body(offset in out, offset in a, offset in b, length): rows of an outer range, cut to columns [first, last).
template <typename Body>
void walk_rows(const BroadcastLoop& loop, int64_t outer_begin, int64_t outer_end, int64_t first, int64_t last, const Body& body) {
  const int outer_axes = static_cast<int>(loop.size.size()) - 1;
  int64_t index[16] = {};
  int64_t a = 0, b = 0, rest = outer_begin;
  for (int axis = outer_axes - 1; axis >= 0; axis--) {
    index[axis] = rest % loop.size[axis];
    rest /= loop.size[axis];
    a += index[axis] * loop.stride[0][axis];
    b += index[axis] * loop.stride[1][axis];
  }
  const int64_t row = loop.row(), row_a = loop.stride[0].back(), row_b = loop.stride[1].back();
  for (int64_t outer = outer_begin; outer < outer_end; outer++) {
    body(outer * row + first, a + first * row_a, b + first * row_b, last - first);
    for (int axis = outer_axes - 1; axis >= 0; axis--) {
      a += loop.stride[0][axis];
      b += loop.stride[1][axis];
      if (++index[axis] < loop.size[axis]) break;
      a -= loop.size[axis] * loop.stride[0][axis];
      b -= loop.size[axis] * loop.stride[1][axis];
      index[axis] = 0;
    }
  }
}

// All rows, on all threads. Every row writes its own part of the output.
template <typename Body>
void for_rows(ThreadPool& pool, const BroadcastLoop& loop, const Body& body) {
  const int64_t outer = loop.outer(), row = loop.row();
  if (outer == 1) {
    pool.range(row, kGrain, [&](int64_t begin, int64_t end) { walk_rows(loop, 0, 1, begin, end, body); });
  } else {
    pool.range(outer, std::max<int64_t>(1, kGrain / std::max<int64_t>(row, 1)), [&](int64_t begin, int64_t end) { walk_rows(loop, begin, end, 0, row, body); });
  }
}

// All rows, on as many threads as write to different elements of `operand` (0 or 1), which the rows add to.
template <typename Body>
void for_rows_into(ThreadPool& pool, const BroadcastLoop& loop, int operand, const Body& body) {
  const int64_t outer = loop.outer(), row = loop.row();
  if (loop.size.size() > 1 && loop.stride[operand][0] != 0) {
    const int64_t inside = outer / loop.size[0];
    pool.range(loop.size[0], std::max<int64_t>(1, kGrain / std::max<int64_t>(inside * row, 1)), [&](int64_t begin, int64_t end) {
      walk_rows(loop, begin * inside, end * inside, 0, row, body);
    });
  } else if (loop.stride[operand].back() != 0) {
    pool.range(row, std::max<int64_t>(16, kGrain / std::max<int64_t>(outer, 1)), [&](int64_t begin, int64_t end) { walk_rows(loop, 0, outer, begin, end, body); });
  } else {
    walk_rows(loop, 0, outer, 0, row, body);
  }
}

// target (of `shape`, which broadcasts to `full_shape`) = or += scale * the sum of `full` over the repeated axes.
void reduce_broadcast(ThreadPool& pool, float* target, const Shape& shape, const float* full, const Shape& full_shape, float scale, bool accumulate);

}  // namespace isolens
