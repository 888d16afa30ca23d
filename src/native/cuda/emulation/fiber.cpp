#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define ISOLENS_ASAN(call) call
#else
#define ISOLENS_ASAN(call)
#endif

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace isolens::emulation {

namespace {

constexpr size_t kGuard = 4096;
#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kStack = size_t{512} << 10;
#else
constexpr size_t kStack = size_t{128} << 10;
#endif

// Of the scheduler, while a fiber runs.
void* g_scheduler = nullptr;
#if defined(__SANITIZE_ADDRESS__)
void* g_scheduler_fake = nullptr;
const void* g_scheduler_bottom = nullptr;
size_t g_scheduler_size = 0;
#endif

}  // namespace

#if defined(__x86_64__)
// Saves what a call must keep, and the stack pointer; swapcontext() would ask the kernel for the signal mask every time.
extern "C" void isolens_switch_stack(void** save, void* load);
asm(R"(
  .text
  .p2align 4
  .type isolens_switch_stack, @function
isolens_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size isolens_switch_stack, .-isolens_switch_stack
)");

void Fiber::prepare(void (*entry)()) {
  ISOLENS_ASAN(__asan_unpoison_memory_region(memory_ + kGuard, kStack));
  // Six registers, then where `ret` goes: that slot lies on a multiple of 16, as a call would leave it.
  auto* top = reinterpret_cast<uintptr_t*>(memory_ + kGuard + kStack - 64);
  top[0] = reinterpret_cast<uintptr_t>(entry);
  top[1] = 0;
  for (int i = 1; i <= 6; i++) top[-i] = 0;
  context_ = top - 6;
}

static void switch_stack(void** save, void* load) { isolens_switch_stack(save, load); }
#else
void Fiber::prepare(void (*entry)()) {
  if (context_ == nullptr) context_ = new ucontext_t;
  auto* context = static_cast<ucontext_t*>(context_);
  getcontext(context);
  context->uc_stack.ss_sp = memory_ + kGuard;
  context->uc_stack.ss_size = kStack;
  context->uc_link = nullptr;
  makecontext(context, entry, 0);
}

static void switch_stack(void** save, void* load) {
  if (*save == nullptr) *save = new ucontext_t;
  swapcontext(static_cast<ucontext_t*>(*save), static_cast<ucontext_t*>(load));
}
#endif

Fiber::Fiber() {
  void* memory = mmap(nullptr, kGuard + kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  memory_ = static_cast<char*>(memory);
  mprotect(memory_, kGuard, PROT_NONE);
}

Fiber::~Fiber() {
  if (memory_ == nullptr) return;
  ISOLENS_ASAN(__asan_unpoison_memory_region(memory_ + kGuard, kStack));
  munmap(memory_, kGuard + kStack);
#if !defined(__x86_64__)
  delete static_cast<ucontext_t*>(context_);
#endif
}

void Fiber::enter() {
  ISOLENS_ASAN(__sanitizer_start_switch_fiber(&g_scheduler_fake, memory_ + kGuard, kStack));
  switch_stack(&g_scheduler, context_);
  ISOLENS_ASAN(__sanitizer_finish_switch_fiber(g_scheduler_fake, nullptr, nullptr));
}

void Fiber::arrived() { ISOLENS_ASAN(__sanitizer_finish_switch_fiber(nullptr, &g_scheduler_bottom, &g_scheduler_size)); }

void Fiber::leave(bool last) {
  (void)last;
  ISOLENS_ASAN(__sanitizer_start_switch_fiber(last ? nullptr : &fake_stack_, g_scheduler_bottom, g_scheduler_size));
  switch_stack(&context_, g_scheduler);
  ISOLENS_ASAN(__sanitizer_finish_switch_fiber(fake_stack_, &g_scheduler_bottom, &g_scheduler_size));
}

}  // namespace isolens::emulation
