// Salts, hydrates and mixtures: the parts of a disconnected molecule side by side.
#pragma once
#include "scene.h"
#include "style.h"

namespace isolens::drawing {

struct ComponentNotes {
  struct Dot { Point at; };
  struct Count { Point at; int count; };  // right end of the number
  Dot dots[8];
  Count counts[8];
  int dotCount = 0, countCount = 0;
};

// Places the parts in a row (rarely a column), the largest first; repeated single atoms become one with a number before it.
void arrange_components(Sketch& sketch, const Style& style, Rng& rng, ComponentNotes& notes);

void append_component_notes(Scene& scene, const ComponentNotes& notes, const Style& style, Rng& rng);

}  // namespace isolens::drawing
