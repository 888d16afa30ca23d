// One training drawing: molecule -> sketch -> style -> scene -> ink -> scan -> tensor.
#include <algorithm>
#include <memory>
#include <vector>

#include "abbreviations.h"
#include "bonds.h"
#include "components.h"
#include "drawing.h"
#include "notes.h"
#include "raster.h"
#include "rewrites.h"
#include "scan.h"
#include "variation.h"

namespace isolens {
namespace drawing {
namespace {

// Buffers of one thread, kept between drawings: a fresh quarter megabyte each time would cost as much as drawing into it.
struct Workspace {
  Sketch sketch;
  Scene scene;
  Raster raster;
  std::vector<uint8_t> ink;
  LabelRange ranges[kMaxAtoms];
};

// Pixels of the native picture: as many as fill `height` x `width` at the style's resolution, no empty rows or columns.
struct Page {
  int rows, columns;
  Transform transform;
};

Page fit(const Box& box, const DrawingOptions& options, const Style& style) {
  const float margin = 3, boxHeight = std::max(box.height(), 0.3f), boxWidth = std::max(box.width(), 0.3f);
  const float largest = style.native * std::min(options.height / boxHeight, options.width / boxWidth);
  const float scale = std::min(largest, std::max(style.pixelsPerBond, largest * 0.3f));
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

bool compose(Workspace& work, const Layout& molecule, const Style& style, Rng& rng, Box& page) {
  Sketch& sketch = work.sketch;
  Scene& scene = work.scene;
  if (!sketch.load(molecule)) return false;
  rewrite_notation(sketch, style, rng);
  abbreviate_groups(sketch, style, rng);
  if (style.vary) vary_layout(sketch, style, rng);
  ComponentNotes parts;
  arrange_components(sketch, style, rng, parts);
  scene.clear();
  scene.face = &typeface(style.face);
  scene.stretch = style.stretch;
  append_labels(scene, sketch, style, work.ranges);
  append_bonds(scene, sketch, style, work.ranges, rng);
  append_component_notes(scene, parts, style, rng);
  page = scene.box();
  if (page.empty()) return false;
  append_notes(scene, sketch, style, rng, page);
  crop(page, style.cropped, rng);
  return true;
}

bool draw(float* out, const Layout& molecule, const DrawingOptions& options, Rng& rng, Workspace& work) {
  const Style style = sample_style(options.strength, rng);
  Box box;
  if (!compose(work, molecule, style, rng, box)) return false;
  const Page page = fit(box, options, style);
  work.raster.resize(page.rows, page.columns);
  // A 1-bit line thinner than this would vanish between pixels.
  const float thinnest = style.scan.threshold > 0 ? (style.scan.blurs > 0 ? 1.6f : 1.15f) + std::max(0.0f, style.scan.threshold - 0.4f) : 0.5f;
  work.raster.scene(work.scene, page.transform, thinnest);
  work.ink.resize(static_cast<size_t>(page.rows) * page.columns);
  work.raster.finish(work.ink.data());
  degrade(work.ink, page.rows, page.columns, style.scan, rng);
  return normalise_drawing(out, options.height, options.width, work.ink.data(), page.rows, page.columns);
}

}  // namespace
}  // namespace drawing

void render_drawing(float* out, const Layout& molecule, const DrawingOptions& options, Rng& rng) {
  if (options.height <= 0 || options.width <= 0 || options.height > 4096 || options.width > 4096) return;
  thread_local std::unique_ptr<drawing::Workspace> work = std::make_unique<drawing::Workspace>();
  if (!drawing::draw(out, molecule, options, rng, *work)) {
    std::fill(out, out + static_cast<size_t>(options.height) * options.width, 0.0f);
  }
}

}  // namespace isolens
