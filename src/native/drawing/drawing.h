// Drawn structures as training images: vector drawing of a 2D layout in many styles, degraded like scans and prints.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../core/rng.h"

namespace isolens {

// One molecule with 2D coordinates, as views into a data file; explicit hydrogens already folded into counts
// (except where they carry a stereo bond).
struct Layout {
  int atoms = 0, bonds = 0;
  const uint8_t* element = nullptr;     // (atoms) atomic number; 0 = attachment point or unknown
  const int8_t* charge = nullptr;       // (atoms)
  const uint8_t* hydrogens = nullptr;   // (atoms) total hydrogens on the atom
  const uint16_t* isotope = nullptr;    // (atoms) 0 = natural
  const float* xy = nullptr;            // (atoms, 2) typical bond length 1.5, y up
  const uint8_t* begin = nullptr;       // (bonds)
  const uint8_t* end = nullptr;         // (bonds)
  const uint8_t* order = nullptr;       // (bonds) Kekule order 1, 2, 3
  const uint8_t* aromatic = nullptr;    // (bonds) 1 = in an aromatic ring
  const uint8_t* stereo = nullptr;      // (bonds) 0 none, 1 wedge, 6 hash, 4 wavy (narrow end at `begin`), 3 crossed double
};

struct DrawingOptions {
  int height = 128, width = 192;  // of the tensor
  float strength = 1.0f;          // 0: plain clean style, 1: full variety and degradation
};

// out: (height, width), 0 = paper, 1 = full ink; already normalised as normalise_drawing() does.
void render_drawing(float* out, const Layout& molecule, const DrawingOptions& options, Rng& rng);

// A picture that another program drew, cropped to its ink.
struct Picture {
  const uint8_t* gray = nullptr;  // (rows, columns) 0 = black ... 255 = white
  int rows = 0, columns = 0;
};
inline constexpr int kLargestPicture = 4096;  // pixels a side

// The same for such a picture: no say over how it is drawn, all of it over how it is scanned.
void render_picture(float* out, const Picture& picture, const DrawingOptions& options, Rng& rng);

// 0 = paper ... 255 = ink, whichever of the two is darker. Returns false where there is no ink.
bool ink_of(uint8_t* out, const uint8_t* gray, size_t count);

// What training drawings and query images go through alike: find the ink, crop to its box, scale to fit the canvas with
// area averaging (aspect kept, centred, `margin` pixels left free), stretch contrast so that the darkest ink is 1.
// gray: (rows, columns) 0 = black ... 255 = white.  Returns false where there is no ink.
bool normalise_drawing(float* out, int height, int width, const uint8_t* gray, int rows, int columns);

}  // namespace isolens
