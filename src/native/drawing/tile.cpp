#include "tile.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "classes.h"
#include "compose.h"
#include "mutations.h"

namespace isolens {
namespace drawing {
namespace {

constexpr float kLargestPage = 3e6f;  // pixels

// More of what a reader must not take for a structure, and none of what has no truth: neighbours, cut-off atoms.
Style reading_style(const TileOptions& options, Rng& rng) {
  Style style = sample_style(options.strength, rng);
  style.clutter = false;
  style.cropped = 0;
  const auto also = [&](bool& flag, float probability) { flag = rng.chance(probability * options.strength) || flag; };
  also(style.aromaticCircles, 0.03f);
  also(style.aromaticDashes, 0.04f);
  also(style.acyclicCarbons, 0.02f);
  also(style.locants, 0.02f);
  also(style.bracket, 0.02f);
  also(style.caption, 0.08f);
  also(style.freeAngle, 0.1f);
  // Colours of elements, as programs draw them on screens.
  if (rng.chance(0.12f * options.strength)) style.colour = rng.uniform(0.2f, 0.7f);
  // A scan of one bit would lose pale letters: nothing could be read there.
  if (style.scan.threshold > 0) style.colour = 0;
  // Pages are scanned on their side, now and then upside down.
  constexpr float kQuarters[] = {1, 1, 3, 3, 2};
  if (rng.chance(0.12f * options.strength)) style.tilt += 1.5707963f * kQuarters[rng.below(5)];
  // Every text must be met often enough to be told from the others, however rare it is on paper.
  const float texts = rng.uniform();
  style.abbreviate = options.strength * (texts < 0.35f ? 0 : texts < 0.55f ? 1.0f : 3.0f);
  return style;
}

// Pixels of the page per pixel of the tile.
float page_step(const Style& style, const TileOptions& options, const Box& box, float bond, Rng& rng) {
  float step = rng.chance(0.12f * options.strength) ? rng.uniform(0.6f, 1.1f) : rng.uniform(1.1f, 2.6f);
  step = std::min(step, std::max(0.6f, style.pixelsPerBond / bond));
  const float pixels = std::max(box.width(), 0.3f) * std::max(box.height(), 0.3f) * bond * bond;
  return std::min(step, std::sqrt(kLargestPage / std::max(1.0f, pixels)));
}

// Where a page of `size` pixels (of the tile) begins within `room`: anywhere that shows all of it, or nothing but it.
float origin(float size, float room, Rng& rng) {
  const float slack = room - size;
  return rng.uniform(std::min(0.0f, slack), std::max(0.0f, slack));
}

// Output pixel i covers `step` pixels of the input around (i + 0.5 - origin) * step, or two by interpolation where step < 1.
struct Axis {
  int taps = 1;
  std::vector<int> first;
  std::vector<float> weights;  // (outputs, taps)

