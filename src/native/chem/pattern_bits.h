// RDKit's pattern fingerprint: a substructure's bits are among those of every molecule that holds it.
#pragma once
#include <memory>
#include <vector>

#include "smarts.h"

namespace isolens::chem {

class PatternBits {
 public:
  explicit PatternBits(int& slots);

  // Sets bits of out, `bits` of them packed. Every match counts, where RDKit stops at a thousand of one pattern: with it, a large
  // molecule lacks bits that its parts have.
  void set(Matching& matching, uint32_t bits, uint8_t* out) const;

 private:
  std::vector<std::unique_ptr<Pattern>> patterns_;
};

}  // namespace isolens::chem
