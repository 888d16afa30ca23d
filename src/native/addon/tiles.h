#pragma once
#include <napi.h>

namespace isolens::addon {
// drawingClasses() -> JSON: [{label, element, isotope, smiles}]
Napi::Value classes(const Napi::CallbackInfo& info);
// renderTiles(path, column, rows: Int32Array, options: {height, width, bond, strength, invented, seed})
//   -> {pixels: Float32Array (n, H, W), truth: JSON [{atoms: [[x, y, class, charge]], bonds: [[x0, y0, x1, y1, order, stereo]]}]}
Napi::Value render_tiles(const Napi::CallbackInfo& info);
}  // namespace isolens::addon
