// Molecules that nobody made, for a reader that must trust what is drawn more than what is usual: rare letters in place of
// common ones, and R groups.
#pragma once
#include "sketch.h"

namespace isolens::drawing {

void mutate(Sketch& sketch, Rng& rng);

}  // namespace isolens::drawing
