#include "thread_pool.h"

#include <algorithm>

namespace isolens {
namespace {
thread_local bool inside_pool = false;  // this thread is running a part: nested calls run in place
}

ThreadPool::ThreadPool(int threads) : threads_(std::max(1, threads)) {
  for (int i = 1; i < threads_; ++i) workers_.emplace_back([this, i] { loop(i); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
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
  parts_ = pending_ = parts;
  next_ = 0;
  ++generation_;
  wake_.notify_all();
  inside_pool = true;
  while (next_ < parts_) {
    const int part = next_++;
    lock.unlock();
    work(part);
    lock.lock();
    --pending_;
  }
  inside_pool = false;
  done_.wait(lock, [this] { return pending_ == 0; });
  work_ = nullptr;
  busy_ = false;
}

void ThreadPool::loop(int) {
  inside_pool = true;
  uint64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
    if (stop_) return;
    seen = generation_;
    while (next_ < parts_) {
      const int part = next_++;
      const auto* work = work_;
      lock.unlock();
      (*work)(part);
      lock.lock();
      if (--pending_ == 0) done_.notify_one();
    }
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
