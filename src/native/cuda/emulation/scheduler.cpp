#include "scheduler.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "fiber.h"

uint3 threadIdx{0, 0, 0}, blockIdx{0, 0, 0};
dim3 blockDim, gridDim;

namespace isolens::emulation {

namespace {

enum class State { kFresh, kReady, kAtBarrier, kInWarp, kDone };

struct Thread {
  State state = State::kFresh;
  uint3 index{0, 0, 0};
  Fiber* fiber = nullptr;
  Place where{"", 0};
  int barrier_value = 0;
  uint32_t mask = 0;
  void* argument = nullptr;
  Combine combine = nullptr;
};

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

std::string describe(Place where) {
  const char* name = std::strrchr(where.file, '/');
  return std::string(name == nullptr ? where.file : name + 1) + ":" + std::to_string(where.line);
}
bool same(Place a, Place b) { return a.line == b.line && std::strcmp(a.file, b.file) == 0; }

class Grid {
 public:
  std::string run(const char* kernel, dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()>& body) {
    failure_.clear();
    body_ = &body;
    gridDim = grid;
    blockDim = block;
    threads_.resize(static_cast<size_t>(block.x) * block.y * block.z);
    // Of the exact size, so that a sanitizer sees what lies beyond it.
    shared_bytes_ = shared_bytes;
    shared_.reset(shared_bytes == 0 ? nullptr : std::malloc(shared_bytes));
    const uint64_t blocks = static_cast<uint64_t>(grid.x) * grid.y * grid.z;
    for (uint64_t i = 0; i < blocks && failure_.empty(); i++) {
      const uint64_t at = schedule_ == Schedule::kReverse ? blocks - 1 - i : i;
      blockIdx = {static_cast<unsigned>(at % grid.x), static_cast<unsigned>(at / grid.x % grid.y), static_cast<unsigned>(at / grid.x / grid.y)};
      run_block();
    }
    if (failure_.empty()) return "";
    return std::string(kernel) + ", block (" + std::to_string(blockIdx.x) + ", " + std::to_string(blockIdx.y) + ", " + std::to_string(blockIdx.z) + "): " + failure_;
  }

  int barrier(Place where, int value) {
    Thread& mine = threads_[current_];
    if (at_barrier_ > 0 && !same(where, barrier_place_)) {
      refuse(where, "divergent barrier: some threads wait at " + describe(barrier_place_) + ", thread " + std::to_string(current_) + " at " + describe(where));
    }
    barrier_place_ = where;
    at_barrier_++;
    barrier_sum_ += value;
    wait(&mine, State::kAtBarrier, where);
    return barrier_result_;
  }

  void meet(Place where, uint32_t mask, void* argument, Combine combine) {
    const int warp = current_ / 32 * 32, lane = current_ % 32;
    Thread& mine = threads_[current_];
    if (((mask >> lane) & 1u) == 0) refuse(where, "lane " + std::to_string(lane) + " is not in the mask it gives");
    mine.mask = mask;
    mine.argument = argument;
    mine.combine = combine;
    mine.where = where;
    mine.state = State::kInWarp;
    if (!all_met(where, warp, lane, mask, combine)) {
      wait(&mine, State::kInWarp, where);
      return;
    }
    void* arguments[32] = {};
    for (int other = 0; other < 32; other++) {
      if (((mask >> other) & 1u) == 0) continue;
      arguments[other] = threads_[warp + other].argument;
      threads_[warp + other].state = State::kReady;
    }
    if (combine != nullptr) combine(arguments, mask);
  }

  [[noreturn]] void stop(Place where, const std::string& what) {
    if (failure_.empty()) failure_ = what + " (thread " + std::to_string(current_) + " at " + describe(where) + ")";
    threads_[current_].fiber->leave(true);
    std::abort();  // an ended launch is never entered again
  }

  void finish_thread() {
    threads_[current_].state = State::kDone;
    done_++;
    threads_[current_].fiber->leave(true);
    std::abort();
  }

  void run_body() const { (*body_)(); }
  int current() const { return current_; }
  void* shared() const { return shared_.get(); }
  void set_schedule(Schedule schedule) { schedule_ = schedule; }

 private:
  void run_block() {
    const int count = static_cast<int>(threads_.size());
    if (shared_bytes_ > 0) std::memset(shared_.get(), 0xff, shared_bytes_);  // floats that were never written are NaN
    for (int t = 0; t < count; t++) {
      threads_[t] = Thread();
      threads_[t].index = {t % blockDim.x, t / blockDim.x % blockDim.y, t / blockDim.x / blockDim.y};
    }
    done_ = at_barrier_ = barrier_sum_ = 0;
    while (done_ < count && failure_.empty()) {
      const bool moved = run_ready();
      if (!failure_.empty() || done_ == count) break;
      if (at_barrier_ > 0 && at_barrier_ + done_ == count) {
        release_barrier();
      } else if (!moved) {
        failure_ = "threads wait for each other: " + standing();
      }
    }
    if (failure_.empty()) return;
    for (Thread& thread : threads_) give_back(&thread);
  }

  // Gives every thread that can go on its turn, a warp at a time until none of its lanes can. False: none could.
  bool run_ready() {
    const int count = static_cast<int>(threads_.size()), warps = (count + 31) / 32;
    bool moved = false;
    for (int w = 0; w < warps; w++) {
      const int warp = order(w, warps, &warp_lap_);
      const int lanes = std::min(32, count - warp * 32);
      for (bool again = true; again && failure_.empty();) {
        again = false;
        for (int l = 0; l < lanes && failure_.empty(); l++) {
          const int t = warp * 32 + order(l, lanes, &lane_lap_);
          if (threads_[t].state != State::kFresh && threads_[t].state != State::kReady) continue;
          turn(t);
          again = moved = true;
        }
      }
    }
    return moved;
  }

