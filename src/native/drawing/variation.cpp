#include "variation.h"

#include <algorithm>

namespace isolens::drawing {
namespace {

constexpr float kThirtyDegrees = 0.52359878f;

class LayoutVariation {
 public:
  LayoutVariation(Sketch& sketch, Rng& rng) : sketch_(sketch), rng_(rng) {
    for (int i = 0; i < sketch.bondCount; ++i) {
      const SketchBond& bond = sketch.bonds[i];
      if (!sketch.is_link(i)) continue;
      links_[linkCount_++] = static_cast<int16_t>(i);
      if (sketch.atoms[bond.begin].degree > 1 && sketch.atoms[bond.end].degree > 1) inner_[innerCount_++] = static_cast<int16_t>(i);
    }
  }

  // Half a turn about a single bond in space: the branch is reflected on paper, and up becomes down in it.
  void reflect() {
    if (innerCount_ == 0) return;
    int from, to;
    pick(inner_, innerCount_, from, to);
    const Point origin = sketch_.atoms[from].at;
    const float before = spread();
    Point axis = sketch_.atoms[to].at - origin;
    axis = axis * (1 / std::max(length(axis), 1e-3f));
    const bool kept = attempt([&](Point p) {
      const Point relative = p - origin;
      return origin + axis * (2 * dot(relative, axis)) - relative;
    });
    if (!kept) return;
    // Chemists stretch molecules out; folded shapes stay the exception.
    if (spread() < 0.97f * before && !rng_.chance(0.4f)) {
      for (int i = 0; i < sketch_.atomCount; ++i) sketch_.atoms[i].at = before_[i];
      return;
    }
    for (int i = 0; i < sketch_.bondCount; ++i) {
      SketchBond& bond = sketch_.bonds[i];
      if (!mark_[bond.begin]) continue;
      if (bond.stereo == kWedge) bond.stereo = kHash;
      else if (bond.stereo == kHash) bond.stereo = kWedge;
    }
  }

  // Swings a branch in the plane about the atom it hangs on. Neither the order of the bonds around that atom nor the side
  // of a double bond may change, or the drawing would show another stereoisomer.
  void turn() {
    if (linkCount_ == 0) return;
    int from, to;
    pick(links_, linkCount_, from, to);
    const SketchAtom& pivot = sketch_.atoms[from];
    for (int k = 0; k < pivot.degree; ++k) if (sketch_.bonds[pivot.bonds[k]].order > 1) return;
    float angle;
    if (pivot.degree == 2) angle = kThirtyDegrees * (rng_.chance(0.5f) ? 1 : -1) * (1 + static_cast<float>(rng_.below(4)));
    else if (pivot.degree > 2) angle = rng_.uniform(-0.5f, 0.5f);
    else return;
    if (pivot.degree == 2 && pivot_is_linear(from, angle, to)) return;
    if (pivot.degree > 2 && !keeps_order(from, to, angle)) return;
    const float cosine = std::cos(angle), sine = std::sin(angle);
    const Point origin = pivot.at;
    attempt([&](Point p) { return origin + rotated(p - origin, cosine, sine); });
  }

  void stretch() {
    if (linkCount_ == 0) return;
    int from, to;
    pick(links_, linkCount_, from, to);
    const bool terminal = sketch_.atoms[to].degree == 1 || sketch_.atoms[from].degree == 1;
    const Point shift = (sketch_.atoms[to].at - sketch_.atoms[from].at) * (terminal ? rng_.uniform(-0.3f, 0.15f) : rng_.uniform(-0.15f, 0.5f));
    attempt([&](Point p) { return p + shift; });
  }

 private:
  // A random bond, seen so that the smaller side moves; mark_ is that side.
  void pick(const int16_t* bonds, int count, int& from, int& to) {
    const SketchBond& bond = sketch_.bonds[bonds[rng_.below(static_cast<uint32_t>(count))]];
    from = bond.begin;
    to = bond.end;
    int size = 0, all = 0;
    size = sketch_.branch(from, to, mark_);
    for (int i = 0; i < sketch_.atomCount; ++i) all += sketch_.atoms[i].component == sketch_.atoms[from].component;
    if (2 * size <= all) return;
    std::swap(from, to);
    sketch_.branch(from, to, mark_);
  }

