#pragma once
#include <napi.h>

namespace isolens::addon {
// The constructor of NativeGraph.
Napi::Function define_graph(Napi::Env env);
}  // namespace isolens::addon
