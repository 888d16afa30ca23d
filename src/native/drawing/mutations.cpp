#include "mutations.h"

#include "classes.h"

namespace isolens::drawing {
namespace {

struct Substitute {
  uint8_t element;
  uint8_t valence;
};

constexpr Substitute kTerminal[] = {{53, 1}, {53, 1}, {35, 1}, {17, 1}, {9, 1}, {9, 1}, {16, 2}, {7, 3}, {8, 2}, {34, 2}, {15, 3}, {5, 3}, {14, 4}, {1, 1}, {6, 4}};
constexpr Substitute kLink[] = {{16, 2}, {16, 2}, {16, 2}, {8, 2}, {8, 2}, {7, 3}, {7, 3}, {7, 3}, {34, 2}, {15, 3}, {5, 3}, {14, 4}, {6, 4}};

template <size_t kCount>
Substitute any_of(const Substitute (&list)[kCount], Rng& rng) {
  return list[rng.below(kCount)];
}

bool plain(const Sketch& sketch, const SketchAtom& atom) {
  if (atom.charge != 0 || atom.isotope != 0 || atom.label != nullptr || atom.element == 0) return false;
  for (int k = 0; k < atom.degree; ++k) {
    const SketchBond& bond = sketch.bonds[atom.bonds[k]];
    if (bond.order != 1 || bond.aromatic || (bond.stereo != kNoStereo && atom.degree > 1)) return false;
  }
  return true;
}

void substitute(SketchAtom& atom, Substitute with) {
  atom.element = with.element;
  const int free = with.valence - atom.degree;
  atom.hydrogens = static_cast<uint8_t>(free > 0 ? free : 0);
}

}  // namespace

void mutate(Sketch& sketch, Rng& rng) {
  const bool letters = rng.chance(0.25f), groups = rng.chance(0.06f);
  if (!letters && !groups) return;
  for (int i = 0; i < sketch.atomCount; ++i) {
    SketchAtom& atom = sketch.atoms[i];
    if (atom.degree < 1 || atom.degree > 2 || !plain(sketch, atom)) continue;
    if (groups && atom.degree == 1 && rng.chance(0.5f)) {
      atom.element = 0;
      atom.hydrogens = 0;
      atom.label = kAttachmentLabels[rng.below(kAttachmentLabelCount)];
    } else if (letters && rng.chance(atom.element == 6 && atom.degree == 2 ? 0.06f : 0.3f)) {
      substitute(atom, atom.degree == 1 ? any_of(kTerminal, rng) : any_of(kLink, rng));
      if (atom.degree == 1 && rng.chance(0.03f)) {
        atom.element = 1;
        atom.isotope = 2;
        atom.hydrogens = 0;
      }
    }
  }
}

}  // namespace isolens::drawing
