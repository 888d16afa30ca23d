// Polygons to ink with exact area coverage, the way font rasterisers do: every edge deposits signed area differences, one
// running sum down the columns turns them into coverage, so cost grows with outline length and one pass over the canvas.
#pragma once
#include <cstdint>
#include <vector>

#include "scene.h"

namespace isolens::drawing {

// x right, y down, pixels: p -> (xx x + xy y + dx, yx x + yy y + dy).
struct Transform {
  float xx = 1, xy = 0, yx = 0, yy = 1, dx = 0, dy = 0;
  Point operator()(Point p) const { return {xx * p.x + xy * p.y + dx, yx * p.x + yy * p.y + dy}; }
};

class Raster {
 public:
  void resize(int rows, int columns);
  void scene(const Scene& scene, const Transform& transform, float thinnest);
  // ink: (rows, columns) 255 = full ink. Leaves the raster empty for the next drawing.
  void finish(uint8_t* ink);
  int rows() const { return rows_; }
  int columns() const { return columns_; }

 private:
  void polygon(const Point* points, int count, float ink);
  void stroke(Point a, Point b, float width, float ink);
  void glyph(const Scene& scene, const Glyph& glyph, const Transform& transform);
  void edge(Point a, Point b, float ink);
  int rows_ = 0, columns_ = 0;
  std::vector<float> area_;     // (rows + 2, columns), zero between drawings
  std::vector<float> column_;   // running sums
};

}  // namespace isolens::drawing
