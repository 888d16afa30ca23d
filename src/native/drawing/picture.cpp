// Pictures that other programs drew: put down at another size and slightly askew, then scanned as own drawings are.
#include <algorithm>
#include <cmath>
#include <vector>

#include "drawing.h"
#include "scan.h"
#include "style.h"

namespace isolens {
namespace drawing {
namespace {

constexpr int kMargin = 3;

// p -> (xx x + xy y + dx, yx x + yy y + dy): from the page to the picture, both in pixels.
struct Lookup {
  float xx, xy, yx, yy, dx, dy;
};

struct Sheet {
  int rows, columns;
  Lookup lookup;
};

// Large originals shrink a little, rarely so much that a small screenshot is all that is left.
float size_of(const Picture& picture, const DrawingOptions& options, const Style& style, Rng& rng) {
  const float fitting = std::min(static_cast<float>(options.height) / static_cast<float>(picture.rows), static_cast<float>(options.width) / static_cast<float>(picture.columns));
  const float smallest = rng.chance(0.06f * std::min(options.strength, 1.0f)) ? rng.uniform(0.5f, 0.9f) : rng.uniform(1.1f, 2.0f);
  return std::clamp(std::min(style.native, smallest) * fitting, 0.05f, 1.0f);
}

Sheet place(const Picture& picture, const DrawingOptions& options, const Style& style, Rng& rng) {
  const float high = size_of(picture, options, style, rng), wide = std::min(1.0f, high * style.squeeze);
  const float cosine = std::cos(style.tilt), sine = std::sin(style.tilt);
  const float rows = static_cast<float>(picture.rows) * high, columns = static_cast<float>(picture.columns) * wide;
  Sheet sheet;
  sheet.rows = std::max(1, static_cast<int>(rows * cosine + columns * std::fabs(sine)) + 2 * kMargin);
  sheet.columns = std::max(1, static_cast<int>(columns * cosine + rows * std::fabs(sine)) + 2 * kMargin);
  const float x = static_cast<float>(sheet.columns) / 2, y = static_cast<float>(sheet.rows) / 2;
  Lookup& at = sheet.lookup;
  at.xx = cosine / wide;
  at.xy = sine / wide;
  at.yx = -sine / high;
  at.yy = cosine / high;
  at.dx = static_cast<float>(picture.columns) / 2 - at.xx * x - at.xy * y;
  at.dy = static_cast<float>(picture.rows) / 2 - at.yx * x - at.yy * y;
  return sheet;
}

// The picture as ink, paper all round it, so that a look near the edge needs no bounds.
class InkGround {
 public:
  void load(const Picture& picture) {
    rows_ = picture.rows + 2 * kRim;
    columns_ = picture.columns + 2 * kRim;
    ink_.assign(static_cast<size_t>(rows_) * columns_, 0);
    for (int y = 0; y < picture.rows; ++y) {
      const uint8_t* __restrict from = picture.gray + static_cast<size_t>(y) * picture.columns;
      uint8_t* __restrict to = &ink_[static_cast<size_t>(y + kRim) * columns_ + kRim];
      for (int x = 0; x < picture.columns; ++x) to[x] = static_cast<uint8_t>(255 - from[x]);
    }
  }
  // Between the four pixels around (x, y), in pixels of the picture.
  float at(float x, float y) const {
    const float across = std::clamp(x + (kRim - 0.5f), 0.0f, static_cast<float>(columns_ - 2));
    const float down = std::clamp(y + (kRim - 0.5f), 0.0f, static_cast<float>(rows_ - 2));
    const int column = static_cast<int>(across), row = static_cast<int>(down);
    const float right = across - static_cast<float>(column), low = down - static_cast<float>(row);
    const uint8_t* upper = &ink_[static_cast<size_t>(row) * columns_ + column];
    const uint8_t* lower = upper + columns_;
    const float top = static_cast<float>(upper[0]) + right * static_cast<float>(upper[1] - upper[0]);
    const float bottom = static_cast<float>(lower[0]) + right * static_cast<float>(lower[1] - lower[0]);
    return top + low * (bottom - top);
  }

 private:
  static constexpr int kRim = 2;
  int rows_ = 0, columns_ = 0;
  std::vector<uint8_t> ink_;  // (rows_, columns_)
};

// Where a pixel of the sheet covers clearly more than one of the picture, one look would miss thin lines: four are taken.
void put_down(std::vector<uint8_t>& ink, const InkGround& ground, const Sheet& sheet) {
  ink.resize(static_cast<size_t>(sheet.rows) * sheet.columns);
  const Lookup& to = sheet.lookup;
  const float covered = std::fabs(to.xx * to.yy - to.xy * to.yx);
  const int looks = covered > 2 ? 2 : 1;
  const float step = 1.0f / static_cast<float>(looks), share = step * step;
  uint8_t* __restrict out = ink.data();
  for (int row = 0; row < sheet.rows; ++row) {
    for (int column = 0; column < sheet.columns; ++column) {
      float sum = 0;
      for (int k = 0; k < looks * looks; ++k) {
        const float x = static_cast<float>(column) + (static_cast<float>(k % looks) + 0.5f) * step;
        const float y = static_cast<float>(row) + (static_cast<float>(k / looks) + 0.5f) * step;
        sum += ground.at(to.xx * x + to.xy * y + to.dx, to.yx * x + to.yy * y + to.dy);
      }
      *out++ = static_cast<uint8_t>(sum * share + 0.5f);
    }
  }
}

// Ink of the thin lines of a picture, 0..1: the level that two in three inked pixels exceed.
float line_ink(const std::vector<uint8_t>& ink) {
  uint32_t histogram[256] = {}, inked = 0, seen = 0;
  for (const uint8_t value : ink) ++histogram[value];
  constexpr int kFaintest = 24;
  for (int v = kFaintest; v < 256; ++v) inked += histogram[v];
  int level = kFaintest;
  while (level < 255 && (seen += histogram[level]) * 3 < inked) ++level;
  return static_cast<float>(level) / 255;
}

}  // namespace
}  // namespace drawing

void render_picture(float* out, const Picture& picture, const DrawingOptions& options, Rng& rng) {
  const size_t count = static_cast<size_t>(std::max(options.height, 0)) * static_cast<size_t>(std::max(options.width, 0));
  std::fill(out, out + count, 0.0f);
  if (count == 0 || options.height > 4096 || options.width > 4096 || picture.gray == nullptr) return;
  if (picture.rows < 1 || picture.columns < 1 || picture.rows > kLargestPicture || picture.columns > kLargestPicture) return;
  drawing::Style style = drawing::sample_style(options.strength, rng);
  const drawing::Sheet sheet = drawing::place(picture, options, style, rng);
  thread_local std::vector<uint8_t> ink;
  thread_local drawing::InkGround ground;
  ground.load(picture);
  drawing::put_down(ink, ground, sheet);
  // Thin lines of a large molecule are grey by now: a threshold far above them would leave dots.
  if (style.scan.threshold > 0) style.scan.threshold = std::max(0.05f, std::min(style.scan.threshold, 1.1f * drawing::line_ink(ink)));
  drawing::degrade(ink, sheet.rows, sheet.columns, style.scan, rng);
  normalise_drawing(out, options.height, options.width, ink.data(), sheet.rows, sheet.columns);
}

}  // namespace isolens
