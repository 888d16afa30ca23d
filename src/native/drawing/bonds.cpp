#include "bonds.h"

#include <algorithm>

namespace isolens::drawing {
namespace {

struct BondLine {
  Point from, to;              // visible ends
  Point along, side;           // unit vectors
  float size;
  bool fromLabel, toLabel;     // a label stands at that end
  float ink;
};

class BondPainter {
 public:
  BondPainter(Scene& scene, const Sketch& sketch, const Style& style, const LabelRange* ranges, Rng& rng, bool* circled)
      : scene_(scene), sketch_(sketch), style_(style), ranges_(ranges), rng_(rng), circled_(circled) {}

  void paint(int index) {
    const SketchBond& bond = sketch_.bonds[index];
    if (bond.hidden || sketch_.atoms[bond.begin].hidden || sketch_.atoms[bond.end].hidden) return;
    BondLine line;
    if (!visible_line(bond, line)) return;
    if (style_.aromaticDashes && bond.aromatic && bond.ring && bond.stereo == kNoStereo) dashedRing(index, line);
    else if (bond.order == 1) single(bond, line);
    else if (bond.order == 2) doubled(index, line);
    else tripled(line);
  }

  // Circles in aromatic six- and five-membered rings; their bonds are then drawn single.
  void circles() {
    if (!style_.aromaticCircles) return;
    bool done[kMaxBonds] = {};
    for (int i = 0; i < sketch_.bondCount; ++i) {
      if (done[i] || !sketch_.bonds[i].aromatic || !sketch_.bonds[i].ring) continue;
      int16_t ring[8];
      const int size = sketch_.smallest_ring(i, ring, 6);
      if (size != 6 || !all_aromatic(ring, size, done)) continue;
      circle(ring, size);
      for (int k = 0; k < size; ++k) circled_[bond_between(ring[k], ring[(k + 1) % size])] = true;
    }
  }

 private:
  int bond_between(int a, int b) const {
    for (int k = 0; k < sketch_.atoms[a].degree; ++k) {
      const int bond = sketch_.atoms[a].bonds[k];
      if (sketch_.bonds[bond].other(a) == b) return bond;
    }
    return 0;
  }

  bool all_aromatic(const int16_t* ring, int size, bool* done) const {
    bool all = true;
    for (int k = 0; k < size; ++k) {
      const int bond = bond_between(ring[k], ring[(k + 1) % size]);
      all &= sketch_.bonds[bond].aromatic;
    }
    for (int k = 0; all && k < size; ++k) done[bond_between(ring[k], ring[(k + 1) % size])] = true;
    return all;
  }

  void circle(const int16_t* ring, int size) {
    Point centre{0, 0};
    for (int k = 0; k < size; ++k) centre = centre + sketch_.atoms[ring[k]].at * (1.0f / size);
    const float radius = length(sketch_.atoms[ring[0]].at - centre) * 0.62f;
    constexpr int kSteps = 28;
    for (int k = 0; k < kSteps; ++k) {
      const float a = 6.2831853f * k / kSteps, b = 6.2831853f * (k + 1.08f) / kSteps;
      scene_.stroke(centre + Point{std::cos(a), std::sin(a)} * radius, centre + Point{std::cos(b), std::sin(b)} * radius,
                    style_.line);
    }
  }

  bool visible_line(const SketchBond& bond, BondLine& line) const {
    const Point a = sketch_.atoms[bond.begin].at, b = sketch_.atoms[bond.end].at;
    const Point along = b - a;
    line.size = length(along);
    if (line.size < 1e-3f) return false;
    line.fromLabel = ranges_[bond.begin].count > 0;
    line.toLabel = ranges_[bond.end].count > 0;
    float start = line.fromLabel ? clear_of_label(scene_, ranges_[bond.begin], a, b, style_.labelGap) : 0;
    float end = line.toLabel ? 1 - clear_of_label(scene_, ranges_[bond.end], b, a, style_.labelGap) : 1;
    if (end - start < 0.2f) {  // crowded labels: a stub shows the bond all the same
      const float middle = std::clamp((start + end) / 2, 0.15f, 0.85f);
      start = middle - 0.1f;
      end = middle + 0.1f;
    }
    line.along = along * (1 / line.size);
    line.side = normal_of(line.along);
    line.from = a + along * start;
    line.to = a + along * end;
    line.ink = 1;
    return true;
  }

