// Groups written as text: OMe, CO2H, CF3, Ph, Boc ...
#pragma once
#include <vector>

#include "sketch.h"
#include "style.h"

namespace isolens::drawing {

// Texts that stand for one group.
struct GroupTexts {
  const char* pattern;              // SMILES, attachment atom first
  std::vector<const char*> labels;  // as SketchAtom::label, the first written most often
};
// Every group that a drawing may abbreviate.
const std::vector<GroupTexts>& abbreviated_groups();

void abbreviate_groups(Sketch& sketch, const Style& style, Rng& rng);

}  // namespace isolens::drawing