  bool pivot_is_linear(int from, float angle, int to) const {
    const SketchAtom& pivot = sketch_.atoms[from];
    for (int k = 0; k < 2; ++k) {
      const int other = sketch_.bonds[pivot.bonds[k]].other(from);
      if (other == to) continue;
      const Point a = sketch_.atoms[other].at - pivot.at;
      const Point b = rotated(sketch_.atoms[to].at - pivot.at, std::cos(angle), std::sin(angle));
      const float cosine = dot(a, b) / std::max(length(a) * length(b), 1e-6f);
      // Acute angles look folded; straight ones hide the atom unless it carries a label, and are rare even then.
      return cosine > 0.1f || (cosine < -0.9f && !rng_.chance(0.15f));
    }
    return true;
  }

  bool keeps_order(int from, int to, float angle) const {
    const SketchAtom& pivot = sketch_.atoms[from];
    const Point moved = sketch_.atoms[to].at - pivot.at;
    for (int k = 0; k < pivot.degree; ++k) {
      const int other = sketch_.bonds[pivot.bonds[k]].other(from);
      if (other == to) continue;
      const Point fixed = sketch_.atoms[other].at - pivot.at;
      const float between = std::atan2(cross(moved, fixed), dot(moved, fixed));
      if (std::fabs(between) < std::fabs(angle) + 0.9f && (between > 0) == (angle > 0)) return false;
    }
    return true;
  }

  template <typename Move>
  bool attempt(const Move& move) {
    for (int i = 0; i < sketch_.atomCount; ++i) {
      before_[i] = sketch_.atoms[i].at;
      if (mark_[i]) sketch_.atoms[i].at = move(before_[i]);
    }
    if (!collides()) return true;
    for (int i = 0; i < sketch_.atomCount; ++i) sketch_.atoms[i].at = before_[i];
    return false;
  }

  // Sum of squared distances from the centre.
  float spread() const {
    Point sum{0, 0};
    float squares = 0;
    for (int i = 0; i < sketch_.atomCount; ++i) {
      sum = sum + sketch_.atoms[i].at;
      squares += dot(sketch_.atoms[i].at, sketch_.atoms[i].at);
    }
    return squares - dot(sum, sum) / static_cast<float>(sketch_.atomCount);
  }

  // Moved atoms and bond middles must keep off those that stayed.
  bool collides() const {
    constexpr float kAtoms = 0.62f * 0.62f, kMiddles = 0.42f * 0.42f;
    const auto close = [](Point a, Point b, float limit) { return dot(a - b, a - b) < limit; };
    for (int i = 0; i < sketch_.atomCount; ++i) {
      if (!mark_[i]) continue;
      for (int j = 0; j < sketch_.atomCount; ++j) {
        if (!mark_[j] && close(sketch_.atoms[i].at, sketch_.atoms[j].at, kAtoms)) return true;
      }
    }
    Point middles[kMaxBonds];
    for (int i = 0; i < sketch_.bondCount; ++i) {
      middles[i] = (sketch_.atoms[sketch_.bonds[i].begin].at + sketch_.atoms[sketch_.bonds[i].end].at) * 0.5f;
    }
    for (int i = 0; i < sketch_.bondCount; ++i) {
      if (!mark_[sketch_.bonds[i].begin] || !mark_[sketch_.bonds[i].end]) continue;
      for (int j = 0; j < sketch_.bondCount; ++j) {
        if (mark_[sketch_.bonds[j].begin] && mark_[sketch_.bonds[j].end]) continue;
        if (close(middles[i], middles[j], kMiddles)) return true;
      }
    }
    return false;
  }

