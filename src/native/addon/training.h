#pragma once
#include <napi.h>

namespace isolens::addon {
// train(config: string, onEvent: (event: string) => void) -> { promise: Promise<string>, cancel(): void }
Napi::Value start_training(const Napi::CallbackInfo& info);
}  // namespace isolens::addon
