#include "elements.h"

namespace isolens::chem {
namespace {

constexpr std::string_view kSymbols[kElements] = {
    "*", "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar", "K", "Ca", "Sc",
    "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y", "Zr", "Nb", "Mo",
    "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu",
    "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po",
    "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U", "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr", "Rf", "Db",
    "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og",
};

constexpr double kMasses[kElements] = {
    0, 1.008, 4.003, 6.941, 9.012, 10.812, 12.011, 14.007, 15.999, 18.998, 20.18, 22.99, 24.305, 26.982, 28.086, 30.974, 32.067,
    35.453, 39.948, 39.098, 40.078, 44.956, 47.867, 50.944, 51.996, 54.938, 55.845, 58.933, 58.693, 63.546, 65.39, 69.723, 72.61,
    74.922, 78.96, 79.904, 83.8, 85.468, 87.62, 88.906, 91.224, 92.906, 95.94, 98, 101.07, 102.906, 106.42, 107.868, 112.412,
    114.818, 118.711, 121.76, 127.6, 126.904, 131.29, 132.905, 137.328, 138.906, 140.116, 140.908, 144.24, 145, 150.36, 151.964,
    157.25, 158.925, 162.5, 164.93, 167.26, 168.934, 173.04, 174.967, 178.49, 180.948, 183.84, 186.207, 190.23, 192.217, 195.078,
    196.967, 200.59, 204.383, 207.2, 208.98, 209, 210, 222, 223, 226, 227, 232.038, 231.036, 238.029, 237, 244, 243, 247, 247,
    251, 252, 257, 258, 259, 262, 267, 268, 269, 270, 269, 278, 281, 281, 285, 284, 289, 288, 293, 292, 294,
};

struct AromaticSymbol {
  std::string_view text;
  int number;
};

constexpr AromaticSymbol kAromatic[] = {{"se", 34}, {"te", 52}, {"as", 33}, {"si", 14}, {"b", 5}, {"c", 6}, {"n", 7}, {"o", 8}, {"p", 15}, {"s", 16}};

}  // namespace

Element element_at(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] >= 'a' && text[0] <= 'z') {
    for (const AromaticSymbol& symbol : kAromatic) {
      if (text.substr(0, symbol.text.size()) == symbol.text) return {symbol.number, true, symbol.text.size()};
    }
    return {};
  }
  // Two letters go before one; "Sc" is scandium: within brackets no aromatic atom follows.
  for (size_t length = 2; length > 0; --length) {
    for (int z = 1; z < kElements; ++z) {
      if (kSymbols[z].size() == length && text.substr(0, length) == kSymbols[z]) return {z, false, length};
    }
  }
  return {};
}

std::string_view symbol_of(int element) { return kSymbols[element]; }

double mass_of(int element) { return element >= 0 && element < kElements ? kMasses[element] : 0; }

int outer_electrons(int element) {
  struct Row {
    int first, last, electrons;
  };
  // Runs of the main groups: boron to neon, aluminium to argon, and so on.
  constexpr Row kRuns[] = {{1, 1, 1}, {2, 2, 2}, {3, 10, 1}, {11, 18, 1}, {19, 20, 1}, {31, 36, 3}, {37, 38, 1}, {49, 54, 3}, {55, 56, 1}, {81, 86, 3}};
  for (const Row& row : kRuns) {
    if (element >= row.first && element <= row.last) return row.electrons + element - row.first;
  }
  return -1;
}

}  // namespace isolens::chem
