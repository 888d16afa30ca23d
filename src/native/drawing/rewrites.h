// The same molecule in other notations: nitro groups without charges, arrows to oxygen, hydrogens at stereocentres.
#pragma once
#include "sketch.h"
#include "style.h"

namespace isolens::drawing {

void rewrite_notation(Sketch& sketch, const Style& style, Rng& rng);

}  // namespace isolens::drawing
