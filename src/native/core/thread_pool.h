// A fixed pool with static partitions: part p of a loop always does the same indices, so results depend on the number of
// threads and on nothing else.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace isolens {

class ThreadPool {
 public:
  // threads >= 1; the calling thread is one of them.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Runs work(part) for part in [0, parts); returns when all are done. Not reentrant: a nested call runs in its caller.
  void run(int parts, const std::function<void(int part)>& work);

  // Splits [0, count) into at most threads() contiguous ranges of at least `grain` indices: body(begin, end).
  void range(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)>& body);

 private:
  void loop();
  void take_parts(std::unique_lock<std::mutex>& lock);

  int threads_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  // All of these change under the mutex; the atomic ones are also watched without it for a moment before a thread sleeps, since
  // waking one costs more than most loops between two products take.
  const std::function<void(int)>* work_ = nullptr;
  int parts_ = 0, next_ = 0, asleep_ = 0;
  std::atomic<int> pending_{0};
  std::atomic<uint64_t> generation_{0};
  std::atomic<bool> stop_{false};
  bool busy_ = false;
};

}  // namespace isolens
