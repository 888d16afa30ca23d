// Atom labels: which text an atom gets, where it stands, and where bonds must stop before it.
#pragma once
#include "scene.h"
#include "style.h"

namespace isolens::drawing {

struct LabelRange {
  int first = 0, count = 0;  // glyphs of this atom in the scene
};

// Appends one glyph per character. Digits after a letter or bracket become subscripts; '^' starts a superscript, '~' a
// subscript, '|' ends either. Returns the advance width.
float append_text(Scene& scene, const char* text, Point at, const Style& style, float cap, int owner, float ink,
                  bool plainDigits = false);

void append_labels(Scene& scene, const Sketch& sketch, const Style& style, LabelRange* ranges);

// How far along the bond from `from` towards `to` the line may start (0..1) so as to clear the label's characters.
float clear_of_label(const Scene& scene, const LabelRange& range, Point from, Point to, float gap);

}  // namespace isolens::drawing
