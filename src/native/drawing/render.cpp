// One training drawing: molecule -> sketch -> style -> scene -> ink -> scan -> tensor.
#include <algorithm>
#include <memory>

#include "compose.h"
#include "drawing.h"

namespace isolens {
namespace drawing {
namespace {

// As many pixels as fill `height` x `width` at the style's resolution.
Page fit(const Box& box, const DrawingOptions& options, const Style& style) {
  const float boxHeight = std::max(box.height(), 0.3f), boxWidth = std::max(box.width(), 0.3f);
  const float largest = style.native * std::min(options.height / boxHeight, options.width / boxWidth);
  return page_at(std::min(largest, std::max(style.pixelsPerBond, largest * 0.3f)), box, style);
}

bool draw(float* out, const Layout& molecule, const DrawingOptions& options, Rng& rng, Workspace& work) {
  const Style style = sample_style(options.strength, rng);
  Box box;
  if (!compose(work, molecule, style, rng, box)) return false;
  const Page page = fit(box, options, style);
  print_page(work, page, style, rng);
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
