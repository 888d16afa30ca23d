#pragma once
#include <napi.h>

namespace isolens::addon {
// The constructor of NativeProgram.
Napi::Function define_program(Napi::Env env);
}  // namespace isolens::addon
