// What is to be inked, in bond lengths, y up: filled polygons and characters.
#pragma once
#include <vector>

#include "glyphs.h"
#include "sketch.h"

namespace isolens::drawing {

struct Glyph {
  Point at;           // left end of the baseline
  float size;         // cap height
  char character;
  float ink;          // 1 = black
  int16_t owner;      // atom, or -1
  const Typeface* face;
};

struct Shape {
  Point corners[4];
  uint8_t count;      // 2 = stroke of `width` between corners 0 and 1, else a polygon
  float width;
  float ink;
};

struct Box {
  float left = 1e9f, bottom = 1e9f, right = -1e9f, top = -1e9f;
  void add(Point p, float margin = 0) {
    left = std::fmin(left, p.x - margin);
    right = std::fmax(right, p.x + margin);
    bottom = std::fmin(bottom, p.y - margin);
    top = std::fmax(top, p.y + margin);
  }
  void add(const Box& b) {
    add(Point{b.left, b.bottom});
    add(Point{b.right, b.top});
  }
  bool empty() const { return right < left; }
  float width() const { return right - left; }
  float height() const { return top - bottom; }
  Point centre() const { return {(left + right) / 2, (bottom + top) / 2}; }
};

struct Scene {
  std::vector<Glyph> glyphs;
  std::vector<Shape> shapes;
  const Typeface* face = nullptr;  // of glyphs appended next
  float stretch = 1;  // horizontal scale of characters

  void clear() {
    glyphs.clear();
    shapes.clear();
  }
  void stroke(Point a, Point b, float width, float ink = 1) { shapes.push_back({{a, b, {}, {}}, 2, width, ink}); }
  void polygon(const Point* corners, int count, float ink = 1) {
    Shape shape{{}, static_cast<uint8_t>(count), 0, ink};
    for (int i = 0; i < count; ++i) shape.corners[i] = corners[i];
    shapes.push_back(shape);
  }
  void move_glyphs(size_t from, Point by) {
    for (size_t i = from; i < glyphs.size(); ++i) glyphs[i].at = glyphs[i].at + by;
  }
  Box box_of(const Glyph& glyph) const;  // of its ink
  Box box_from(size_t firstGlyph, size_t firstShape) const;
  Box box() const { return box_from(0, 0); }
};

}  // namespace isolens::drawing
