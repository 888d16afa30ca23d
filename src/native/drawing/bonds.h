// Bonds as strokes and polygons.
#pragma once
#include "labels.h"

namespace isolens::drawing {

void append_bonds(Scene& scene, const Sketch& sketch, const Style& style, const LabelRange* ranges, Rng& rng);

}  // namespace isolens::drawing
