// Bonds as strokes and polygons.
#pragma once
#include "labels.h"

namespace isolens::drawing {

// circled: (bonds) true where an aromatic circle stands for the second lines of a ring.
void append_bonds(Scene& scene, const Sketch& sketch, const Style& style, const LabelRange* ranges, Rng& rng, bool* circled);

}  // namespace isolens::drawing
