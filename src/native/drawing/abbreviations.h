// Groups written as text: OMe, CO2H, CF3, Ph, Boc ...
#pragma once
#include "sketch.h"
#include "style.h"

namespace isolens::drawing {

void abbreviate_groups(Sketch& sketch, const Style& style, Rng& rng);

}  // namespace isolens::drawing