  Sketch& sketch_;
  Rng& rng_;
  int16_t links_[kMaxBonds], inner_[kMaxBonds];
  int linkCount_ = 0, innerCount_ = 0;
  bool mark_[kMaxAtoms];
  Point before_[kMaxAtoms];
};

void mirror(Sketch& sketch) {
  for (int i = 0; i < sketch.atomCount; ++i) sketch.atoms[i].at.x = -sketch.atoms[i].at.x;
  for (int i = 0; i < sketch.bondCount; ++i) {
    uint8_t& stereo = sketch.bonds[i].stereo;
    if (stereo == kWedge) stereo = kHash;
    else if (stereo == kHash) stereo = kWedge;
  }
}

void rotate(Sketch& sketch, float angle, int component = -1) {
  const float cosine = std::cos(angle), sine = std::sin(angle);
  for (int i = 0; i < sketch.atomCount; ++i) {
    SketchAtom& atom = sketch.atoms[i];
    if (component < 0 || atom.component == component) atom.at = rotated(atom.at, cosine, sine);
  }
}

// The turn that brings most bonds, ring bonds above all, to 30, 90 and 150 degrees (upright hexagons), or to 0, 60 and 120.
float upright_angle(const Sketch& sketch, int component, bool flatTop) {
  float cosines = 0, sines = 0;
  for (int i = 0; i < sketch.bondCount; ++i) {
    const SketchBond& bond = sketch.bonds[i];
    if (sketch.atoms[bond.begin].component != component) continue;
    const Point along = sketch.atoms[bond.end].at - sketch.atoms[bond.begin].at;
    const float angle = 6 * std::atan2(along.y, along.x), weight = bond.aromatic ? 2.0f : bond.ring ? 1.3f : 0.7f;
    cosines += weight * std::cos(angle);
    sines += weight * std::sin(angle);
  }
  const float phase = std::atan2(sines, cosines);
  return ((flatTop ? 0 : 3.14159265f) - phase) / 6;
}

// Of the three directions that keep hexagons upright, preferably one that makes the drawing wide.
float preferred_direction(const Sketch& sketch, float landscape, Rng& rng) {
  float weights[3], total = 0;
  for (int k = 0; k < 3; ++k) {
    const float cosine = std::cos(2 * k * kThirtyDegrees), sine = std::sin(2 * k * kThirtyDegrees);
    float left = 1e9f, right = -1e9f, low = 1e9f, high = -1e9f;
    for (int i = 0; i < sketch.atomCount; ++i) {
      const Point p = rotated(sketch.atoms[i].at, cosine, sine);
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      low = std::min(low, p.y);
      high = std::max(high, p.y);
    }
    weights[k] = std::pow((right - left + 1) / (high - low + 1), landscape);
    total += weights[k];
  }
  float u = rng.uniform() * total;
  int choice = 0;
  while (choice < 2 && u >= weights[choice]) u -= weights[choice++];
  return 2 * kThirtyDegrees * static_cast<float>(choice) + (rng.chance(0.5f) ? 6 * kThirtyDegrees : 0);
}

}  // namespace

void vary_layout(Sketch& sketch, const Style& style, Rng& rng) {
  LayoutVariation variation(sketch, rng);
  for (int k = 0; k < style.reflections; ++k) variation.reflect();
  for (int k = 0; k < style.turns; ++k) variation.turn();
  for (int k = 0; k < style.stretches; ++k) variation.stretch();
  if (style.mirror) mirror(sketch);
  if (style.freeAngle) {
    rotate(sketch, rng.uniform(0, 6.2831853f));
  } else {
    for (int c = 0; c < sketch.componentCount && c < 60; ++c) rotate(sketch, upright_angle(sketch, c, style.flatTop), c);
    rotate(sketch, preferred_direction(sketch, style.landscape, rng));
  }
  for (int i = 0; i < sketch.atomCount; ++i) {
    Point& at = sketch.atoms[i].at;
    if (style.jitter > 0) at = at + Point{style.jitter * rng.normal(), style.jitter * rng.normal()};
    at.x *= style.squeeze;
  }
}

}  // namespace isolens::drawing
