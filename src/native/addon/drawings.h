#pragma once
#include <napi.h>

namespace isolens::addon {
// renderDrawings(path, column, rows: Int32Array, options: {height, width, strength, seed}) -> Float32Array (n, H, W)
Napi::Value render_drawings(const Napi::CallbackInfo& info);
// normaliseDrawing(gray: Uint8Array, rows, columns, height, width) -> Float32Array (H, W) | null
Napi::Value normalise(const Napi::CallbackInfo& info);
}  // namespace isolens::addon
