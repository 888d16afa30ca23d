#include "notes.h"

#include <cstdio>

#include "labels.h"

namespace isolens::drawing {
namespace {

constexpr const char* kSalts[] = {"HCl", "HCl", "HCl", "HCl", "2HCl", "2 HCl", "HBr", "H2O", "Na^+", "Na^+", "Cl^_", "K^+", "Br^_",
                                  "I^_", "2Na^+", "xH2O", "1/2H2O", "CH3SO3H", "H2SO4", "1/2H2SO4", "CF3CO2H", "TFA",
                                  "Ca^2+", "H3PO4", "2H2O", "3H2O", "C4H4O4", "HNO3"};
constexpr const char* kWords[] = {"(#)", "(+)", "(-)", "(+/-)", "racemic", "cis", "trans", "cis/racemate", "and", "or", "wherein",
                                  "Process A", "Step 1", "m.p. 154", "HPLC", "(R)", "(S)", "Mw = 412.5", "Example"};
constexpr const char* kRoman[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIV", "XX", "Ia", "IIb"};

void formula_text(char* text, size_t size, Rng& rng) {
  std::snprintf(text, size, "C%uH%uN%uO%u%s", 10 + rng.below(25), 10 + rng.below(30), 1 + rng.below(7), 1 + rng.below(6),
                rng.chance(0.3f) ? "S" : rng.chance(0.3f) ? "F3" : "");
}

void caption_text(char* text, size_t size, Rng& rng, bool& plain) {
  plain = true;
  switch (rng.below(9)) {
    case 0: std::snprintf(text, size, "(%s)", kRoman[rng.below(16)]); break;
    case 1: std::snprintf(text, size, "%u", 1 + rng.below(300)); break;
    case 2: std::snprintf(text, size, "(%u)", 1 + rng.below(99)); break;
    case 3: std::snprintf(text, size, "%u.%02u", 1 + rng.below(9), rng.below(100)); break;
    case 4: std::snprintf(text, size, "%u%c", 1 + rng.below(60), 'a' + static_cast<char>(rng.below(8))); break;
    case 5: std::snprintf(text, size, "Compound %u", 1 + rng.below(200)); break;
    case 6: std::snprintf(text, size, "Example %u", 1 + rng.below(300)); break;
    case 7: std::snprintf(text, size, "%s", kWords[rng.below(19)]); break;
    default: formula_text(text, size, rng); plain = false;
  }
}

class NoteWriter {
 public:
  NoteWriter(Scene& scene, const Style& style, Rng& rng, Box& page) : scene_(scene), style_(style), rng_(rng), page_(page) {}

  void salt() {
    const float cap = style_.cap * rng_.uniform(0.8f, 1.35f), gap = rng_.chance(0.5f) ? rng_.uniform(0.3f, 1.2f) : rng_.uniform(1.0f, 3.5f);
    const float middle = rng_.chance(0.7f) ? page_.centre().y : rng_.uniform(page_.bottom, page_.top);
    const char* dot = rng_.chance(0.65f) ? "@" : rng_.chance(0.4f) ? "&" : rng_.chance(0.4f) ? "." : "";
    const float right = page_.right;
    write(dot, {right + gap * rng_.uniform(0.3f, 0.6f), middle - cap / 2}, cap, true);
    const size_t first = scene_.glyphs.size();
    const char* text = kSalts[rng_.below(28)];
    write(text, {right + gap, middle - cap / 2}, cap, false);
    page_.add(scene_.box_from(first, scene_.shapes.size()));
  }

  void caption() {
    char text[64];
    bool plain;
    const float cap = style_.cap * rng_.uniform(0.75f, 1.3f);
    const uint32_t place = rng_.below(10);
    caption_text(text, sizeof text, rng_, plain);
    Point at = {page_.centre().x, page_.bottom - cap - rng_.uniform(0.2f, 1.2f)};
    if (place == 6) at = {page_.left + 0.8f, page_.top + rng_.uniform(0.2f, 0.8f)};
    if (place == 7) at = {page_.right + rng_.uniform(0.8f, 3.0f), page_.centre().y};
    if (place == 8) at = {page_.left + 0.8f, page_.bottom - cap - rng_.uniform(0.1f, 0.8f)};
    if (place == 9) at = {page_.right - 0.8f, page_.top + rng_.uniform(0.2f, 0.8f)};
    const Box written = centred(text, at, cap, plain);
    if (rng_.chance(0.08f)) scene_.stroke({written.left, written.bottom - cap * 0.3f}, {written.right, written.bottom - cap * 0.3f}, style_.line);
    if (place > 5 || !rng_.chance(0.3f)) return;
    for (int line = 1; line <= 2; ++line) {
      if (line == 1) std::snprintf(text, sizeof text, "Exact Mass: %u.%02u", 150 + rng_.below(500), rng_.below(100));
      else std::snprintf(text, sizeof text, "Mol. Wt.: %u.%02u", 150 + rng_.below(500), rng_.below(100));
      centred(text, {at.x, at.y - cap * 1.6f * static_cast<float>(line)}, cap, true);
    }
  }

  // Something of the next structure: an arrow, a plus, or lines that the edge of the picture cuts.
  void clutter() {
    const float side = rng_.chance(0.75f) ? 1.0f : -1.0f;
    const float edge = side > 0 ? page_.right : page_.left, middle = rng_.uniform(page_.bottom, page_.top);
    const uint32_t kind = rng_.below(4);
    if (kind == 0) {
      const float from = edge + side * rng_.uniform(0.5f, 1.5f), to = from + side * rng_.uniform(0.8f, 2.5f);
      const float right = std::fmax(from, to), left = std::fmin(from, to);
      scene_.stroke({left, middle}, {right, middle}, style_.line);
      const Point head[3] = {{right + 0.2f, middle}, {right - 0.12f, middle + 0.1f}, {right - 0.12f, middle - 0.1f}};
      scene_.polygon(head, 3);
      page_.add(Point{left, middle}, 0.12f);
      page_.add(Point{right + 0.2f, middle}, 0.12f);
    } else if (kind == 1) {
      centred("+", {edge + side * rng_.uniform(0.5f, 1.2f), middle}, style_.cap * 1.3f, true);
    } else {
      cut_fragment(side, edge, middle);
    }
  }

  void brackets() {
    const Box inside = page_;
    const float reach = 0.25f, lip = 0.3f;
    for (const float side : {-1.0f, 1.0f}) {
      const float x = side < 0 ? inside.left - reach : inside.right + reach;
      scene_.stroke({x, inside.bottom - 0.1f}, {x, inside.top + 0.1f}, style_.line);
      for (const float y : {inside.bottom - 0.1f, inside.top + 0.1f}) {
        scene_.stroke({x, y}, {x - side * lip, y}, style_.line);
        page_.add(Point{x, y}, style_.line);
      }
    }
    char text[8];
    std::snprintf(text, sizeof text, "%s", rng_.chance(0.5f) ? "2" : rng_.chance(0.7f) ? "n" : "3");
    centred(text, {inside.right + reach + style_.cap * 0.7f, inside.bottom - 0.1f}, style_.cap * 0.8f, true);
  }

  void locants(const Sketch& sketch) {
    int number = 1;
    for (int i = 0; i < sketch.atomCount; ++i) {
      const SketchAtom& atom = sketch.atoms[i];
      if (atom.element != 6 || atom.degree < 2 || atom.label) continue;
      Point away{0, 0};
      for (int k = 0; k < atom.degree; ++k) away = away + (atom.at - sketch.atoms[sketch.bonds[atom.bonds[k]].other(i)].at);
      const float size = length(away);
      if (size < 0.3f) continue;
      char text[8];
      std::snprintf(text, sizeof text, "%d", number++ % 1000);
      centred(text, atom.at + away * (0.28f / size) - Point{0, style_.cap * 0.25f}, style_.cap * 0.5f, true);
    }
  }

 private:
  void write(const char* text, Point at, float cap, bool plain) { append_text(scene_, text, at, style_, cap, -1, 1, plain); }

  Box centred(const char* text, Point at, float cap, bool plain) {
    const size_t first = scene_.glyphs.size();
    write(text, at, cap, plain);
    const Box box = scene_.box_from(first, scene_.shapes.size());
    if (box.empty()) return box;
    const Point shift{at.x - box.centre().x, 0};
    scene_.move_glyphs(first, shift);
    const Box moved{box.left + shift.x, box.bottom, box.right + shift.x, box.top};
    page_.add(moved);
    return moved;
  }

  void cut_fragment(float side, float edge, float middle) {
    const float shown = rng_.uniform(0.1f, 0.9f);
    const Point centre{edge + side * (rng_.uniform(0.3f, 1.0f) + 1.0f), middle};
    for (int k = 0; k < 6; ++k) {
      const float a = 1.0471976f * static_cast<float>(k) + 0.5236f, b = a + 1.0471976f;
      scene_.stroke(centre + Point{std::cos(a), std::sin(a)}, centre + Point{std::cos(b), std::sin(b)}, style_.line);
    }
    page_.add(Point{centre.x - side * (1 - shown), middle});
  }

  Scene& scene_;
  const Style& style_;
  Rng& rng_;
  Box& page_;
};

}  // namespace

void append_notes(Scene& scene, const Sketch& sketch, const Style& style, Rng& rng, Box& page) {
  NoteWriter writer(scene, style, rng, page);
  if (style.locants) writer.locants(sketch);
  if (style.bracket) writer.brackets();
  scene.face = &typeface(style.noteFace);
  if (style.salt && sketch.componentCount < 3) writer.salt();
  if (style.caption) writer.caption();
  if (style.clutter) writer.clutter();
}

}  // namespace isolens::drawing
