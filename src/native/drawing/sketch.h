// The molecule while it is being drawn: a checked, changeable copy of a Layout in bond lengths, y up.
#pragma once
#include <cmath>
#include <cstdint>

#include "drawing.h"

namespace isolens::drawing {

constexpr int kMaxAtoms = 300;  // 255 of the layout and room for added hydrogens
constexpr int kMaxBonds = 360;
constexpr int kMaxDegree = 8;

struct Point {
  float x = 0, y = 0;
};
inline Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
inline Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
inline Point operator*(Point a, float s) { return {a.x * s, a.y * s}; }
inline float dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
inline float cross(Point a, Point b) { return a.x * b.y - a.y * b.x; }
inline float length(Point a) { return std::sqrt(dot(a, a)); }
inline Point normal_of(Point a) { return {-a.y, a.x}; }
inline Point rotated(Point a, float cosine, float sine) { return {a.x * cosine - a.y * sine, a.x * sine + a.y * cosine}; }

// Stereo codes of Layout.
constexpr uint8_t kNoStereo = 0, kWedge = 1, kCrossed = 3, kWavy = 4, kHash = 6;
constexpr uint8_t kDative = 9;  // arrow to `end`; not in layouts

struct SketchAtom {
  Point at;
  uint8_t element = 6;
  int8_t charge = 0;
  uint8_t hydrogens = 0;
  uint16_t isotope = 0;
  uint8_t degree = 0;
  bool hidden = false;               // swallowed by an abbreviation
  int16_t component = 0;
  int16_t bonds[kMaxDegree] = {};    // incident bonds, the first `degree` of them
  const char* label = nullptr;       // abbreviation written from its attachment atom on ("CO2H"); null = made from the element
  const char* reversed = nullptr;    // the same written towards its attachment atom ("HO2C")
};

struct SketchBond {
  int16_t begin = 0, end = 0;
  uint8_t order = 1;
  bool aromatic = false;
  uint8_t stereo = 0;
  bool ring = false;
  bool hidden = false;
  int other(int atom) const { return begin == atom ? end : begin; }
};

struct Sketch {
  int atomCount = 0, bondCount = 0, componentCount = 0;
  SketchAtom atoms[kMaxAtoms];
  SketchBond bonds[kMaxBonds];

  // False where nothing can be drawn: no atoms, or a coordinate that is not finite. Bonds with bad ends are dropped.
  bool load(const Layout& layout);
  int add_atom(const SketchAtom& atom);                      // -1 when full
  int add_bond(int begin, int end, uint8_t order, uint8_t stereo);
  void number_components();
  void find_ring_bonds();
  void remove_hidden();
  // Smallest ring through the bond as atom indices in order, at most 8; returns its size or 0.
  int smallest_ring(int bond, int16_t* ring, int longest = 8) const;
  // Marks (mark[atom] = true) what hangs on `to` when the acyclic bond to `from` is cut; returns how many atoms.
  int branch(int from, int to, bool* mark) const;
  bool is_link(int bond) const { return !bonds[bond].ring && bonds[bond].order == 1 && !bonds[bond].hidden; }

 private:
  void scale_to_unit_bonds();
};

}  // namespace isolens::drawing