  // Square ends where no label stands, so that strokes meeting at an atom leave no notch.
  void stroke(const BondLine& line, Point shift, float width) {
    const float cap = width * 0.35f;
    const Point from = line.from + shift - line.along * (line.fromLabel ? 0 : cap);
    const Point to = line.to + shift + line.along * (line.toLabel ? 0 : cap);
    scene_.stroke(from, to, width, line.ink);
  }

  void single(const SketchBond& bond, const BondLine& line) {
    const uint8_t stereo = style_.dropStereo ? kNoStereo : bond.stereo;
    if (stereo == kWedge) wedge(line);
    else if (stereo == kHash) hashed(line);
    else if (stereo == kWavy) wavy(line);
    else if (bond.stereo == kDative) arrow(line);
    else stroke(line, {0, 0}, style_.line);
  }

  void wedge(const BondLine& line) {
    if (style_.up == Style::Up::kBold) {
      stroke(line, {0, 0}, style_.boldLine);
      return;
    }
    const Point narrow = line.side * (style_.line / 2), wide = line.side * (style_.wedge / 2);
    const Point corners[4] = {line.from + narrow, line.to + wide, line.to - wide, line.from - narrow};
    scene_.polygon(corners, 4);
  }

  void hashed(const BondLine& line) {
    const float size = length(line.to - line.from);
    if (style_.hash == Style::Hash::kDashed) {
      dashes(line, style_.line * 1.1f);
      return;
    }
    const int bars = std::clamp(static_cast<int>(size / style_.hashGap + 0.5f), 3, 40);
    for (int k = 0; k <= bars; ++k) {
      const float t = static_cast<float>(k) / bars;
      const float half = style_.hash == Style::Hash::kTapered ? style_.line / 2 + (style_.wedge - style_.line) / 2 * t
                                                               : style_.wedge * 0.42f;
      const Point middle = line.from + line.along * (size * t);
      scene_.stroke(middle + line.side * half, middle - line.side * half, style_.hashLine);
    }
  }

  void dashes(const BondLine& line, float width) {
    const float size = length(line.to - line.from);
    const int count = std::clamp(static_cast<int>(size / (style_.hashGap * 1.6f) + 0.5f), 3, 30);
    for (int k = 0; k < count; ++k) {
      const Point a = line.from + line.along * (size * k / count);
      scene_.stroke(a, a + line.along * (size / count * 0.6f), width);
    }
  }

  void arrow(const BondLine& line) {
    const float head = 0.22f;
    const Point corners[3] = {line.to, line.to - line.along * head + line.side * (head * 0.4f),
                              line.to - line.along * head - line.side * (head * 0.4f)};
    scene_.polygon(corners, 3);
    scene_.stroke(line.from, line.to - line.along * (head * 0.8f), style_.line);
  }

  void wavy(const BondLine& line) {
    const float size = length(line.to - line.from);
    constexpr int kWaves = 5, kSteps = 30;
    Point previous = line.from;
    for (int k = 1; k <= kSteps; ++k) {
      const float t = static_cast<float>(k) / kSteps;
      const Point next = line.from + line.along * (size * t) + line.side * (0.07f * std::sin(t * kWaves * 6.2831853f));
      scene_.stroke(previous, next, style_.line);
      previous = next;
    }
  }

