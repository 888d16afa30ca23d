#include "broadcast.h"

#include <cstring>

namespace isolens {

BroadcastLoop make_broadcast_loop(const Shape& a, const Shape& b, const Shape& out) {
  const Shape* operands[2] = {&a, &b};
  BroadcastLoop loop;
  int64_t step[2] = {1, 1};
  bool joined_present[2] = {false, false};
  // From the innermost axis; `loop` is built back to front.
  for (size_t back = 0; back < out.size(); back++) {
    const int64_t size = out[out.size() - 1 - back];
    if (size == 1) continue;
    bool present[2];
    for (int k = 0; k < 2; k++) {
      const Shape& shape = *operands[k];
      present[k] = back < shape.size() && shape[shape.size() - 1 - back] != 1;
    }
    if (!loop.size.empty() && present[0] == joined_present[0] && present[1] == joined_present[1]) {
      loop.size.back() *= size;
    } else {
      loop.size.push_back(size);
      for (int k = 0; k < 2; k++) loop.stride[k].push_back(present[k] ? step[k] : 0);
    }
    for (int k = 0; k < 2; k++) {
      joined_present[k] = present[k];
      if (present[k]) step[k] *= size;
    }
  }
  if (loop.size.empty()) {
    loop.size = {1};
    for (int k = 0; k < 2; k++) loop.stride[k] = {1};
  }
  std::reverse(loop.size.begin(), loop.size.end());
  for (int k = 0; k < 2; k++) std::reverse(loop.stride[k].begin(), loop.stride[k].end());
  return loop;
}

void reduce_broadcast(ThreadPool& pool, float* target, const Shape& shape, const float* full, const Shape& full_shape, float scale, bool accumulate) {
  if (!accumulate) std::memset(target, 0, static_cast<size_t>(element_count(shape)) * 4);
  const BroadcastLoop loop = make_broadcast_loop(shape, full_shape, full_shape);
  const bool repeated = loop.stride[0].back() == 0;
  for_rows_into(pool, loop, 0, [&](int64_t, int64_t to, int64_t from, int64_t length) {
    const float* source = full + from;
    if (repeated) {
      target[to] += scale * static_cast<float>(sum_of(source, length));
    } else {
      float* row = target + to;
      for (int64_t i = 0; i < length; i++) row[i] += scale * source[i];
    }
  });
}

}  // namespace isolens
