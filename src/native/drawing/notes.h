// What stands around a structure on a page: salts written as text, compound numbers, arrows, neighbours.
#pragma once
#include "scene.h"
#include "style.h"

namespace isolens::drawing {

// page: what the picture will show; grows with what is added, except where something is cut by its edge.
void append_notes(Scene& scene, const Sketch& sketch, const Style& style, Rng& rng, Box& page);

}  // namespace isolens::drawing
