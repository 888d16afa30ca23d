#include "glyphs.h"

#include <algorithm>

namespace isolens::drawing {
namespace {

struct Outline {
  uint8_t character;
  int16_t advance;
  uint16_t contour;
  uint8_t contours;
};

#include "glyphs/outlines.inc"

template <size_t N>
Typeface build(const Outline (&outlines)[N], const uint8_t* counts, const int8_t* points) {
  Typeface face;
  const int8_t* at = points;
  for (const Outline& outline : outlines) {
    GlyphOutline& glyph = face.glyphs[outline.character];
    glyph.advance = outline.advance;
    glyph.points = at;
    glyph.counts = counts + outline.contour;
    glyph.contours = outline.contours;
    glyph.left = glyph.bottom = 127;
    glyph.right = glyph.top = -128;
    for (int c = 0; c < outline.contours; ++c) {
      for (int i = 0; i < glyph.counts[c]; ++i, at += 2) {
        glyph.left = std::min(glyph.left, at[0]);
        glyph.right = std::max(glyph.right, at[0]);
        glyph.bottom = std::min(glyph.bottom, at[1]);
        glyph.top = std::max(glyph.top, at[1]);
      }
    }
  }
  face.glyphs[' '].advance = outlines[0].advance / 2;
  return face;
}

struct Faces {
  Typeface all[kTypefaces];
  Faces() {
    all[kFaceSans] = build(kSansOutlines, kSansCounts, kSansPoints);
    all[kFaceSansBold] = build(kSansBoldOutlines, kSansBoldCounts, kSansBoldPoints);
    all[kFaceSerif] = build(kSerifOutlines, kSerifCounts, kSerifPoints);
    all[kFaceSerifBold] = build(kSerifBoldOutlines, kSerifBoldCounts, kSerifBoldPoints);
    all[kFaceWide] = build(kWideOutlines, kWideCounts, kWidePoints);
    all[kFaceMono] = build(kMonoOutlines, kMonoCounts, kMonoPoints);
  }
};

}  // namespace

const Typeface& typeface(int id) {
  static const Faces faces;
  return faces.all[std::clamp(id, 0, kTypefaces - 1)];
}

}  // namespace isolens::drawing
