// One training drawing: molecule -> sketch -> style -> scene -> ink -> scan -> tensor.
#include <algorithm>
#include <memory>
#include <vector>

#include "bonds.h"
#include "drawing.h"
#include "raster.h"

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

Page fit(const Box& box, float height, float width) {
  const float margin = 3, boxHeight = std::max(box.height(), 0.3f), boxWidth = std::max(box.width(), 0.3f);
  const float scale = std::min(height / boxHeight, width / boxWidth);
  Page page;
  page.rows = static_cast<int>(boxHeight * scale + 2 * margin);
  page.columns = static_cast<int>(boxWidth * scale + 2 * margin);
  const Point centre = box.centre();
  page.transform.xx = scale;
  page.transform.yy = -scale;
  page.transform.dx = page.columns / 2.0f - scale * centre.x;
  page.transform.dy = page.rows / 2.0f + scale * centre.y;
  return page;
}

bool draw(float* out, const Layout& molecule, const DrawingOptions& options, Rng& rng, Workspace& work) {
  if (!work.sketch.load(molecule)) return false;
  const Style style = sample_style(options.strength, rng);
  work.scene.clear();
  work.scene.face = &typeface(style.face);
  work.scene.stretch = style.stretch;
  append_labels(work.scene, work.sketch, style, work.ranges);
  append_bonds(work.scene, work.sketch, style, work.ranges, rng);
  const Box box = work.scene.box();
  if (box.empty()) return false;
  const Page page = fit(box, options.height * style.native, options.width * style.native);
  work.raster.resize(page.rows, page.columns);
  work.raster.scene(work.scene, page.transform, 0.6f);
  work.ink.resize(static_cast<size_t>(page.rows) * page.columns);
  work.raster.finish(work.ink.data());
  for (uint8_t& value : work.ink) value = static_cast<uint8_t>(255 - value);
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
