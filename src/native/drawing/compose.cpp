#include "compose.h"

#include <algorithm>

#include "abbreviations.h"
#include "bonds.h"
#include "components.h"
#include "notes.h"
#include "rewrites.h"
#include "scan.h"
#include "variation.h"

namespace isolens::drawing {
namespace {

// Cuts a little off one side, as hasty screenshots do.
void crop(Box& page, float share, Rng& rng) {
  if (share <= 0) return;
  switch (rng.below(4)) {
    case 0: page.left += share * page.width(); break;
    case 1: page.right -= share * page.width(); break;
    case 2: page.bottom += share * page.height(); break;
    default: page.top -= share * page.height();
  }
}

}  // namespace

bool compose(Workspace& work, const Layout& molecule, const Style& style, Rng& rng, Box& page, Rewrite rewrite) {
  Sketch& sketch = work.sketch;
  Scene& scene = work.scene;
  if (!sketch.load(molecule)) return false;
  if (rewrite != nullptr) rewrite(sketch, rng);
  rewrite_notation(sketch, style, rng);
  abbreviate_groups(sketch, style, rng);
  if (style.vary) vary_layout(sketch, style, rng);
  ComponentNotes parts;
  arrange_components(sketch, style, rng, parts);
  scene.clear();
  scene.face = &typeface(style.face);
  scene.stretch = style.stretch;
  append_labels(scene, sketch, style, work.ranges);
  append_bonds(scene, sketch, style, work.ranges, rng, work.circled);
  append_component_notes(scene, parts, style, rng);
  page = scene.box();
  if (page.empty()) return false;
  append_notes(scene, sketch, style, rng, page);
  crop(page, style.cropped, rng);
  return true;
}

Page page_at(float scale, const Box& box, const Style& style) {
  const float margin = 3;
  const float cosine = scale * std::cos(style.tilt), sine = scale * std::sin(style.tilt);
  Page page;
  page.transform.xx = cosine;
  page.transform.xy = -sine + cosine * style.shear;
  page.transform.yx = -sine;
  page.transform.yy = -cosine - sine * style.shear;
  Box turned;
  for (const Point corner : {Point{box.left, box.bottom}, Point{box.right, box.bottom}, Point{box.left, box.top}, Point{box.right, box.top}}) {
    turned.add(page.transform(corner));
  }
  page.rows = static_cast<int>(turned.height() + 2 * margin);
  page.columns = static_cast<int>(turned.width() + 2 * margin);
  page.transform.dx = margin - turned.left;
  page.transform.dy = margin - turned.bottom;
  return page;
}

void print_page(Workspace& work, const Page& page, const Style& style, Rng& rng) {
  work.raster.resize(page.rows, page.columns);
  // A 1-bit line thinner than this would vanish between pixels.
  const float thinnest = style.scan.threshold > 0 ? (style.scan.blurs > 0 ? 1.6f : 1.15f) + std::max(0.0f, style.scan.threshold - 0.4f) : 0.5f;
  work.raster.scene(work.scene, page.transform, thinnest);
  work.ink.resize(static_cast<size_t>(page.rows) * page.columns);
  work.raster.finish(work.ink.data());
  degrade(work.ink, page.rows, page.columns, style.scan, rng);
}

}  // namespace isolens::drawing
