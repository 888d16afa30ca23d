// Hashes of fingerprints.
#pragma once
#include <cstdint>

namespace isolens::chem {

// 32-bit hash_combine of boost, which RDKit's fingerprints are made with.
inline uint32_t combine(uint32_t seed, uint32_t value) { return seed ^ (value + 0x9e3779b9u + (seed << 6) + (seed >> 2)); }

// Well-mixed 32 bits of a small code (the finaliser of MurmurHash3).
inline uint32_t mix(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

}  // namespace isolens::chem
