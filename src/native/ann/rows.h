// Rows of equal length that never move while more are appended: threads may read what stands while the table grows, and growing
// copies nothing.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace isolens::ann {

template <typename T>
class Rows {
 public:
  static constexpr size_t kAlign = 64;

  // width: values in a row; rows start at multiples of 64 bytes.
  explicit Rows(size_t width) : width_(width) {
    constexpr size_t kUnit = kAlign / sizeof(T);
    stride_ = (std::max<size_t>(width, 1) + kUnit - 1) / kUnit * kUnit;
    while ((stride_ * sizeof(T) << shift_) < kBlockBytes && shift_ < 20) ++shift_;
  }

  size_t width() const { return width_; }
  // Values from one row to the next; those past the width are zero.
  size_t stride() const { return stride_; }
  size_t size() const { return size_; }
  T* at(size_t row) { return blocks_[row >> shift_].get() + (row & ((size_t{1} << shift_) - 1)) * stride_; }
  const T* at(size_t row) const { return const_cast<Rows*>(this)->at(row); }

  // Appends rows of zeros; returns the first of them.
  size_t append(size_t rows) {
    const size_t first = size_;
    while (blocks_.size() << shift_ < first + rows) blocks_.push_back(block());
    for (; size_ < first + rows; ++size_) std::memset(static_cast<void*>(at(size_)), 0, stride_ * sizeof(T));
    return first;
  }

 private:
  static constexpr size_t kBlockBytes = size_t{1} << 21;
  struct Free {
    void operator()(T* block) const { ::operator delete(block, std::align_val_t{kBlockBytes}); }
  };
  using Block = std::unique_ptr<T, Free>;

  // Walks over a graph jump from row to row: large pages spare them most misses of the address cache. Not in the first block, most
  // of which a small graph never touches.
  Block block() const {
    const size_t bytes = (stride_ * sizeof(T)) << shift_;
    Block block(static_cast<T*>(::operator new(bytes, std::align_val_t{kBlockBytes})));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (!blocks_.empty()) madvise(block.get(), bytes, MADV_HUGEPAGE);
#endif
    return block;
  }

  size_t width_, stride_ = 0, size_ = 0;
  unsigned shift_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace isolens::ann
