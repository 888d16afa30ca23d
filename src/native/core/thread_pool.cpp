#include "thread_pool.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace isolens {
namespace {

thread_local bool inside_pool = false;  // this thread is running a part: nested calls run in place

constexpr int kSpins = 1500;  // some 20 to 40 microseconds

inline void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

template <typename Done>
void spin_until(Done done) {
  for (int i = 0; i < kSpins && !done(); ++i) relax();
}

}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(std::max(1, threads)) {
  for (int i = 1; i < threads_; ++i) workers_.emplace_back([this] { loop(); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// Runs parts that nobody has taken yet; the lock is held on entry and on return.
void ThreadPool::take_parts(std::unique_lock<std::mutex>& lock) {
  while (next_ < parts_) {
    const int part = next_++;
    const auto* work = work_;
    lock.unlock();
    (*work)(part);
    lock.lock();
    --pending_;
  }
}

void ThreadPool::run(int parts, const std::function<void(int part)>& work) {
  std::unique_lock<std::mutex> lock(mutex_, std::defer_lock);
  if (!inside_pool && threads_ > 1 && parts > 1) lock.lock();
  if (!lock.owns_lock() || busy_) {
    if (lock.owns_lock()) lock.unlock();
    for (int part = 0; part < parts; ++part) work(part);
    return;
  }
  busy_ = true;
  work_ = &work;
  parts_ = parts;
  pending_ = parts;
  next_ = 0;
  ++generation_;
  if (asleep_ > 0) wake_.notify_all();
  inside_pool = true;
  take_parts(lock);
  inside_pool = false;
  if (pending_ > 0) {
    lock.unlock();
    spin_until([this] { return pending_.load(std::memory_order_acquire) == 0; });
    lock.lock();
    done_.wait(lock, [this] { return pending_ == 0; });
  }
  work_ = nullptr;
  busy_ = false;
}

void ThreadPool::loop() {
  inside_pool = true;
  uint64_t seen = 0;
  for (;;) {
    spin_until([&] { return stop_.load(std::memory_order_acquire) || generation_.load(std::memory_order_acquire) != seen; });
    std::unique_lock<std::mutex> lock(mutex_);
    ++asleep_;
    wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
    --asleep_;
    if (stop_) return;
    seen = generation_;
    take_parts(lock);
    if (pending_ == 0) done_.notify_one();
  }
}

void ThreadPool::range(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& body) {
  if (count <= 0) return;
  const int64_t most = std::max<int64_t>(1, count / std::max<int64_t>(1, grain));
  const int64_t parts = std::min<int64_t>(threads_, most);
  if (parts == 1) return body(0, count);
  run(static_cast<int>(parts), [&](int part) { body(count * part / parts, count * (part + 1) / parts); });
}

}  // namespace isolens
