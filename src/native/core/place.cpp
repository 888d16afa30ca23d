// Offsets of storages: largest first, each at the lowest place that no storage alive at the same time takes (the "greedy by
// size" planner of Pisarchyk & Lee 2020, arXiv:2001.03288).
#include <algorithm>
#include <numeric>

#include "plan.h"

namespace isolens {

namespace {
constexpr size_t kAlignment = 64;
size_t aligned(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }
}  // namespace

size_t place_storages(std::vector<Storage>* storages) {
  std::vector<int> order(storages->size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return (*storages)[a].bytes > (*storages)[b].bytes; });
  std::vector<int> placed;  // by offset
  size_t total = 0;
  for (int index : order) {
    Storage& storage = (*storages)[index];
    const size_t bytes = aligned(std::max<size_t>(storage.bytes, 1));
    size_t offset = 0;
    for (int other_index : placed) {
      const Storage& other = (*storages)[other_index];
      if (other.end < storage.start || other.start > storage.end) continue;
      if (offset + bytes <= other.offset) break;
      offset = std::max(offset, aligned(other.offset + std::max<size_t>(other.bytes, 1)));
    }
    storage.offset = offset;
    total = std::max(total, offset + bytes);
    const auto at = std::upper_bound(placed.begin(), placed.end(), offset, [&](size_t value, int i) { return value < (*storages)[i].offset; });
    placed.insert(at, index);
  }
  return total;
}

}  // namespace isolens
