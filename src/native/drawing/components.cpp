#include "components.h"

#include <algorithm>
#include <cstdio>

#include "labels.h"

namespace isolens::drawing {
namespace {

constexpr int kMaxParts = 60;

struct Part {
  Box box;
  int atoms = 0, charge = 0, first = -1, count = 1, component = 0;
};

bool same_single_atom(const Sketch& sketch, const Part& a, const Part& b) {
  if (a.atoms != 1 || b.atoms != 1) return false;
  const SketchAtom &p = sketch.atoms[a.first], &q = sketch.atoms[b.first];
  return p.element == q.element && p.charge == q.charge && p.hydrogens == q.hydrogens && p.isotope == q.isotope;
}

int collect(Sketch& sketch, Part* parts) {
  int count = 0;
  Part all[kMaxParts];
  for (int i = 0; i < sketch.atomCount; ++i) {
    const int c = sketch.atoms[i].component;
    Part& part = all[c];
    part.component = c;
    if (part.first < 0) part.first = i;
    ++part.atoms;
    part.charge += sketch.atoms[i].charge;
    part.box.add(sketch.atoms[i].at, 0.35f);
  }
  for (int c = 0; c < sketch.componentCount; ++c) {
    bool merged = false;
    for (int k = 0; k < count && !merged; ++k) {
      if (!same_single_atom(sketch, parts[k], all[c])) continue;
      ++parts[k].count;
      sketch.atoms[all[c].first].hidden = true;
      merged = true;
    }
    if (!merged && all[c].atoms > 0) parts[count++] = all[c];
  }
  return count;
}

void move_part(Sketch& sketch, Part& part, Point shift) {
  for (int i = 0; i < sketch.atomCount; ++i) {
    if (sketch.atoms[i].component == part.component) sketch.atoms[i].at = sketch.atoms[i].at + shift;
  }
  part.box = {part.box.left + shift.x, part.box.bottom + shift.y, part.box.right + shift.x, part.box.top + shift.y};
}

}  // namespace

void arrange_components(Sketch& sketch, const Style& style, Rng& rng, ComponentNotes& notes) {
  notes.dotCount = notes.countCount = 0;
  if (sketch.componentCount < 2 || sketch.componentCount > kMaxParts) return;
  Part parts[kMaxParts];
  const int count = collect(sketch, parts);
  std::sort(parts, parts + count, [](const Part& a, const Part& b) {
    return a.atoms != b.atoms ? a.atoms > b.atoms : a.component < b.component;
  });
  if (count > 1 && rng.chance(0.06f)) std::swap(parts[0], parts[1]);
  const float gap = rng.chance(0.6f) ? rng.uniform(0.4f, 1.2f) : rng.uniform(1.0f, 4.0f);
  const int align = static_cast<int>(rng.below(4));  // 0, 1 middle; 2 bottom; 3 anywhere
  const bool below = rng.chance(0.04f);
  // Many small parts fill columns beside the first one rather than one endless row.
  const bool columns = count > 3 || rng.chance(0.1f);
  float edge = 0, columnRight = 0, columnTop = 0, columnBottom = 0;
  for (int k = 0; k < count; ++k) {
    Part& part = parts[k];
    const float width = part.box.width() + (part.atoms == 1 ? style.cap * 2.2f : 0), height = part.box.height();
    const float lead = k == 0 ? 0 : gap, number = part.count > 1 ? style.cap * 1.6f : 0;
    float left = edge + lead + number, middle = parts[0].box.centre().y;
    if (k == 0) {
      columnTop = part.box.top;
      columnBottom = columnTop - height;
    } else if (below) {
      left = parts[0].box.left;
      middle = columnBottom - gap - height / 2;
      columnBottom -= gap + height;
    } else if (columns) {
      if (k > 1 && columnBottom - height - 0.3f < parts[0].box.bottom) {
        edge = columnRight;
        left = edge + lead + number;
        columnBottom = columnTop;
      } else if (k == 1) {
        columnBottom = columnTop;
      }
      middle = columnBottom - 0.3f - height / 2;
      columnBottom = middle - height / 2;
    } else {
      if (align == 2) middle = parts[0].box.bottom + height / 2;
      if (align == 3) middle = rng.uniform(parts[0].box.bottom, parts[0].box.top);
    }
    if (k > 0 && part.charge == 0 && !below && !columns && notes.dotCount < 8) {
      notes.dots[notes.dotCount++] = {{edge + lead * rng.uniform(0.35f, 0.7f), middle}};
    }
    if (part.count > 1 && notes.countCount < 8) notes.counts[notes.countCount++] = {{left - 0.05f, middle}, part.count};
    columnRight = std::max(columnRight, left + width);
    if (!columns || k == 0) edge = left + width;
    move_part(sketch, part, {left - part.box.left, middle - part.box.centre().y});
  }
}

void append_component_notes(Scene& scene, const ComponentNotes& notes, const Style& style, Rng& rng) {
  if (notes.dotCount == 0 && notes.countCount == 0) return;
  const char* dot = rng.chance(0.55f) ? "@" : rng.chance(0.5f) ? "&" : rng.chance(0.5f) ? "." : "";
  for (int k = 0; k < notes.dotCount; ++k) {
    append_text(scene, dot, notes.dots[k].at - Point{0, style.cap / 2}, style, style.cap, -1, 1);
  }
  for (int k = 0; k < notes.countCount; ++k) {
    char text[8];
    std::snprintf(text, sizeof text, "%d", notes.counts[k].count);
    append_text(scene, text, notes.counts[k].at - Point{style.cap * 0.85f, style.cap / 2}, style, style.cap, -1, 1, true);
  }
}

}  // namespace isolens::drawing
