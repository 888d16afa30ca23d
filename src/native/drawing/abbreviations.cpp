#include "abbreviations.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace isolens::drawing {
namespace {

// Written from the attachment atom on, and towards it; null = the same either way.
struct Abbreviation {
  const char* pattern;  // SMILES, attachment atom first
  float rate;           // how usual the short form is
  bool spelled;         // with CH3 rather than Me
  const char* forward;
  const char* reversed;
};

constexpr Abbreviation kAbbreviations[] = {
    {"[N+](=O)[O-]", 0.8f, true, "NO2", "O2N"},
    {"N(=O)=O", 0.8f, true, "NO2", "O2N"},
    {"C#N", 0.6f, true, "CN", "NC"},
    {"C(F)(F)F", 0.8f, true, "CF3", "F3C"},
    {"OC(F)(F)F", 0.6f, true, "OCF3", "F3CO"},
    {"SC(F)(F)F", 0.6f, true, "SCF3", "F3CS"},
    {"C(F)F", 0.5f, true, "CHF2", "F2HC"},
    {"OC(F)F", 0.5f, true, "OCHF2", "F2HCO"},
    {"CC(F)(F)F", 0.3f, true, "CH2CF3", "F3CH2C"},
    {"C(Cl)(Cl)Cl", 0.6f, true, "CCl3", "Cl3C"},
    {"S(F)(F)(F)(F)F", 0.9f, true, "SF5", "F5S"},
    {"CF", 0.3f, true, "CH2F", "FH2C"},
    {"OC", 0.6f, true, "OCH3", "H3CO"},
    {"OC", 0.7f, false, "OMe", "MeO"},
    {"SC", 0.5f, true, "SCH3", "H3CS"},
    {"SC", 0.5f, false, "SMe", "MeS"},
    {"OCC", 0.4f, false, "OEt", "EtO"},
    {"OCC", 0.15f, true, "OC2H5", "C2H5O"},
    {"OCC", 0.15f, true, "OCH2CH3", "H3CH2CO"},
    {"NC", 0.4f, false, "NHMe", "MeHN"},
    {"NC", 0.4f, true, "NHCH3", "H3CHN"},
    {"N(C)C", 0.4f, false, "NMe2", "Me2N"},
    {"N(C)C", 0.35f, true, "N(CH3)2", "(H3C)2N"},
    {"N(CC)CC", 0.3f, false, "NEt2", "Et2N"},
    {"N(CC)CC", 0.2f, true, "N(C2H5)2", "(C2H5)2N"},
    {"[N+](C)(C)C", 0.4f, true, "N(CH3)3^+", "(H3C)3N^+"},
    {"[N+](C)(C)C", 0.4f, false, "NMe3^+", "Me3N^+"},
    {"CC", 0.3f, false, "Et", nullptr},
    {"CC", 0.08f, true, "C2H5", nullptr},
    {"CC", 0.08f, true, "CH2CH3", "H3CH2C"},
    {"CCC", 0.2f, false, "n-Pr", nullptr},
    {"CCC", 0.1f, false, "Pr", nullptr},
    {"CCC", 0.06f, true, "C3H7", nullptr},
    {"C(C)C", 0.2f, false, "i-Pr", nullptr},
    {"C(C)C", 0.15f, false, "iPr", nullptr},
    {"C(C)C", 0.08f, true, "CH(CH3)2", "(H3C)2HC"},
    {"CCCC", 0.15f, false, "n-Bu", nullptr},
    {"CCCC", 0.05f, true, "C4H9", nullptr},
    {"CC(C)C", 0.15f, false, "i-Bu", nullptr},
    {"C(C)(C)C", 0.35f, false, "t-Bu", nullptr},
    {"C(C)(C)C", 0.2f, false, "tBu", nullptr},
    {"C(C)(C)C", 0.15f, true, "C(CH3)3", "(H3C)3C"},
    {"CO", 0.25f, true, "CH2OH", "HOH2C"},
    {"CN", 0.15f, true, "CH2NH2", "H2NH2C"},
    {"COC", 0.15f, true, "CH2OCH3", "H3COH2C"},
    {"COC", 0.2f, false, "CH2OMe", "MeOH2C"},
    {"CC(=O)O", 0.15f, true, "CH2CO2H", "HO2CH2C"},
    {"CCl", 0.25f, true, "CH2Cl", "ClH2C"},
    {"CBr", 0.25f, true, "CH2Br", "BrH2C"},
    {"C(=O)O", 0.3f, true, "CO2H", "HO2C"},
    {"C(=O)O", 0.2f, true, "COOH", "HOOC"},
    {"C(=O)[O-]", 0.2f, true, "CO2^_", "^_|O2C"},
    {"C(=O)[O-]", 0.2f, true, "COO^_", "^_|OOC"},
    {"C(=O)OC", 0.25f, true, "CO2CH3", "H3CO2C"},
    {"C(=O)OC", 0.2f, true, "COOCH3", "H3COOC"},
    {"C(=O)OC", 0.5f, false, "CO2Me", "MeO2C"},
    {"C(=O)OCC", 0.4f, false, "CO2Et", "EtO2C"},
    {"C(=O)OCC", 0.2f, false, "COOEt", "EtOOC"},
    {"C(=O)OCC", 0.2f, true, "CO2C2H5", "C2H5O2C"},
    {"C(=O)OC(C)(C)C", 0.3f, false, "Boc", nullptr},
    {"C(=O)OC(C)(C)C", 0.2f, false, "CO2tBu", "tBuO2C"},
    {"NC(=O)OC(C)(C)C", 0.4f, false, "NHBoc", "BocHN"},
    {"C(=O)OCc1ccccc1", 0.3f, false, "Cbz", nullptr},
    {"C(=O)OCc1ccccc1", 0.2f, false, "CO2Bn", "BnO2C"},
    {"C(=O)C", 0.25f, false, "Ac", nullptr},
    {"C(=O)C", 0.2f, true, "COCH3", "H3COC"},
    {"OC(=O)C", 0.4f, false, "OAc", "AcO"},
    {"OC(=O)C", 0.12f, true, "OCOCH3", "H3COCO"},
    {"NC(=O)C", 0.3f, false, "NHAc", "AcHN"},
    {"NC(=O)C", 0.1f, true, "NHCOCH3", "H3COCHN"},
    {"C(=O)N", 0.25f, true, "CONH2", "H2NOC"},
    {"C(=O)NC", 0.1f, true, "CONHCH3", "H3CHNOC"},
    {"C=O", 0.3f, true, "CHO", "OHC"},
    {"C(=O)Cl", 0.3f, true, "COCl", "ClOC"},
    {"S(=O)(=O)O", 0.4f, true, "SO3H", "HO3S"},
    {"S(=O)(=O)N", 0.35f, true, "SO2NH2", "H2NO2S"},
    {"S(=O)(=O)C", 0.3f, true, "SO2CH3", "H3CO2S"},
    {"S(=O)(=O)C", 0.3f, false, "SO2Me", "MeO2S"},
    {"S(=O)(=O)C", 0.2f, false, "Ms", nullptr},
    {"NS(=O)(=O)C", 0.2f, false, "NHMs", "MsHN"},
    {"S(=O)(=O)c1ccc(C)cc1", 0.5f, false, "Ts", nullptr},
    {"OS(=O)(=O)c1ccc(C)cc1", 0.5f, false, "OTs", "TsO"},
    {"c1ccccc1", 0.12f, false, "Ph", nullptr},
    {"c1ccccc1", 0.03f, true, "C6H5", nullptr},
    {"Cc1ccccc1", 0.2f, false, "Bn", nullptr},
    {"Cc1ccccc1", 0.08f, false, "CH2Ph", "PhH2C"},
    {"OCc1ccccc1", 0.3f, false, "OBn", "BnO"},
    {"Oc1ccccc1", 0.15f, false, "OPh", "PhO"},
    {"C(=O)c1ccccc1", 0.2f, false, "Bz", nullptr},
    {"OC(=O)c1ccccc1", 0.4f, false, "OBz", "BzO"},
    {"NC(=O)c1ccccc1", 0.2f, false, "NHBz", "BzHN"},
    {"Cc1ccc(OC)cc1", 0.3f, false, "PMB", nullptr},
    {"C1CCCCC1", 0.06f, false, "Cy", nullptr},
    {"[Si](C)(C)C", 0.4f, false, "TMS", nullptr},
    {"[Si](C)(C)C", 0.3f, true, "Si(CH3)3", "(H3C)3Si"},
    {"O[Si](C)(C)C(C)(C)C", 0.5f, false, "OTBS", "TBSO"},
    {"[Si](C)(C)C(C)(C)C", 0.5f, false, "TBDMS", nullptr},
    {"N=[N+]=[N-]", 0.7f, true, "N3", nullptr},
    {"N=C=O", 0.6f, true, "NCO", "OCN"},
    {"N=C=S", 0.6f, true, "NCS", "SCN"},
    {"P(=O)(O)O", 0.3f, true, "PO3H2", "H2O3P"},
    {"OP(=O)(O)O", 0.3f, true, "OPO3H2", "H2O3PO"},
    {"B(O)O", 0.5f, true, "B(OH)2", "(HO)2B"},
    {"NN", 0.3f, true, "NHNH2", "H2NHN"},
    {"NO", 0.3f, true, "NHOH", "HOHN"},
    {"Nc1ccccc1", 0.1f, false, "NHPh", "PhHN"},
    {"Sc1ccccc1", 0.15f, false, "SPh", "PhS"},
    {"OC(C)C", 0.15f, false, "OiPr", "iPrO"},
    {"OC(C)C", 0.1f, false, "OPr-i", "i-PrO"},
    {"OC(C)(C)C", 0.2f, false, "OtBu", "tBuO"},
    {"OC(C)(C)C", 0.1f, false, "OBu-t", "t-BuO"},
    {"OCCC", 0.1f, false, "OPr", "PrO"},
    {"OCCCC", 0.1f, false, "OBu", "BuO"},
    {"C(=O)c1ccccc1", 0.15f, false, "COPh", "PhOC"},
    {"S(=O)(=O)c1ccccc1", 0.2f, false, "SO2Ph", "PhO2S"},
    {"CC#N", 0.2f, true, "CH2CN", "NCH2C"},
    {"CCO", 0.12f, true, "CH2CH2OH", "HOH2CH2C"},
    {"O[N+](=O)[O-]", 0.7f, true, "ONO2", "O2NO"},
    {"C(=O)N(C)C", 0.15f, false, "CONMe2", "Me2NOC"},
    {"C(=O)N(C)C", 0.1f, true, "CON(CH3)2", "(H3C)2NOC"},
    {"OS(=O)(=O)C", 0.25f, false, "OMs", "MsO"},
    {"OS(=O)(=O)C", 0.15f, true, "OSO2CH3", "H3CO2SO"},
    {"NS(=O)(=O)C", 0.15f, true, "NHSO2CH3", "H3CO2SHN"},
    {"SC#N", 0.5f, true, "SCN", "NCS"},
    {"OC(=O)c1ccccc1", 0.1f, false, "OCOPh", "PhOCO"},
    {"C(=O)OCc1ccccc1", 0.1f, false, "COOBn", "BnOOC"},
    {"C(=O)OC(C)(C)C", 0.1f, false, "CO2Bu-t", "t-BuO2C"},
    {"NC(=O)N", 0.15f, true, "NHCONH2", "H2NOCHN"},
    {"OC(=O)N", 0.15f, true, "OCONH2", "H2NOCO"},
    {"CCN", 0.1f, true, "CH2CH2NH2", "H2NH2CH2C"},
    {"CN(C)C", 0.12f, true, "CH2N(CH3)2", "(H3C)2NH2C"},
    {"CN(C)C", 0.12f, false, "CH2NMe2", "Me2NH2C"},
    {"C(F)(F)C(F)(F)F", 0.4f, true, "C2F5", "F5C2"},
    {"S(=O)(=O)CC", 0.15f, false, "SO2Et", "EtO2S"},
};

constexpr int kLargestGroup = 14;

uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t z = (a ^ (b + 0x9e3779b97f4a7c15ull + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9ull;
  return z ^ (z >> 29);
}

// A number for the group hanging on `atom` when seen from `from`, the same however its atoms are ordered; 0 = not a group
// that could have an abbreviation (fused rings, isotopes, too large).
class GroupCode {
 public:
  explicit GroupCode(const Sketch& sketch) : sketch_(sketch) {}

  uint64_t of(int from, int atom) {
    left_ = kLargestGroup;
    failed_ = false;
    const uint64_t code = visit(from, atom, 1);
    return failed_ ? 0 : code;
  }

 private:
  uint64_t own(int atom) {
    const SketchAtom& a = sketch_.atoms[atom];
    if (--left_ < 0 || a.isotope != 0 || a.hidden || a.element == 0 || a.element == 1) failed_ = true;
    return mix(a.element, static_cast<uint64_t>(a.charge + 16));
  }

  // Codes of everything on `atom` but the excluded neighbours, added: the order does not matter.
  uint64_t children(int atom, int exclude1, int exclude2) {
    uint64_t sum = 0;
    const SketchAtom& a = sketch_.atoms[atom];
    for (int k = 0; k < a.degree && !failed_; ++k) {
      const SketchBond& bond = sketch_.bonds[a.bonds[k]];
      const int other = bond.other(atom);
      if (other == exclude1 || other == exclude2) continue;
      if (bond.ring || bond.stereo == kWedge || bond.stereo == kHash) failed_ = true;
      else sum += visit(atom, other, bond.order);
    }
    return sum;
  }

  uint64_t visit(int from, int atom, int order) {
    if (failed_) return 0;
    const SketchAtom& a = sketch_.atoms[atom];
    for (int k = 0; k < a.degree; ++k) {
      if (sketch_.bonds[a.bonds[k]].ring) return ring(a.bonds[k], atom, from, order);
    }
    return mix(mix(own(atom), static_cast<uint64_t>(order)), children(atom, from, -1));
  }

  uint64_t ring(int bond, int atom, int from, int order) {
    int16_t members[8];
    const int size = sketch_.smallest_ring(bond, members, 6);
    if (size != 6 || left_ < 6) {
      failed_ = true;
      return 0;
    }
    int start = 0;
    while (start < size && members[start] != atom) ++start;
    uint64_t nodes[6];
    for (int k = 0; k < size && !failed_; ++k) {
      const int here = members[(start + k) % size];
      const int previous = members[(start + k + size - 1) % size], next = members[(start + k + 1) % size];
      uint64_t sum = 0;
      const SketchAtom& a = sketch_.atoms[here];
      for (int j = 0; j < a.degree && !failed_; ++j) {
        const SketchBond& side = sketch_.bonds[a.bonds[j]];
        const int other = side.other(here);
        if (other == previous || other == next) {
          sum += side.aromatic ? 977 : 31 * side.order;
          continue;
        }
        if (here == atom && other == from) continue;
        if (side.ring || side.stereo == kWedge || side.stereo == kHash) failed_ = true;
        else sum += visit(here, other, side.order);
      }
      nodes[k] = mix(own(here), sum);
    }
    uint64_t oneWay = 7, otherWay = 7;
    for (int k = 0; k < size; ++k) {
      oneWay = mix(oneWay, nodes[k]);
      otherWay = mix(otherWay, nodes[(size - k) % size]);
    }
    return mix(oneWay + otherWay, static_cast<uint64_t>(order));
  }

  const Sketch& sketch_;
  int left_ = 0;
  bool failed_ = false;
};

// Reads the patterns above: organic-subset SMILES with one ring at most, charges in brackets.
void read_pattern(const char* text, Sketch& sketch) {
  std::vector<int> open;
  int last = 0, order = 1, ringAtom = -1;
  bool aromaticAtoms[32] = {};
  sketch.atomCount = sketch.bondCount = 0;
  SketchAtom attachment;
  sketch.add_atom(attachment);
  for (const char* c = text; *c; ++c) {
    if (*c == '(') { open.push_back(last); continue; }
    if (*c == ')') { last = open.back(); open.pop_back(); continue; }
    if (*c == '=' || *c == '#') { order = *c == '=' ? 2 : 3; continue; }
    if (*c == '1') {
      if (ringAtom < 0) { ringAtom = last; continue; }
      const int bond = sketch.add_bond(ringAtom, last, 1, 0);
      sketch.bonds[bond].aromatic = aromaticAtoms[last];
      continue;
    }
    if (*c == '[') continue;
    SketchAtom atom;
    const char upper = static_cast<char>(std::toupper(*c));
    const bool aromatic = upper != *c;
    if (upper == 'S' && c[1] == 'i') { atom.element = 14; ++c; }
    else if (upper == 'C' && c[1] == 'l') { atom.element = 17; ++c; }
    else if (upper == 'B' && c[1] == 'r') { atom.element = 35; ++c; }
    else atom.element = upper == 'C' ? 6 : upper == 'N' ? 7 : upper == 'O' ? 8 : upper == 'F' ? 9 : upper == 'P' ? 15 : upper == 'S' ? 16 : 5;
    if (c[1] == '+' || c[1] == '-') { atom.charge = c[1] == '+' ? 1 : -1; ++c; }
    if (c[1] == ']') ++c;
    const int index = sketch.add_atom(atom);
    const int bond = sketch.add_bond(last, index, static_cast<uint8_t>(order), 0);
    sketch.bonds[bond].aromatic = aromatic && aromaticAtoms[last];
    aromaticAtoms[index] = aromatic;
    last = index;
    order = 1;
  }
  sketch.find_ring_bonds();
}

struct Dictionary {
  std::unordered_map<uint64_t, std::vector<const Abbreviation*>> entries;
  Dictionary() {
    const auto sketch = std::make_unique<Sketch>();
    for (const Abbreviation& one : kAbbreviations) {
      read_pattern(one.pattern, *sketch);
      entries[GroupCode(*sketch).of(0, 1)].push_back(&one);
    }
  }
};

struct Candidate {
  int from, to, size;
};

const Abbreviation* choose(const std::vector<const Abbreviation*>& spellings, const Style& style, Rng& rng) {
  // Drawings that write CH3 also write OCH3; the others OMe. One in ten mixes.
  const bool spelled = (style.methyl == Style::Methyl::kCh3) != rng.chance(0.1f);
  const Abbreviation* chosen = nullptr;
  float total = 0;
  for (const Abbreviation* one : spellings) {
    const float weight = one->spelled == spelled ? one->rate : 0.15f * one->rate;
    total += weight;
    if (rng.uniform() * total < weight) chosen = one;
  }
  return rng.chance(std::min(1.0f, total) * style.abbreviate) ? chosen : nullptr;
}

}  // namespace

const std::vector<GroupTexts>& abbreviated_groups() {
  static const std::vector<GroupTexts> groups = [] {
    std::vector<GroupTexts> all;
    const auto sketch = std::make_unique<Sketch>();
    std::unordered_map<uint64_t, size_t> places;
    std::unordered_map<std::string, size_t> of_label;
    for (const Abbreviation& one : kAbbreviations) {
      read_pattern(one.pattern, *sketch);
      const uint64_t code = GroupCode(*sketch).of(0, 1);
      // The same text is the same group, with charges or without: NO2.
      const auto known = of_label.find(one.forward);
      const size_t place = known != of_label.end() ? known->second : places.emplace(code, all.size()).first->second;
      if (place == all.size()) all.push_back({one.pattern, {}});
      if (known == of_label.end()) all[place].labels.push_back(one.forward);
      of_label.emplace(one.forward, place);
    }
    return all;
  }();
  return groups;
}

void abbreviate_groups(Sketch& sketch, const Style& style, Rng& rng) {
  if (style.abbreviate <= 0) return;
  static const Dictionary dictionary;
  Candidate candidates[2 * kMaxBonds];
  int count = 0;
  bool mark[kMaxAtoms];
  for (int i = 0; i < sketch.bondCount; ++i) {
    if (!sketch.is_link(i)) continue;
    for (const bool forward : {true, false}) {
      const int from = forward ? sketch.bonds[i].begin : sketch.bonds[i].end, to = sketch.bonds[i].other(from);
      if (sketch.atoms[to].degree < 2 && sketch.atoms[to].element == 6) continue;
      const int size = sketch.branch(from, to, mark);
      if (size > 1 && size <= kLargestGroup) candidates[count++] = {from, to, size};
    }
  }
  std::sort(candidates, candidates + count, [](const Candidate& a, const Candidate& b) {
    return a.size != b.size ? a.size > b.size : a.to < b.to;
  });
  GroupCode code(sketch);
  for (int i = 0; i < count; ++i) {
    const Candidate& one = candidates[i];
    if (sketch.atoms[one.to].hidden || sketch.atoms[one.from].hidden || sketch.atoms[one.from].label) continue;
    const uint64_t group = code.of(one.from, one.to);
    const auto found = group ? dictionary.entries.find(group) : dictionary.entries.end();
    if (found == dictionary.entries.end()) continue;
    const Abbreviation* chosen = choose(found->second, style, rng);
    if (chosen == nullptr) continue;
    sketch.branch(one.from, one.to, mark);
    for (int k = 0; k < sketch.atomCount; ++k) if (mark[k] && k != one.to) sketch.atoms[k].hidden = true;
    for (int k = 0; k < sketch.bondCount; ++k) {
      if (mark[sketch.bonds[k].begin] && mark[sketch.bonds[k].end]) sketch.bonds[k].hidden = true;
    }
    sketch.atoms[one.to].label = chosen->forward;
    sketch.atoms[one.to].reversed = chosen->reversed;
  }
  sketch.remove_hidden();
}

}  // namespace isolens::drawing
