// From a molecule to what is to be inked, in the style of one drawing; and the sheet of pixels that it goes on.
#pragma once
#include <vector>

#include "labels.h"
#include "raster.h"
#include "scene.h"

namespace isolens::drawing {

// Buffers of one thread, kept between drawings: a fresh quarter megabyte each time would cost as much as drawing into it.
struct Workspace {
  Sketch sketch;
  Scene scene;
  Raster raster;
  std::vector<uint8_t> ink;
  LabelRange ranges[kMaxAtoms];
  bool circled[kMaxBonds];  // drawn as a part of an aromatic circle's ring
};

// Changes the molecule before it is drawn; absent: it is drawn as it is.
using Rewrite = void (*)(Sketch& sketch, Rng& rng);

// Fills sketch (as drawn) and scene, in bond lengths; `page`: what the picture shows. False where nothing can be drawn.
bool compose(Workspace& work, const Layout& molecule, const Style& style, Rng& rng, Box& page, Rewrite rewrite = nullptr);

// Pixels of the native picture: no empty rows or columns but a margin.
struct Page {
  int rows, columns;
  Transform transform;
};

// `scale`: pixels per bond length.
Page page_at(float scale, const Box& box, const Style& style);

// Inks the scene on the page, then scans it; work.ink: (page.rows, page.columns) grey levels.
void print_page(Workspace& work, const Page& page, const Style& style, Rng& rng);

}  // namespace isolens::drawing
