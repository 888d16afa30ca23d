// What can stand at an atom's place in a drawing: an element or a group written as text. The classes that a reader tells apart.
#pragma once
#include <string>
#include <vector>

#include "sketch.h"

namespace isolens {

struct DrawingClass {
  std::string label;   // as drawn most often
  int element = 6;     // of a group: of its attachment atom; 0: attachment point or R group
  int isotope = 0;     // mass number, 0 = natural
  std::string smiles;  // of a group, begun with the attachment point "*"; else empty
};
const std::vector<DrawingClass>& drawing_classes();

namespace drawing {

// Texts for an attachment point or R group; all one class.
constexpr const char* kAttachmentLabels[] = {"R", "R^1", "R^2", "R1", "R2", "R^3", "R'", "X", "Ar", "Z", "Y", "R^4", "Het", "A"};
constexpr uint32_t kAttachmentLabelCount = sizeof kAttachmentLabels / sizeof *kAttachmentLabels;

// The class as which an atom of a finished sketch is drawn.
int class_of(const SketchAtom& atom);

}  // namespace drawing
}  // namespace isolens
