// A fixed pool with static partitions: part p of a loop always does the same indices, so results depend on the number of
// threads and on nothing else.
#pragma once
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
  void loop(int index);

  int threads_;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int)>* work_ = nullptr;
  int parts_ = 0, next_ = 0, pending_ = 0;
  uint64_t generation_ = 0;
  bool stop_ = false, busy_ = false;
};

}  // namespace isolens
