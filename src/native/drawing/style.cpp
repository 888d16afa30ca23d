#include "style.h"


#include "glyphs.h"

namespace isolens::drawing {
namespace {

int pick_face(Rng& rng) {
  const float u = rng.uniform();
  if (u < 0.50f) return kFaceSans;
  if (u < 0.82f) return kFaceSerif;
  if (u < 0.89f) return kFaceSansBold;
  if (u < 0.93f) return kFaceSerifBold;
  if (u < 0.97f) return kFaceWide;
  return kFaceMono;
}

}  // namespace

Style sample_style(float strength, Rng& rng) {
  Style style;
  style.native = 2.0f;
  if (strength <= 0) return style;
  const auto around = [&](float value, float low, float high) {
    return value + strength * (rng.uniform(low, high) - value);
  };
  style.vary = true;
  style.face = pick_face(rng);
  style.cap = around(style.cap, 0.30f, 0.56f);
  style.line = around(style.line, 0.025f, 0.075f);
  style.doubleGap = around(style.doubleGap, 0.11f, 0.22f);
  style.innerShortening = around(style.innerShortening, 0.0f, 0.2f);
  style.wedge = around(style.wedge, 0.11f, 0.26f);
  style.native = rng.uniform(1.3f, 2.4f);
  return style;
}

}  // namespace isolens::drawing
