#include "scene.h"

namespace isolens::drawing {

Box Scene::box_of(const Glyph& glyph) const {
  const GlyphOutline& outline = glyph.face->glyphs[static_cast<int>(glyph.character) & 127];
  Box box;
  if (outline.points == nullptr) return box;
  const float unit = glyph.size * kGlyphUnit;
  box.add(Point{glyph.at.x + outline.left * unit * stretch, glyph.at.y + outline.bottom * unit});
  box.add(Point{glyph.at.x + outline.right * unit * stretch, glyph.at.y + outline.top * unit});
  return box;
}

Box Scene::box_from(size_t firstGlyph, size_t firstShape) const {
  Box box;
  for (size_t i = firstGlyph; i < glyphs.size(); ++i) {
    const Box one = box_of(glyphs[i]);
    if (!one.empty()) box.add(one);
  }
  for (size_t i = firstShape; i < shapes.size(); ++i) {
    for (int k = 0; k < shapes[i].count; ++k) box.add(shapes[i].corners[k], shapes[i].width / 2);
  }
  return box;
}

}  // namespace isolens::drawing