  // lap: of this loop alone, since loops nest.
  int order(int i, int count, unsigned* lap) {
    if (schedule_ == Schedule::kForward) return i;
    if (schedule_ == Schedule::kReverse) return count - 1 - i;
    // Every lap starts elsewhere and steps by a number without common factor: a permutation.
    if (i == 0) *lap = *lap * 747796405u + 2891336453u;
    int step = 1 + static_cast<int>(*lap % static_cast<unsigned>(count));
    while (std::max(1, gcd(step, count)) != 1) step++;
    return static_cast<int>((*lap / 64 + static_cast<unsigned>(i) * static_cast<unsigned>(step)) % static_cast<unsigned>(count));
  }
  static int gcd(int a, int b) { return b == 0 ? a : gcd(b, a % b); }

  void turn(int t);

  void wait(Thread* mine, State state, Place where) {
    mine->state = state;
    mine->where = where;
    mine->fiber->leave(false);
  }

  bool all_met(Place where, int warp, int lane, uint32_t mask, Combine combine) {
    bool all = true;
    for (int other = 0; other < 32; other++) {
      if (((mask >> other) & 1u) == 0 || other == lane) continue;
      if (warp + other >= static_cast<int>(threads_.size())) refuse(where, "the mask names lane " + std::to_string(other) + ", which the block does not have");
      const Thread& thread = threads_[warp + other];
      if (thread.state == State::kDone) refuse(where, "the mask names lane " + std::to_string(other) + ", which has ended");
      const bool here = thread.state == State::kInWarp && ((thread.mask >> lane) & 1u) != 0;
      if (here && (thread.mask != mask || thread.combine != combine || !same(thread.where, where))) {
        refuse(where, "lanes of a warp meet at different places: lane " + std::to_string(other) + " at " + describe(thread.where));
      }
      all = all && here;
    }
    return all;
  }

  void release_barrier() {
    if (done_ > 0) {
      failure_ = "barrier at " + describe(barrier_place_) + " while " + std::to_string(done_) + " threads of the block have ended";
      return;
    }
    barrier_result_ = barrier_sum_;
    at_barrier_ = barrier_sum_ = 0;
    for (Thread& thread : threads_) thread.state = State::kReady;
  }

  // "thread 0 at a.cu:12, ..." of the first few that wait, each place once.
  std::string standing() const {
    std::string text;
    std::vector<Place> seen;
    for (size_t t = 0; t < threads_.size(); t++) {
      const Thread& thread = threads_[t];
      if (thread.state != State::kAtBarrier && thread.state != State::kInWarp) continue;
      if (std::any_of(seen.begin(), seen.end(), [&](Place place) { return same(place, thread.where); })) continue;
      seen.push_back(thread.where);
      text += (text.empty() ? "thread " : ", thread ") + std::to_string(t) + (thread.state == State::kAtBarrier ? " in the barrier at " : " in the warp exchange at ") + describe(thread.where);
    }
    return text + ", " + std::to_string(done_) + " threads have ended";
  }

  void give_back(Thread* thread) {
    if (thread->fiber != nullptr) free_.push_back(thread->fiber);
    thread->fiber = nullptr;
  }

  const std::function<void()>* body_ = nullptr;
  std::vector<Thread> threads_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> free_;
  std::unique_ptr<void, FreeMemory> shared_;
  size_t shared_bytes_ = 0;
  Schedule schedule_ = Schedule::kForward;
  unsigned warp_lap_ = 1, lane_lap_ = 2;
  int current_ = 0, done_ = 0, at_barrier_ = 0, barrier_sum_ = 0, barrier_result_ = 0;
  Place barrier_place_{"", 0};
  std::string failure_;
};

// One launch at a time: the built-in variables and the static shared memory of kernels belong to it.
std::mutex g_mutex;
Grid g_grid;

void thread_entry() {
  Fiber::arrived();
  g_grid.run_body();
  g_grid.finish_thread();
}

void Grid::turn(int t) {
  Thread& thread = threads_[t];
  if (thread.state == State::kFresh) {
    // The stack used last is still in the cache.
    if (free_.empty()) {
      fibers_.push_back(std::make_unique<Fiber>());
      if (!fibers_.back()->is_valid()) {
        failure_ = "no memory for another stack";
        fibers_.pop_back();
        return;
      }
      free_.push_back(fibers_.back().get());
    }
    thread.fiber = free_.back();
    free_.pop_back();
    thread.fiber->prepare(thread_entry);
  }
  thread.state = State::kReady;
  current_ = t;
  threadIdx = thread.index;
  thread.fiber->enter();
  if (thread.state == State::kDone) give_back(&thread);
}

}  // namespace

void set_schedule(Schedule schedule) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  g_grid.set_schedule(schedule);
}

std::string run_grid(const char* kernel, dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()>& thread) {
  const std::lock_guard<std::mutex> lock(g_mutex);
  return g_grid.run(kernel, grid, block, shared_bytes, thread);
}

int block_barrier(Place where, int value) { return g_grid.barrier(where, value); }
void warp_collective(Place where, uint32_t mask, void* argument, Combine combine) { g_grid.meet(where, mask, argument, combine); }
void refuse(Place where, const std::string& what) { g_grid.stop(where, what); }
unsigned lane_of_thread() { return static_cast<unsigned>(g_grid.current()) % 32; }
void* dynamic_shared() { return g_grid.shared(); }

}  // namespace isolens::emulation
