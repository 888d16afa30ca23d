// How one drawing looks: everything that is chosen once per drawing. Lengths in bond lengths unless stated.
#pragma once
#include "../core/rng.h"

namespace isolens::drawing {

// What scanning and compression do to the picture, in this order.
struct Scan {
  int blurs = 0;            // passes of a 1-2-1 filter
  float roughness = 0;      // noise added before the threshold, 0..1 of full ink: ragged edges
  float threshold = 0;      // 0 = stays grey, else 1-bit at this coverage: low fattens lines, high breaks them
  int faxRows = 0;          // rows lost or repeated
  float dropouts = 0;       // white spots per thousand pixels
  float specks = 0;         // black specks per thousand pixels
  float blocks = 0;         // 8 x 8 block noise as of strong JPEG compression, 0..1 of full ink
  float noise = 0;          // Gaussian, 0..1 of full ink
  int paper = 255, ink = 0; // grey levels
};

struct Style {
  // Lines
  float line = 0.041f, boldLine = 0.13f, wedge = 0.19f, hashGap = 0.10f, hashLine = 0.035f;
  float doubleGap = 0.19f;        // between the centre lines of a double bond
  float innerShortening = 0.14f;  // of the inner line, at each unlabelled end
  bool centredTerminal = true;    // C=O with both lines about the axis
  bool aromaticCircles = false;
  bool aromaticDashes = false;    // a dashed inner line at every bond of an aromatic ring, as some programs draw where no double bonds are placed
  enum class Hash { kTapered, kConstant, kDashed } hash = Hash::kTapered;
  enum class Up { kWedge, kBold } up = Up::kWedge;
  // Labels
  int face = 0, noteFace = 0;     // of atoms; of captions and salts
  float stretch = 1, cap = 0.35f, labelGap = 0.09f, script = 0.74f, drop = 0.30f, rise = 0.45f;
  enum class Methyl { kBare, kCh3, kMe } methyl = Methyl::kCh3;
  bool terminalCarbons = true;    // =CH2 and C#CH as well
  bool acyclicCarbons = false;    // CH2 and CH along chains
  bool centreWholeSymbol = false; // Cl centred on its atom rather than on its C
  bool stackHydrogens = true;     // ring NH as H above N
  bool hideHydrogens = false;     // OH drawn O, as in careless patents
  bool circledCharges = false;
  bool looseCharges = false;      // set in a free direction rather than as a superscript
  bool deuteriumLetter = true;
  float colour = 0;               // 0 black; else how much lighter coloured elements are
  // Chemistry
  bool dropStereo = false;
  float abbreviate = 0;           // chance that a group with an abbreviation is written so
  float stereoHydrogens = 0;      // chance that a stereocentre gets its hydrogen drawn
  bool hypervalent = false;       // N(=O)=O instead of charges
  bool bondedSalts = false;       // ONa instead of O- and Na+
  bool wavyBonds = false;
  // Layout
  bool vary = false;              // all of the following
  int reflections = 0, turns = 0, stretches = 0;  // attempts
  float jitter = 0, squeeze = 1, shear = 0;
  bool mirror = false, freeAngle = false, flatTop = false;
  float tilt = 0;                 // radians away from the upright position
  float landscape = 1;            // how strongly wide orientations are preferred
  // Surroundings
  bool caption = false, salt = false, clutter = false, locants = false, bracket = false;
  float cropped = 0;              // share of one side cut away
  // Paper
  float native = 2;               // most pixels drawn per pixel of the tensor
  float pixelsPerBond = 1000;     // resolution of the original picture; coarser than `native` for small molecules
  Scan scan;
};

Style sample_style(float strength, Rng& rng);

}  // namespace isolens::drawing