  void sample(int outputs, int inputs, float start, float step) {
    const float reach = std::max(step, 1.0f);
    taps = static_cast<int>(std::ceil(reach)) + 1;
    first.resize(static_cast<size_t>(outputs));
    weights.assign(static_cast<size_t>(outputs * taps), 0.0f);
    for (int i = 0; i < outputs; ++i) {
      const float middle = (static_cast<float>(i) + 0.5f - start) * step, low = middle - reach / 2, high = middle + reach / 2;
      first[static_cast<size_t>(i)] = static_cast<int>(std::floor(low));
      for (int k = 0; k < taps; ++k) {
        const int at = first[static_cast<size_t>(i)] + k;
        if (at < 0 || at >= inputs) continue;
        const float left = static_cast<float>(at);
        weights[static_cast<size_t>(i * taps + k)] = std::max(0.0f, std::min(high, left + 1) - std::max(low, left)) / reach;
      }
    }
  }
};

void shrink(float* out, const TileOptions& options, const std::vector<uint8_t>& ink, int rows, int columns, Point start, float step) {
  thread_local Axis down, across;
  thread_local std::vector<float> sums;
  down.sample(options.height, rows, start.y, step);
  across.sample(options.width, columns, start.x, step);
  sums.resize(static_cast<size_t>(columns));
  for (int y = 0; y < options.height; ++y) {
    float* line = out + static_cast<size_t>(y) * options.width;
    std::fill(sums.begin(), sums.end(), 0.0f);
    bool any = false;
    for (int k = 0; k < down.taps; ++k) {
      const float weight = down.weights[static_cast<size_t>(y * down.taps + k)] * (1.0f / 255);
      if (weight == 0) continue;
      any = true;
      const uint8_t* row = ink.data() + static_cast<size_t>(down.first[static_cast<size_t>(y)] + k) * columns;
      for (int x = 0; x < columns; ++x) sums[static_cast<size_t>(x)] += weight * static_cast<float>(row[x]);
    }
    std::fill(line, line + options.width, 0.0f);
    for (int x = 0; any && x < options.width; ++x) {
      float sum = 0;
      for (int k = 0; k < across.taps; ++k) {
        const float weight = across.weights[static_cast<size_t>(x * across.taps + k)];
        if (weight != 0) sum += weight * sums[static_cast<size_t>(across.first[static_cast<size_t>(x)] + k)];
      }
      line[x] = sum;
    }
  }
}

// The level that 3 in 100 inked pixels exceed becomes 1, give or take: thin lines come out pale when they are shrunk.
void even_contrast(float* out, size_t count, float gain) {
  int histogram[65] = {}, inked = 0;
  for (size_t i = 0; i < count; ++i) ++histogram[static_cast<int>(std::min(1.0f, out[i]) * 64)];
  for (int v = 10; v <= 64; ++v) inked += histogram[v];
  int level = 64;
  for (int seen = 0; level > 19; --level) {
    seen += histogram[level];
    if (seen * 33 >= inked) break;
  }
  const float scale = gain * 64.0f / static_cast<float>(level);
  for (size_t i = 0; i < count; ++i) out[i] = std::min(1.2f, out[i] * scale);
}

DrawnOrder order_of(const SketchBond& bond, bool circled) {
  if (circled) return DrawnOrder::kAromatic;
  return bond.order == 3 ? DrawnOrder::kTriple : bond.order == 2 ? DrawnOrder::kDouble : DrawnOrder::kSingle;
}

DrawnStereo stereo_of(const SketchBond& bond, const Style& style) {
  if (style.dropStereo || bond.order != 1) return DrawnStereo::kNone;
  return bond.stereo == kWedge ? DrawnStereo::kWedge : bond.stereo == kHash ? DrawnStereo::kHash : bond.stereo == kWavy ? DrawnStereo::kWavy : DrawnStereo::kNone;
}

void tell(DrawingTruth& truth, const Workspace& work, const Style& style, const Transform& transform, Point start, float step, const TileOptions& options) {
  const Sketch& sketch = work.sketch;
  const auto place = [&](int atom) {
    const Point at = transform(sketch.atoms[atom].at);
    return Point{at.x / step + start.x, at.y / step + start.y};
  };
  const auto inside = [&](Point p) { return p.x >= 0 && p.y >= 0 && p.x < static_cast<float>(options.width) && p.y < static_cast<float>(options.height); };
  for (int i = 0; i < sketch.atomCount; ++i) {
    const SketchAtom& atom = sketch.atoms[i];
    const Point at = place(i);
    if (!atom.hidden && inside(at)) truth.atoms.push_back({at.x, at.y, class_of(atom), atom.label != nullptr ? 0 : atom.charge});
  }
  for (int i = 0; i < sketch.bondCount; ++i) {
    const SketchBond& bond = sketch.bonds[i];
    if (bond.hidden || sketch.atoms[bond.begin].hidden || sketch.atoms[bond.end].hidden) continue;
    const Point a = place(bond.begin), b = place(bond.end);
    if (inside((a + b) * 0.5f)) truth.bonds.push_back({{a.x, b.x}, {a.y, b.y}, order_of(bond, work.circled[i]), stereo_of(bond, style)});
  }
}

bool draw(float* out, DrawingTruth& truth, const Layout& molecule, const TileOptions& options, Rng& rng, Workspace& work) {
  const Style style = reading_style(options, rng);
  Box box;
  if (!compose(work, molecule, style, rng, box, options.strength > 0 && options.invented ? mutate : nullptr)) return false;
  const float bond = options.bond * std::clamp(1 + 0.13f * options.strength * rng.normal(), 0.72f, 1.4f);
  const float step = page_step(style, options, box, bond, rng);
  const Page page = page_at(bond * step, box, style);
  print_page(work, page, style, rng);
  thread_local std::vector<uint8_t> ink;
  ink.resize(work.ink.size());
  if (!ink_of(ink.data(), work.ink.data(), ink.size())) return false;
  Point start;
  start.x = origin(static_cast<float>(page.columns) / step, static_cast<float>(options.width), rng);
  start.y = origin(static_cast<float>(page.rows) / step, static_cast<float>(options.height), rng);
  shrink(out, options, ink, page.rows, page.columns, start, step);
  even_contrast(out, static_cast<size_t>(options.height) * options.width, 1 + 0.2f * options.strength * rng.uniform(-1, 1));
  tell(truth, work, style, page.transform, start, step, options);
  return true;
}

}  // namespace
}  // namespace drawing

void render_tile(float* out, DrawingTruth& truth, const Layout& molecule, const TileOptions& options, Rng& rng) {
  truth.atoms.clear();
  truth.bonds.clear();
  thread_local std::unique_ptr<drawing::Workspace> work = std::make_unique<drawing::Workspace>();
  if (drawing::draw(out, truth, molecule, options, rng, *work)) return;
  std::fill(out, out + static_cast<size_t>(options.height) * options.width, 0.0f);
}

}  // namespace isolens
