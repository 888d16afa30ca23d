// A drawing with the truth about it, for networks that read pictures place by place.
#pragma once
#include <vector>

#include "drawing.h"

namespace isolens {

// Places are in pixels of the tile, x right, y down, the first pixel from 0 to 1.
struct DrawnAtom {
  float x, y;
  int32_t kind;   // of drawing_classes()
  int32_t charge;
};

enum class DrawnOrder : int32_t { kSingle, kDouble, kTriple, kAromatic };
enum class DrawnStereo : int32_t { kNone, kWedge, kHash, kWavy };

struct DrawnBond {
  float x[2], y[2];  // of the atoms' places; the narrow end of a wedge or hash first
  DrawnOrder order;
  DrawnStereo stereo;
};

// What lies within the tile; of bonds, their middle.
struct DrawingTruth {
  std::vector<DrawnAtom> atoms;
  std::vector<DrawnBond> bonds;
};

struct TileOptions {
  int height = 128, width = 192;
  float strength = 1.0f;  // as DrawingOptions
  float bond = 16;        // typical bond length in pixels; drawings vary about it
  bool invented = true;   // now and then another molecule is drawn, with rare letters and R groups: the truth is of what is drawn
};

// out: (height, width), 0 = paper, about 1 = full ink. A drawing that is larger than the tile shows a part.
void render_tile(float* out, DrawingTruth& truth, const Layout& molecule, const TileOptions& options, Rng& rng);

}  // namespace isolens
