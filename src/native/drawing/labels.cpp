#include "labels.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>

#include "elements.h"

namespace isolens::drawing {
namespace {

constexpr float kHalfTurn = 3.14159265f;

enum class Side { kRight, kLeft, kAbove, kBelow };

// Room on one side of an atom: the angle to its nearest bond, counted from that direction.
float room(const Sketch& sketch, int index, float direction) {
  const SketchAtom& atom = sketch.atoms[index];
  float nearest = kHalfTurn;
  for (int k = 0; k < atom.degree; ++k) {
    const SketchBond& bond = sketch.bonds[atom.bonds[k]];
    if (bond.hidden) continue;
    const Point to = sketch.atoms[bond.other(index)].at - atom.at;
    float angle = std::fabs(std::atan2(to.y, to.x) - direction);
    if (angle > kHalfTurn) angle = 2 * kHalfTurn - angle;
    nearest = std::min(nearest, angle);
  }
  return nearest;
}

Side hydrogen_side(const Sketch& sketch, int index, const Style& style) {
  const float right = room(sketch, index, 0), left = room(sketch, index, kHalfTurn);
  const float above = room(sketch, index, kHalfTurn / 2), below = room(sketch, index, -kHalfTurn / 2);
  const float needed = 1.15f;  // about 65 degrees: nothing in the way
  if (right >= needed && right >= left - 0.05f) return Side::kRight;
  if (left >= needed) return Side::kLeft;
  if (right >= needed) return Side::kRight;
  if (!style.stackHydrogens) return right >= left ? Side::kRight : Side::kLeft;
  if (std::max(above, below) < std::max(right, left)) return right >= left ? Side::kRight : Side::kLeft;
  return above >= below ? Side::kAbove : Side::kBelow;
}

bool wants_label(const Sketch& sketch, int index, const Style& style) {
  const SketchAtom& atom = sketch.atoms[index];
  if (atom.label) return true;
  if (atom.element != 6 || atom.charge != 0 || atom.isotope != 0) return true;
  int visible = 0;
  bool multiple = false, ring = false;
  for (int k = 0; k < atom.degree; ++k) {
    const SketchBond& bond = sketch.bonds[atom.bonds[k]];
    if (bond.hidden) continue;
    ++visible;
    multiple |= bond.order > 1;
    ring |= bond.ring;
  }
  if (visible == 0 || (style.acyclicCarbons && !ring)) return true;
  if (visible == 1) return multiple ? style.terminalCarbons : style.methyl != Style::Methyl::kBare;
  return false;
}

void append_count(char* text, int count) {
  const size_t used = std::strlen(text);
  if (count > 1) std::snprintf(text + used, 4, "%d", count);
}

void charge_text(char* text, int charge) {
  const int size = std::abs(charge);
  if (size > 1) std::snprintf(text, 8, "%d%c", std::min(size, 99), charge > 0 ? '+' : '_');
  else std::snprintf(text, 8, "%c", charge > 0 ? '+' : '_');
}

// Moves the glyphs from `first` on so that the characters [anchor, anchor + size) stand centred on the atom.
void centre_on(Scene& scene, size_t first, size_t anchor, size_t size, Point at, float cap) {
  Box box;
  for (size_t i = anchor; i < anchor + size && i < scene.glyphs.size(); ++i) {
    const Box one = scene.box_of(scene.glyphs[i]);
    if (!one.empty()) box.add(one);
  }
  if (box.empty()) return;
  scene.move_glyphs(first, {at.x - box.centre().x, at.y - cap / 2 - scene.glyphs[anchor].at.y});
}

struct Pen {
  Scene& scene;
  const Style& style;
  int atom;
  float ink;
  void write(const char* text, Point at) { append_text(scene, text, at, style, style.cap, atom, ink); }
};

// One label on a line: left to right "NH2+", or right to left "+H2N" where the bonds come from the right.
void line_label(Pen& pen, const Sketch& sketch, const char* symbol, const char* hydrogens, const char* charge, bool reversed,
                bool sidewards = false) {
  const SketchAtom& atom = sketch.atoms[pen.atom];
  char text[48], isotope[8] = "";
  if (atom.isotope && symbol[0] != 'D') std::snprintf(isotope, sizeof isotope, "%d", atom.isotope % 1000);
  const size_t first = pen.scene.glyphs.size(), symbolSize = std::strlen(symbol);
  size_t anchor;
  if (reversed) {
    std::snprintf(text, sizeof text, "%s%s^%s|%s^%s", hydrogens, "", isotope, symbol, charge);
    anchor = std::strlen(hydrogens) + std::strlen(isotope);
  } else {
    std::snprintf(text, sizeof text, "^%s|%s%s^%s", isotope, symbol, hydrogens, charge);
    anchor = std::strlen(isotope);
  }
  pen.write(text, {0, 0});
  const size_t centred = pen.style.centreWholeSymbol ? symbolSize : 1;
  if (sidewards && centred == 1) anchor += symbolSize - 1;
  centre_on(pen.scene, first, first + anchor, centred, atom.at, pen.style.cap);
}

void stacked_label(Pen& pen, const Sketch& sketch, const char* symbol, const char* hydrogens, const char* charge, bool above) {
  const SketchAtom& atom = sketch.atoms[pen.atom];
  line_label(pen, sketch, symbol, "", charge, false);
  const size_t first = pen.scene.glyphs.size();
  pen.write(hydrogens, {0, 0});
  const float step = pen.style.cap * 1.18f;
  centre_on(pen.scene, first, first, 1, {atom.at.x, atom.at.y + (above ? step : -step)}, pen.style.cap);
}

void abbreviation_label(Pen& pen, const Sketch& sketch, bool reversed) {
  const SketchAtom& atom = sketch.atoms[pen.atom];
  const size_t first = pen.scene.glyphs.size();
  const bool turned = reversed && atom.reversed != nullptr;
  pen.write(turned ? atom.reversed : atom.label, {0, 0});
  const size_t last = pen.scene.glyphs.size();
  if (last == first) return;
  size_t anchor = first;
  if (turned || (reversed && atom.reversed == nullptr)) {
    anchor = last - 1;
    while (anchor > first && !std::isalpha(static_cast<unsigned char>(pen.scene.glyphs[anchor].character))) --anchor;
  }
  centre_on(pen.scene, first, anchor, 1, atom.at, pen.style.cap);
}

float element_ink(int element, float colour) {
  if (colour <= 0 || element == 6 || element == 1) return 1;
  // Luminance of the usual colours: blue N, red O, green halogens, yellow S.
  const float light = element == 7 ? 0.75f : element == 8 ? 0.7f : element == 16 ? 1.3f : 1.0f;
  return std::max(0.25f, 1 - colour * light);
}

void circle_charge(Pen& pen) {
  const Glyph& glyph = pen.scene.glyphs.back();
  if (glyph.character != '+' && glyph.character != '_') return;
  const Point centre = pen.scene.box_of(glyph).centre();
  const float radius = glyph.size * 0.62f;
  constexpr int kSides = 14;
  for (int k = 0; k < kSides; ++k) {
    const float a = 2 * kHalfTurn * k / kSides, b = 2 * kHalfTurn * (k + 1) / kSides;
    pen.scene.stroke(centre + Point{std::cos(a), std::sin(a)} * radius, centre + Point{std::cos(b), std::sin(b)} * radius,
                     pen.style.line * 0.8f);
  }
}

// In the direction with most room, away from the hydrogens.
void floating_charge(Pen& pen, const Sketch& sketch, const char* charge, Side taken, bool hydrogens) {
  constexpr Side kSides[8] = {Side::kRight, Side::kAbove, Side::kAbove, Side::kAbove, Side::kLeft, Side::kBelow, Side::kBelow, Side::kBelow};
  float best = -1, direction = 0;
  for (int k = 0; k < 8; ++k) {
    if (hydrogens && kSides[k] == taken) continue;
    const float angle = kHalfTurn / 4 * static_cast<float>(k), free = room(sketch, pen.atom, angle > kHalfTurn ? angle - 2 * kHalfTurn : angle);
    if (free > best + 0.05f) {
      best = free;
      direction = angle;
    }
  }
  const float cap = pen.style.cap * 0.8f, reach = pen.style.cap * 1.05f;
  const size_t first = pen.scene.glyphs.size();
  append_text(pen.scene, charge, {0, 0}, pen.style, cap, pen.atom, pen.ink, true);
  centre_on(pen.scene, first, first, 1, sketch.atoms[pen.atom].at + Point{std::cos(direction), std::sin(direction)} * reach, cap);
  if (pen.style.circledCharges) circle_charge(pen);
}

void element_label(Pen& pen, const Sketch& sketch, const Style& style) {
  const SketchAtom& atom = sketch.atoms[pen.atom];
  char hydrogens[8] = "", charge[12] = "";
  const char* symbol = element_symbol(atom.element);
  int count = style.hideHydrogens && atom.degree > 0 && atom.element != 6 ? 0 : atom.hydrogens;
  if (atom.element == 1 && atom.isotope == 2 && style.deuteriumLetter) symbol = "D";
  if (atom.charge) charge_text(charge, atom.charge);
  if (count > 0) {
    hydrogens[0] = 'H';
    append_count(hydrogens, count);
  }
  const bool methyl = atom.element == 6 && count == 3 && atom.degree == 1 && !atom.charge && !atom.isotope;
  if (methyl && style.methyl == Style::Methyl::kMe) {
    symbol = "Me";
    count = 0;
    hydrogens[0] = 0;
  }
  // Beside a ring nitrogen or on an onium centre a plus often floats free instead of being a superscript.
  char floating[12] = "";
  if (charge[0] && style.looseCharges && atom.degree >= 2) std::swap(charge, floating);
  const Side side = hydrogen_side(sketch, pen.atom, style);
  // HCl, HBr, HF and H2O, H2S are written hydrogens first.
  const bool acid = atom.degree == 0 && !atom.charge && (atom.element == 8 || atom.element == 16 || atom.element == 9 ||
                                                         atom.element == 17 || atom.element == 35 || atom.element == 53);
  if (count > 0 && atom.degree > 1 && (side == Side::kAbove || side == Side::kBelow)) {
    stacked_label(pen, sketch, symbol, hydrogens, charge, side == Side::kAbove);
  } else {
    line_label(pen, sketch, symbol, hydrogens, charge, acid || (side == Side::kLeft && (count > 0 || atom.charge)),
               side == Side::kLeft && symbol[0] == 'M' && symbol[1] == 'e');
  }
  if (floating[0]) floating_charge(pen, sketch, floating, count > 0 ? side : Side::kRight, count > 0);
  else if (charge[0] && style.circledCharges) circle_charge(pen);
}

}  // namespace

float append_text(Scene& scene, const char* text, Point at, const Style& style, float cap, int owner, float ink,
                  bool plainDigits) {
  const float left = at.x;
  enum { kPlain, kUp, kDown } level = kPlain;
  char previous = 0;
  for (const char* c = text; *c; ++c) {
    if (*c == '^') { level = kUp; continue; }
    if (*c == '~') { level = kDown; continue; }
    if (*c == '|') { level = kPlain; continue; }
    const bool digit = std::isdigit(static_cast<unsigned char>(*c)) != 0;
    const bool low = level == kDown || (level == kPlain && digit && !plainDigits &&
                                        (std::isalpha(static_cast<unsigned char>(previous)) || previous == ')' ||
                                         std::isdigit(static_cast<unsigned char>(previous))));
    const bool high = level == kUp;
    const float size = low || high ? cap * style.script : cap;
    const GlyphOutline& glyph = scene.face->glyphs[static_cast<int>(*c) & 127];
    if (glyph.points) {
      const float y = low ? at.y - style.drop * cap : high ? at.y + style.rise * cap : at.y;
      scene.glyphs.push_back({{at.x, y}, size, *c, ink, static_cast<int16_t>(owner), scene.face});
    }
    at.x += glyph.advance * kGlyphUnit * size * scene.stretch;
    if (!low || digit == false) previous = *c;
  }
  return at.x - left;
}

void append_labels(Scene& scene, const Sketch& sketch, const Style& style, LabelRange* ranges) {
  for (int i = 0; i < sketch.atomCount; ++i) {
    ranges[i] = {static_cast<int>(scene.glyphs.size()), 0};
    const SketchAtom& atom = sketch.atoms[i];
    if (atom.hidden || !wants_label(sketch, i, style)) continue;
    Pen pen{scene, style, i, element_ink(atom.element, style.colour)};
    if (atom.label) abbreviation_label(pen, sketch, room(sketch, i, 0) < room(sketch, i, kHalfTurn) - 0.3f);
    else element_label(pen, sketch, style);
    ranges[i].count = static_cast<int>(scene.glyphs.size()) - ranges[i].first;
  }
}

float clear_of_label(const Scene& scene, const LabelRange& range, Point from, Point to, float gap) {
  const Point along = to - from;
  float start = 0;
  for (int i = range.first; i < range.first + range.count; ++i) {
    const Box box = scene.box_of(scene.glyphs[i]);
    if (box.empty()) continue;
    float enter = 0, leave = 1;
    const auto clip = [&](float origin, float step, float low, float high) {
      if (std::fabs(step) < 1e-6f) {
        if (origin < low || origin > high) leave = -1;
        return;
      }
      float a = (low - origin) / step, b = (high - origin) / step;
      if (a > b) std::swap(a, b);
      enter = std::max(enter, a);
      leave = std::min(leave, b);
    };
    clip(from.x, along.x, box.left - gap, box.right + gap);
    clip(from.y, along.y, box.bottom - gap, box.top + gap);
    if (enter <= leave && enter < 0.6f) start = std::max(start, leave);
  }
  return std::min(start, 0.85f);
}

}  // namespace isolens::drawing
