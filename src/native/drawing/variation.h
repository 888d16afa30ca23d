// Other layouts of the same molecule: what another chemist might have drawn.
#pragma once
#include "sketch.h"
#include "style.h"

namespace isolens::drawing {

// Branches reflected, turned and stretched where nothing collides; then the whole mirrored, set upright, squeezed.
void vary_layout(Sketch& sketch, const Style& style, Rng& rng);

}  // namespace isolens::drawing
