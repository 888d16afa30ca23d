#include "rewrites.h"

#include <algorithm>

namespace isolens::drawing {
namespace {

// N+ next to O- or N-: a double (triple) bond, or for N-oxides an arrow, and no charges.
void remove_charge_pairs(Sketch& sketch, Rng& rng) {
  for (int i = 0; i < sketch.bondCount; ++i) {
    SketchBond& bond = sketch.bonds[i];
    for (const bool forward : {true, false}) {
      SketchAtom& plus = sketch.atoms[forward ? bond.begin : bond.end];
      SketchAtom& minus = sketch.atoms[forward ? bond.end : bond.begin];
      if (plus.charge != 1 || minus.charge != -1 || plus.element != 7 || minus.degree != 1 || bond.order > 2) continue;
      if (minus.element != 8 && minus.element != 7) continue;
      const bool nitro = plus.degree == 3 && minus.element == 8;
      plus.charge = minus.charge = 0;
      if (minus.element == 8 && (!nitro || rng.chance(0.2f)) && rng.chance(0.6f)) {
        bond.stereo = kDative;
        if (!forward) std::swap(bond.begin, bond.end);
      } else {
        ++bond.order;
      }
      break;
    }
  }
}

// The middle of the widest angle between the bonds of an atom; false where it is too wide to tell the stereo by.
bool widest_gap(const Sketch& sketch, const SketchAtom& atom, int index, float& direction) {
  float angles[kMaxDegree];
  for (int k = 0; k < atom.degree; ++k) {
    const Point to = sketch.atoms[sketch.bonds[atom.bonds[k]].other(index)].at - atom.at;
    angles[k] = std::atan2(to.y, to.x);
  }
  std::sort(angles, angles + atom.degree);
  float best = 0;
  for (int k = 0; k < atom.degree; ++k) {
    const float next = k + 1 < atom.degree ? angles[k + 1] : angles[0] + 6.2831853f;
    if (next - angles[k] <= best) continue;
    best = next - angles[k];
    direction = angles[k] + best / 2;
  }
  return best < 2.9f;
}

// A wedge to a neighbour says that the hydrogen lies behind: the hydrogen may be drawn, hashed, and the neighbour plain.
void draw_stereo_hydrogen(Sketch& sketch, int index, const Style& style, Rng& rng) {
  const SketchAtom& atom = sketch.atoms[index];
  if (atom.degree != 3 || atom.hydrogens != 1 || atom.label) return;
  int wedge = -1;
  for (int k = 0; k < 3; ++k) {
    const SketchBond& bond = sketch.bonds[atom.bonds[k]];
    if (sketch.atoms[bond.other(index)].element == 1) return;
    if (bond.begin == index && (bond.stereo == kWedge || bond.stereo == kHash)) wedge = atom.bonds[k];
  }
  float direction = 0;
  if (wedge < 0 || !rng.chance(style.stereoHydrogens) || !widest_gap(sketch, atom, index, direction)) return;
  SketchAtom hydrogen;
  hydrogen.element = 1;
  hydrogen.component = atom.component;
  hydrogen.at = atom.at + Point{std::cos(direction), std::sin(direction)} * rng.uniform(0.65f, 1.0f);
  for (int i = 0; i < sketch.atomCount; ++i) {
    const Point apart = sketch.atoms[i].at - hydrogen.at;
    if (i != index && dot(apart, apart) < 0.55f * 0.55f) return;
  }
  const int added = sketch.add_atom(hydrogen);
  if (added < 0) return;
  const uint8_t opposite = sketch.bonds[wedge].stereo == kWedge ? kHash : kWedge;
  if (sketch.add_bond(index, added, 1, opposite) < 0) {
    --sketch.atomCount;
    return;
  }
  sketch.atoms[index].hydrogens = 0;
  // Of four bonds drawn, neighbours lie on opposite sides and opposite ones on the same side: with the hydrogen across
  // from it, the wedge would contradict the hash.
  const Point to = sketch.atoms[sketch.bonds[wedge].other(index)].at - sketch.atoms[index].at;
  const Point out{std::cos(direction), std::sin(direction)};
  const bool opposite_side = dot(to, out) < -0.8f * length(to);
  if (opposite_side || rng.chance(0.7f)) sketch.bonds[wedge].stereo = kNoStereo;
}

// O- and a separate Na+ become ONa.
void bond_salts(Sketch& sketch) {
  bool changed = false;
  for (int metal = 0; metal < sketch.atomCount; ++metal) {
    const SketchAtom& ion = sketch.atoms[metal];
    if (ion.degree != 0 || ion.charge != 1 || (ion.element != 11 && ion.element != 19) || ion.hidden) continue;
    for (int i = 0; i < sketch.atomCount; ++i) {
      SketchAtom& oxygen = sketch.atoms[i];
      if (oxygen.element != 8 || oxygen.charge != -1 || oxygen.degree != 1 || oxygen.label) continue;
      oxygen.label = ion.element == 11 ? "ONa" : "OK";
      oxygen.reversed = ion.element == 11 ? "NaO" : "KO";
      oxygen.charge = 0;
      sketch.atoms[metal].hidden = changed = true;
      break;
    }
  }
  if (!changed) return;
  sketch.remove_hidden();
  sketch.number_components();
}

void make_wavy(Sketch& sketch, Rng& rng) {
  if (sketch.bondCount == 0) return;
  const int bond = static_cast<int>(rng.below(static_cast<uint32_t>(sketch.bondCount)));
  if (sketch.is_link(bond)) sketch.bonds[bond].stereo = kWavy;
}

}  // namespace

void rewrite_notation(Sketch& sketch, const Style& style, Rng& rng) {
  if (style.hypervalent) remove_charge_pairs(sketch, rng);
  if (style.bondedSalts) bond_salts(sketch);
  if (style.wavyBonds) make_wavy(sketch, rng);
  if (style.stereoHydrogens <= 0 || style.dropStereo) return;
  const int atoms = sketch.atomCount;
  for (int i = 0; i < atoms; ++i) draw_stereo_hydrogen(sketch, i, style, rng);
}

}  // namespace isolens::drawing
