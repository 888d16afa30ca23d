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

Transform fit(const Box& box, int rows, int columns) {
  const float margin = 3;
  const float scale = std::min((rows - 2 * margin) / std::max(box.height(), 0.5f), (columns - 2 * margin) / std::max(box.width(), 0.5f));
  const Point centre = box.centre();
  Transform t;
  t.xx = scale;
  t.yy = -scale;
  t.dx = columns / 2.0f - scale * centre.x;
  t.dy = rows / 2.0f + scale * centre.y;
  return t;
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
  const int rows = static_cast<int>(options.height * style.native), columns = static_cast<int>(options.width * style.native);
  work.raster.resize(rows, columns);
  work.raster.scene(work.scene, fit(box, rows, columns), 0.6f);
  work.ink.resize(static_cast<size_t>(rows) * columns);
  work.raster.finish(work.ink.data());
  for (uint8_t& value : work.ink) value = static_cast<uint8_t>(255 - value);
  return normalise_drawing(out, options.height, options.width, work.ink.data(), rows, columns);
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
