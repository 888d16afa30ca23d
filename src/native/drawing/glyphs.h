// Typefaces as closed polygons. Stand-ins for characters outside ASCII: '_' minus sign, '#' plus-minus, '@' middle dot,
// '&' bullet.
#pragma once
#include <cstdint>

namespace isolens::drawing {

// Points are x, y in 1/80 of the cap height, y up; outer contours clockwise.
struct GlyphOutline {
  int advance = 0;
  const int8_t* points = nullptr;
  const uint8_t* counts = nullptr;
  int contours = 0;
  int8_t left = 0, bottom = 0, right = 0, top = 0;
};

struct Typeface {
  GlyphOutline glyphs[128];  // no points where the face has no such character
};

constexpr float kGlyphUnit = 1.0f / 80;
constexpr int kTypefaces = 6;
enum TypefaceId { kFaceSans, kFaceSansBold, kFaceSerif, kFaceSerifBold, kFaceWide, kFaceMono };

const Typeface& typeface(int id);

}  // namespace isolens::drawing
