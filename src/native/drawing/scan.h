// From clean ink to what a scanner, a fax or a JPEG file makes of it.
#pragma once
#include <cstdint>
#include <vector>

#include "style.h"

namespace isolens::drawing {

// pixels: (rows, columns), in: 255 = full ink, out: grey levels of the picture.
void degrade(std::vector<uint8_t>& pixels, int rows, int columns, const Scan& scan, Rng& rng);

}  // namespace isolens::drawing
