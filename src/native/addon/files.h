#pragma once
#include <napi.h>

namespace isolens::addon {

// mapFile(path, bytes) -> ArrayBuffer over a file of that size, read where it is touched. Writing to it changes no file. All threads and
// processes that map one file share its memory, and the system takes back what nobody reads.
Napi::Value map_file(const Napi::CallbackInfo& info);

}  // namespace isolens::addon
