#include "pattern_bits.h"

#include "hashes.h"

namespace isolens::chem {
namespace {

constexpr const char* kShapes[] = {
    "[*]~[*]", "[*]~[*]~[*]", "[R]~1~[R]~[R]~1", "[*]~[*](~[*])~[*]", "[R]~1[R]~[R]~[R]~1", "[*]~[*]~[*](~[*])~[*]", "[R]~1~[R]~[R]~[R]~[R]~1",
    "[R]~1~[R]~[R]~[R]~[R]~[R]~1", "[R](@[R])(@[R])~[R]~[R](@[R])(@[R])", "[R](@[R])(@[R])~[R]@[R]~[R](@[R])(@[R])",
    "[*]~[R](@[R])@[R](@[R])~[*]", "[*]~[R](@[R])@[R]@[R](@[R])~[*]", "[*]"};
constexpr uint32_t kAromaticBond = 12;

void set_bit(uint8_t* out, uint32_t bit) { out[bit >> 3] = static_cast<uint8_t>(out[bit >> 3] | 1u << (bit & 7)); }

uint32_t kind_between(const Graph& g, int a, int b) {
  for (int i = g.offset[a]; i < g.offset[a + 1]; ++i) {
    if (g.neighbour[i] == b) return g.aromatic_bond[g.bond_of[i]] ? kAromaticBond : g.order[g.bond_of[i]];
  }
  return 0;
}

}  // namespace

PatternBits::PatternBits(int& slots) {
  for (const char* shape : kShapes) patterns_.push_back(Pattern::read(shape, slots));
}

void PatternBits::set(Matching& matching, uint32_t bits, uint8_t* out) const {
  const Graph& g = matching.graph();
  for (size_t p = 0; p < patterns_.size(); ++p) {
    const Pattern& pattern = *patterns_[p];
    const auto number = static_cast<uint32_t>(p + 1);
    uint32_t counting = number + static_cast<uint32_t>(pattern.atoms() + pattern.bonds());
    for (int first = 0; first < g.atoms; ++first) {
      pattern.each(matching, first, [&](const auto& places) {
        counting = combine(counting, 0xBEEF);
        set_bit(out, counting % bits);
        uint32_t id = number;
        for (int a = 0; a < pattern.atoms(); ++a) id = combine(id, g.element[places[a]]);
        for (const auto& [a, b] : pattern.bond_atoms()) id = combine(id, kind_between(g, places[a], places[b]));
        set_bit(out, id % bits);
        return true;
      });
    }
  }
}

}  // namespace isolens::chem
