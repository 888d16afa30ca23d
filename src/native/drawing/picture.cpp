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

// Ink between four pixels; beyond the edge there is paper.
float ink_at(const Picture& picture, float x, float y) {
  const float left = std::floor(x - 0.5f), top = std::floor(y - 0.5f), across = x - 0.5f - left, down = y - 0.5f - top;
  const int column = static_cast<int>(left), row = static_cast<int>(top);
  const auto ink = [&](int r, int c) {
    return r < 0 || c < 0 || r >= picture.rows || c >= picture.columns ? 0.0f : 255.0f - picture.gray[static_cast<size_t>(r) * picture.columns + c];
  };
  const float upper = ink(row, column) * (1 - across) + ink(row, column + 1) * across;
  const float lower = ink(row + 1, column) * (1 - across) + ink(row + 1, column + 1) * across;
  return upper * (1 - down) + lower * down;
}

// Four looks a pixel where it covers more than one of the picture.
void put_down(std::vector<uint8_t>& ink, const Picture& picture, const Sheet& sheet) {
  ink.resize(static_cast<size_t>(sheet.rows) * sheet.columns);
  const Lookup& at = sheet.lookup;
  uint8_t* out = ink.data();
  for (int row = 0; row < sheet.rows; ++row) {
    for (int column = 0; column < sheet.columns; ++column) {
      float sum = 0;
      for (int k = 0; k < 4; ++k) {
        const float x = static_cast<float>(column) + (k % 2 == 0 ? 0.25f : 0.75f), y = static_cast<float>(row) + (k < 2 ? 0.25f : 0.75f);
        sum += ink_at(picture, at.xx * x + at.xy * y + at.dx, at.yx * x + at.yy * y + at.dy);
      }
      *out++ = static_cast<uint8_t>(sum * 0.25f + 0.5f);
    }
  }
}

}  // namespace
}  // namespace drawing

void render_picture(float* out, const Picture& picture, const DrawingOptions& options, Rng& rng) {
  const size_t count = static_cast<size_t>(std::max(options.height, 0)) * static_cast<size_t>(std::max(options.width, 0));
  std::fill(out, out + count, 0.0f);
  if (count == 0 || options.height > 4096 || options.width > 4096 || picture.gray == nullptr) return;
  if (picture.rows < 1 || picture.columns < 1 || picture.rows > kLargestPicture || picture.columns > kLargestPicture) return;
  drawing::Style style = drawing::sample_style(options.strength, rng);
  // Lines of pictures are thin: above this level 1-bit scans would lose them.
  style.scan.threshold = std::min(style.scan.threshold, 0.4f);
  const drawing::Sheet sheet = drawing::place(picture, options, style, rng);
  thread_local std::vector<uint8_t> ink;
  drawing::put_down(ink, picture, sheet);
  drawing::degrade(ink, sheet.rows, sheet.columns, style.scan, rng);
  normalise_drawing(out, options.height, options.width, ink.data(), sheet.rows, sheet.columns);
}

}  // namespace isolens
