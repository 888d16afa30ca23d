// How one drawing looks: everything that is chosen once per drawing. Lengths in bond lengths unless stated.
#pragma once
#include "../core/rng.h"

namespace isolens::drawing {

struct Style {
  // Lines
  float line = 0.045f, boldLine = 0.13f, wedge = 0.18f, hashGap = 0.11f, hashLine = 0.04f;
  float doubleGap = 0.17f;        // between the centre lines of a double bond
  float innerShortening = 0.14f;  // of the inner line, at each unlabelled end
  bool centredTerminal = true;    // C=O with both lines about the axis
  bool aromaticCircles = false;
  enum class Hash { kTapered, kConstant, kDashed } hash = Hash::kTapered;
  enum class Up { kWedge, kBold } up = Up::kWedge;
  // Labels
  int face = 0;
  float stretch = 1, cap = 0.48f, labelGap = 0.11f, script = 0.72f, drop = 0.28f, rise = 0.45f;
  enum class Methyl { kBare, kCh3, kMe } methyl = Methyl::kCh3;
  bool terminalCarbons = false;   // =CH2 and C#CH as well
  bool allCarbons = false;
  bool centreWholeSymbol = false; // Cl centred on its atom rather than on its C
  bool stackHydrogens = true;     // ring NH as H above N
  bool hideHydrogens = false;     // OH drawn O, as in careless patents
  bool circledCharges = false;
  bool deuteriumLetter = true;
  float colour = 0;               // 0 black; else how much lighter coloured elements are
  // Chemistry
  bool dropStereo = false;
  float abbreviate = 0;           // chance that a group with an abbreviation is written so
  bool explicitStereoHydrogens = false;
  bool pentavalent = false;       // N(=O)=O instead of charges
  // Layout
  bool vary = false;              // branches, rotation and squeeze as below
  // Surroundings
  float caption = 0, salt = 0, clutter = 0, locants = 0, bracket = 0;
  // Paper
  float native = 2;               // pixels drawn per pixel of the tensor
};

Style sample_style(float strength, Rng& rng);

}  // namespace isolens::drawing
