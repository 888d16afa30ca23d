// Runs the blocks of a launch one after another and the threads of a block as fibers: a thread runs until it waits (barrier,
// warp exchange) or ends. What cannot go on, ends the launch with a report instead of hanging.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "types.h"

namespace isolens::emulation {

// The order in which threads get their turn. Code with a missing barrier gives different results under different orders.
enum class Schedule { kForward, kReverse, kShuffled };
void set_schedule(Schedule schedule);

// Runs `thread` once for every thread of the grid. "" or why the launch ended early, with the places where threads stood.
std::string run_grid(const char* kernel, dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()>& thread);

// Called by threads of a running launch; `where` is the place in the source, compared among those who should meet.
struct Place {
  const char* file;
  int line;
};

// Meets all threads of the block. value: of __syncthreads_count and its kin; returns how many were not zero.
int block_barrier(Place where, int value);

// Meets the lanes of `mask` of the warp; the last one to arrive runs combine(arguments by lane; null for lanes outside the
// mask) once for all of them.
using Combine = void (*)(void* const* arguments, uint32_t mask);
void warp_collective(Place where, uint32_t mask, void* argument, Combine combine);

// Ends the launch with a report: what a kernel finds wrong with itself (emulation only).
[[noreturn]] void refuse(Place where, const std::string& what);

unsigned lane_of_thread();
void* dynamic_shared();

}  // namespace isolens::emulation
