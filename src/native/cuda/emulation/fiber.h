// A stack of its own for a piece of work that waits in the middle: switch to it, switch back, as often as it takes.
#pragma once
#include <cstddef>

namespace isolens::emulation {

class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  bool is_valid() const { return memory_ != nullptr; }

  // Sets entry() to run on this stack at the next enter(); whatever ran there before is forgotten.
  void prepare(void (*entry)());
  // From the scheduler: continues this fiber until it leaves.
  void enter();
  // From the fiber: back to the scheduler. last: it will not be entered again before prepare().
  void leave(bool last);
  // First thing that entry() calls.
  static void arrived();

 private:
  char* memory_ = nullptr;  // guard page, then the stack
  void* context_ = nullptr;
  void* fake_stack_ = nullptr;
};

}  // namespace isolens::emulation