  // Which side of the bond the second line lies on (+1 along `side`, -1 against), 0 for both lines about the axis.
  int second_line(int index, const BondLine& line) {
    const SketchBond& bond = sketch_.bonds[index];
    int16_t ring[8];
    const int size = bond.ring ? sketch_.smallest_ring(index, ring) : 0;
    Point weight{0, 0};
    if (size > 0) {
      for (int k = 0; k < size; ++k) weight = weight + (sketch_.atoms[ring[k]].at - line.from);
      return dot(weight, line.side) >= 0 ? 1 : -1;
    }
    int visible[2] = {0, 0};
    float balance = 0;
    for (int end = 0; end < 2; ++end) {
      const int atom = end == 0 ? bond.begin : bond.end;
      for (int k = 0; k < sketch_.atoms[atom].degree; ++k) {
        const SketchBond& next = sketch_.bonds[sketch_.atoms[atom].bonds[k]];
        if (&next == &bond || next.hidden) continue;
        ++visible[end];
        const float lean = dot(sketch_.atoms[next.other(atom)].at - sketch_.atoms[atom].at, line.side);
        balance += lean > 0.1f ? 1.0f : lean < -0.1f ? -1.0f : 0.0f;
      }
    }
    const bool terminal = visible[0] == 0 || visible[1] == 0;
    if (terminal && style_.centredTerminal) return 0;
    if (balance == 0) {
      if (visible[0] + visible[1] >= 3) return 0;
      return rng_.chance(0.5f) ? 1 : -1;
    }
    return balance > 0 ? 1 : -1;
  }

  void doubled(int index, const BondLine& line) {
    const SketchBond& bond = sketch_.bonds[index];
    if (circled_[index]) {
      stroke(line, {0, 0}, style_.line);
      return;
    }
    const int side = bond.stereo == kCrossed ? 0 : second_line(index, line);
    if (side == 0) {
      const Point shift = line.side * (style_.doubleGap / 2);
      if (bond.stereo == kCrossed && !style_.dropStereo) {
        scene_.stroke(line.from + shift, line.to - shift, style_.line);
        scene_.stroke(line.from - shift, line.to + shift, style_.line);
        return;
      }
      stroke(line, shift, style_.line);
      stroke(line, shift * -1, style_.line);
      return;
    }
    stroke(line, {0, 0}, style_.line);
    BondLine inner = line;
    const float cut = style_.innerShortening * line.size;
    if (!line.fromLabel) inner.from = inner.from + line.along * cut;
    if (!line.toLabel) inner.to = inner.to - line.along * cut;
    const Point shift = line.side * (style_.doubleGap * side);
    scene_.stroke(inner.from + shift, inner.to + shift, style_.line);
  }

  // Counts as part of an aromatic circle: the same is told of the ring.
  void dashedRing(int index, const BondLine& line) {
    circled_[index] = true;
    stroke(line, {0, 0}, style_.line);
    const int side = second_line(index, line);
    BondLine inner = line;
    const float cut = style_.innerShortening * line.size;
    if (!line.fromLabel) inner.from = inner.from + line.along * cut;
    if (!line.toLabel) inner.to = inner.to - line.along * cut;
    const Point shift = line.side * (style_.doubleGap * static_cast<float>(side == 0 ? 1 : side));
    inner.from = inner.from + shift;
    inner.to = inner.to + shift;
    dashes(inner, style_.line);
  }

  void tripled(const BondLine& line) {
    stroke(line, {0, 0}, style_.line);
    const Point shift = line.side * (style_.doubleGap * 0.95f);
    const Point cut = line.along * (style_.innerShortening * 0.5f);
    for (const float side : {1.0f, -1.0f}) scene_.stroke(line.from + shift * side + cut, line.to + shift * side - cut, style_.line);
  }

  Scene& scene_;
  const Sketch& sketch_;
  const Style& style_;
  const LabelRange* ranges_;
  Rng& rng_;
  bool* circled_;
};

}  // namespace

void append_bonds(Scene& scene, const Sketch& sketch, const Style& style, const LabelRange* ranges, Rng& rng, bool* circled) {
  std::fill(circled, circled + sketch.bondCount, false);
  BondPainter painter(scene, sketch, style, ranges, rng, circled);
  painter.circles();
  for (int i = 0; i < sketch.bondCount; ++i) painter.paint(i);
}

}  // namespace isolens::drawing
