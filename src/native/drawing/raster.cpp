#include "raster.h"

#include <algorithm>

namespace isolens::drawing {

void Raster::resize(int rows, int columns) {
  rows_ = rows;
  columns_ = columns;
  const size_t needed = static_cast<size_t>(rows + 2) * columns;
  if (needed > area_.size()) area_.assign(needed, 0.0f);
  if (static_cast<size_t>(columns) > column_.size()) column_.resize(columns);
}

// Deposits one edge: per column crossed, the share of each cell below the edge, as differences along the column.
void Raster::edge(Point a, Point b, float ink) {
  if (a.x == b.x) return;
  float sign = ink;
  if (a.x > b.x) {
    std::swap(a, b);
    sign = -ink;
  }
  if (b.x <= 0 || a.x >= columns_) return;
  const float slope = (b.y - a.y) / (b.x - a.x);
  if (a.x < 0) a = {0, a.y - a.x * slope};
  if (b.x > columns_) b = {static_cast<float>(columns_), a.y + (columns_ - a.x) * slope};
  const float bottom = static_cast<float>(rows_);
  float y = a.y;
  int column = std::min(static_cast<int>(a.x), columns_ - 1);
  for (float x = a.x; column < columns_ && x < b.x; ++column) {
    const float nextX = std::min(column + 1.0f, b.x);
    const float part = (nextX - x) * sign;
    const float nextY = a.y + (nextX - a.x) * slope;
    float low = std::clamp(std::min(y, nextY), 0.0f, bottom), high = std::clamp(std::max(y, nextY), 0.0f, bottom);
    const int first = static_cast<int>(low);
    float* cell = &area_[static_cast<size_t>(first) * columns_ + column];
    if (high <= first + 1.0f) {
      const float middle = 0.5f * (low + high) - first;
      cell[0] += part * (1 - middle);
      cell[columns_] += part * middle;
    } else {
      // Steep: the edge passes several cells of this column; each gets the part that lies in it.
      const float perRow = part / (high - low);
      float carried = 0;
      const int last = static_cast<int>(high);
      for (int row = first; row <= last; ++row, cell += columns_) {
        const float top = std::max(low, static_cast<float>(row)), end = std::min(high, row + 1.0f);
        const float amount = perRow * (end - top);
        if (amount == 0) break;
        const float middle = 0.5f * (top + end) - row;
        cell[0] += carried + amount * (1 - middle);
        carried = amount * middle;
      }
      cell[0] += carried;
    }
    x = nextX;
    y = nextY;
  }
}

void Raster::polygon(const Point* points, int count, float ink) {
  float twice = 0;
  for (int i = 0; i < count; ++i) twice += cross(points[i], points[i + 1 < count ? i + 1 : 0]);
  const float sign = twice > 0 ? ink : -ink;  // all shapes the same way round, so that overlaps add and clamp
  for (int i = 0; i < count; ++i) edge(points[i], points[i + 1 < count ? i + 1 : 0], sign);
}

void Raster::stroke(Point a, Point b, float width, float ink) {
  const Point along = b - a;
  const float size = length(along);
  if (size < 1e-4f) return;
  const Point side = normal_of(along) * (0.5f * width / size);
  const Point corners[4] = {a + side, b + side, b - side, a - side};
  polygon(corners, 4, ink);
}

void Raster::glyph(const Scene& scene, const Glyph& glyph, const Transform& transform) {
  const GlyphOutline& outline = glyph.face->glyphs[static_cast<int>(glyph.character) & 127];
  const int8_t* at = outline.points;
  const float unit = glyph.size * kGlyphUnit;
  const bool flips = transform.xx * transform.yy - transform.xy * transform.yx < 0;
  const float sign = flips ? glyph.ink : -glyph.ink;  // outlines run clockwise with y up
  Point corners[256];
  for (int c = 0; c < outline.contours; ++c) {
    const int count = outline.counts[c];
    for (int i = 0; i < count; ++i, at += 2) {
      corners[i] = transform({glyph.at.x + at[0] * unit * scene.stretch, glyph.at.y + at[1] * unit});
    }
    for (int i = 0; i < count; ++i) edge(corners[i], corners[i + 1 < count ? i + 1 : 0], sign);
  }
}

void Raster::scene(const Scene& scene, const Transform& transform, float thinnest) {
  const float scale = std::sqrt(std::fabs(transform.xx * transform.yy - transform.xy * transform.yx));
  for (const Shape& shape : scene.shapes) {
    Point corners[4];
    for (int i = 0; i < shape.count; ++i) corners[i] = transform(shape.corners[i]);
    if (shape.count == 2) stroke(corners[0], corners[1], std::max(shape.width * scale, thinnest), shape.ink);
    else polygon(corners, shape.count, shape.ink);
  }
  for (const Glyph& one : scene.glyphs) glyph(scene, one, transform);
}

void Raster::finish(uint8_t* ink) {
  const int rows = rows_, columns = columns_;
  float* __restrict sum = column_.data();
  std::fill(sum, sum + columns, 0.0f);
  for (int row = 0; row < rows; ++row) {
    float* __restrict cells = &area_[static_cast<size_t>(row) * columns];
    uint8_t* __restrict out = ink + static_cast<size_t>(row) * columns;
    for (int x = 0; x < columns; ++x) {
      const float covered = sum[x] + cells[x], size = covered < 0 ? -covered : covered;
      sum[x] = covered;
      cells[x] = 0;
      out[x] = static_cast<uint8_t>(static_cast<int>((size > 1 ? 1.0f : size) * 255.0f + 0.5f));
    }
  }
  const auto below = area_.begin() + static_cast<size_t>(rows_) * columns_;
  std::fill(below, below + 2 * columns_, 0.0f);
}

}  // namespace isolens::drawing
