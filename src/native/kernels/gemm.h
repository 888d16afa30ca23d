// What the sources of this folder share besides the interface.
#pragma once
#include <cstddef>

#include "kernels.h"

namespace isolens {

// Scratch of the calling thread, kept until the thread ends; contents are lost on the next call with the same slot.
float* thread_scratch(int slot, size_t floats);

inline bool use_pairs(Precision precision) { return precision == Precision::kBf16 && has_bf16(); }

}  // namespace isolens
