#include "style.h"

#include <algorithm>

#include "glyphs.h"

namespace isolens::drawing {
namespace {

// Bell-shaped around `value`, never beyond `reach`.
float near(float value, float reach, Rng& rng) {
  return value + reach * (rng.uniform(-1, 1) + rng.uniform(-1, 1)) * 0.5f;
}

// Ratios to the bond length were measured on drug drawings and scanned patents (medians: line 0.041 and 0.032, cap height
// 0.35 and 0.28, double bond gap 0.20 and 0.14).
void drug_drawing(Style& style, Rng& rng) {
  style.face = rng.chance(0.9f) ? kFaceSans : kFaceWide;
  style.cap = near(0.35f, 0.07f, rng);
  style.line = near(0.041f, 0.013f, rng);
  style.doubleGap = near(0.195f, 0.05f, rng);
  style.innerShortening = near(0.15f, 0.07f, rng);
  style.hash = rng.chance(0.65f) ? Style::Hash::kDashed : Style::Hash::kTapered;
  style.methyl = rng.chance(0.9f) ? Style::Methyl::kCh3 : Style::Methyl::kBare;
  style.noteFace = rng.chance(0.6f) ? kFaceSerif : style.face;
  style.looseCharges = rng.chance(0.35f);
}

void patent_drawing(Style& style, Rng& rng) {
  style.face = rng.chance(0.86f) ? kFaceSerif : rng.chance(0.5f) ? kFaceSans : kFaceSerifBold;
  style.cap = near(0.285f, 0.07f, rng);
  style.line = near(0.033f, 0.014f, rng);
  style.doubleGap = near(0.145f, 0.05f, rng);
  style.innerShortening = near(0.12f, 0.08f, rng);
  style.hash = rng.chance(0.6f) ? Style::Hash::kTapered : rng.chance(0.7f) ? Style::Hash::kConstant : Style::Hash::kDashed;
  const float methyl = rng.uniform();
  style.methyl = methyl < 0.58f ? Style::Methyl::kBare : methyl < 0.9f ? Style::Methyl::kCh3 : Style::Methyl::kMe;
  style.noteFace = style.face;
  style.terminalCarbons = style.methyl == Style::Methyl::kCh3;
  style.looseCharges = rng.chance(0.1f);
}

void journal_drawing(Style& style, Rng& rng) {
  style.face = rng.chance(0.85f) ? kFaceSans : kFaceSansBold;
  style.cap = near(0.48f, 0.08f, rng);
  style.line = near(0.045f, 0.015f, rng);
  style.doubleGap = near(0.18f, 0.04f, rng);
  style.innerShortening = near(0.12f, 0.05f, rng);
  style.hash = Style::Hash::kTapered;
  style.methyl = rng.chance(0.7f) ? Style::Methyl::kBare : rng.chance(0.5f) ? Style::Methyl::kMe : Style::Methyl::kCh3;
  style.terminalCarbons = false;
  style.noteFace = style.face;
}

void any_drawing(Style& style, Rng& rng) {
  style.face = static_cast<int>(rng.below(kTypefaces));
  style.cap = rng.uniform(0.24f, 0.56f);
  style.line = rng.uniform(0.02f, 0.085f);
  style.doubleGap = rng.uniform(0.10f, 0.26f);
  style.innerShortening = rng.uniform(0.0f, 0.22f);
  style.hash = static_cast<Style::Hash>(rng.below(3));
  style.methyl = static_cast<Style::Methyl>(rng.below(3));
  style.terminalCarbons = rng.chance(0.5f);
  style.noteFace = static_cast<int>(rng.below(kTypefaces));
  style.stretch = near(1, 0.2f, rng);
}

void common_choices(Style& style, float strength, Rng& rng) {
  const auto chance = [&](float p) { return rng.chance(p * strength); };
  style.doubleGap = std::max(style.doubleGap, style.line * 2.2f);
  style.wedge = std::max(rng.uniform(0.13f, 0.24f), style.line * 2.5f);
  style.boldLine = rng.uniform(0.09f, 0.15f);
  style.hashGap = rng.uniform(0.07f, 0.13f);
  style.hashLine = style.line * rng.uniform(0.7f, 1.1f);
  style.up = chance(0.04f) ? Style::Up::kBold : Style::Up::kWedge;
  style.labelGap = near(0.085f, 0.06f, rng);
  style.script = near(0.74f, 0.12f, rng);
  style.drop = near(0.28f, 0.12f, rng);
  style.rise = near(0.45f, 0.15f, rng);
  style.centredTerminal = !chance(0.08f);
  style.aromaticCircles = chance(0.012f);
  style.acyclicCarbons = chance(0.015f);
  style.centreWholeSymbol = chance(0.3f);
  style.stackHydrogens = !chance(0.12f);
  style.hideHydrogens = chance(0.03f);
  style.circledCharges = chance(0.03f);
  style.deuteriumLetter = rng.chance(0.7f);
  style.colour = chance(0.05f) ? rng.uniform(0.2f, 0.6f) : 0;
  style.dropStereo = chance(0.10f);
  const float short_forms = rng.uniform();
  style.abbreviate = strength * (short_forms < 0.5f ? 0 : short_forms < 0.8f ? 0.35f : 0.9f);
  style.stereoHydrogens = chance(0.4f) ? rng.uniform(0.3f, 1.0f) : 0;
  style.hypervalent = chance(0.15f);
  style.bondedSalts = chance(0.4f);
  style.wavyBonds = chance(0.012f);
}

void layout_choices(Style& style, float strength, Rng& rng) {
  const auto chance = [&](float p) { return rng.chance(p * strength); };
  const float variety = rng.uniform() * strength;
  style.vary = true;
  style.reflections = static_cast<int>(variety * 7);
  style.turns = chance(0.5f) ? static_cast<int>(rng.uniform() * 5) : 0;
  style.stretches = chance(0.3f) ? 1 + static_cast<int>(rng.below(4)) : 0;
  style.jitter = chance(0.15f) ? rng.uniform(0.005f, 0.035f) : 0;
  style.squeeze = chance(0.12f) ? rng.uniform(0.88f, 1.14f) : 1;
  style.shear = chance(0.08f) ? rng.uniform(-0.05f, 0.05f) : 0;
  style.mirror = rng.chance(0.5f);
  style.freeAngle = chance(0.07f);
  style.flatTop = rng.chance(0.22f);
  style.tilt = chance(0.2f) ? 0.035f * rng.normal() : 0;
  style.landscape = rng.uniform(0.5f, 9);
}

void surroundings(Style& style, float strength, bool patent, Rng& rng) {
  const auto chance = [&](float p) { return rng.chance(p * strength); };
  style.caption = chance(patent ? 0.12f : 0.04f);
  style.salt = chance(patent ? 0.03f : 0.13f);
  style.clutter = chance(patent ? 0.05f : 0.02f);
  style.locants = chance(0.008f);
  style.bracket = chance(0.015f);
  style.cropped = chance(0.03f) ? rng.uniform(0.005f, 0.05f) : 0;
}

// Most originals are sharp and several times larger than the tensor, so that even 1-bit ones shrink to clean grey.
void paper(Style& style, float strength, bool patent, Rng& rng) {
  const auto chance = [&](float p) { return rng.chance(p * strength); };
  Scan& scan = style.scan;
  style.native = rng.uniform(1.4f, 2.0f);
  style.pixelsPerBond = patent ? near(62, 14, rng) : near(105, 45, rng);
  if (chance(0.06f)) style.pixelsPerBond = rng.uniform(14, 45);
  if (chance(patent ? 0.4f : 0.08f)) {
    if (rng.chance(0.7f)) style.native = rng.uniform(1.9f, 2.8f);
    scan.threshold = near(0.38f, 0.16f, rng);
    scan.roughness = chance(0.35f) ? rng.uniform(0.05f, 0.6f) : 0;
    scan.blurs = chance(0.25f) ? 1 : 0;
    if (scan.blurs > 0) scan.threshold *= 0.75f;
    if (chance(0.06f)) scan.threshold = rng.uniform(0.1f, 0.72f);
    scan.faxRows = chance(0.03f) ? 1 + static_cast<int>(rng.below(3)) : 0;
    scan.specks = chance(0.05f) ? rng.uniform(0.02f, 0.4f) : 0;
    scan.dropouts = chance(0.05f) ? rng.uniform(0.2f, 3.0f) : 0;
  } else {
    scan.blurs = chance(0.12f) ? 1 + static_cast<int>(rng.below(2)) : 0;
    scan.blocks = chance(0.04f) ? rng.uniform(0.03f, 0.2f) : 0;
    scan.noise = chance(0.03f) ? rng.uniform(0.01f, 0.06f) : 0;
  }
  if (chance(0.05f)) {
    scan.paper = static_cast<int>(rng.uniform(170, 255));
    scan.ink = static_cast<int>(rng.uniform(0, 70));
  }
}

}  // namespace

Style sample_style(float strength, Rng& rng) {
  Style style;
  if (!(strength > 0)) return style;
  strength = std::min(strength, 1.0f);
  const float kind = rng.uniform();
  const bool patent = kind >= 0.46f && kind < 0.84f;
  if (kind < 0.46f) drug_drawing(style, rng);
  else if (patent) patent_drawing(style, rng);
  else if (kind < 0.92f) journal_drawing(style, rng);
  else any_drawing(style, rng);
  common_choices(style, strength, rng);
  layout_choices(style, strength, rng);
  surroundings(style, strength, patent, rng);
  paper(style, strength, patent || kind >= 0.92f, rng);
  return style;
}

}  // namespace isolens::drawing
