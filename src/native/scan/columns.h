// The columns of a library as JavaScript's src/score/columns.ts lays them, and a molecule that their rows are compared with. Nothing here
// owns memory; the sizes are checked by whoever fills these in.
#pragma once
#include <cstdint>
#include <vector>

namespace isolens::scan {

constexpr int64_t kFingerprintBytes = 256;
// Raw terms of a pair: cosine, ECFP4, atom pairs, torsions, pharmacophore, property steps, another scaffold, another charge.
constexpr int64_t kTerms = 8;

struct Fingerprints {
  const uint8_t* bits = nullptr;    // (rows, kFingerprintBytes)
  const uint16_t* sizes = nullptr;  // (rows): bits that are set
};

// A descriptor, and how much of it counts as one step away.
struct PropertyStep {
  int64_t column;
  double step;
};

struct Columns {
  int64_t count = 0;      // rows
  int64_t dimension = 0;  // of the embeddings
  int64_t pharmacophore_width = 0, descriptor_width = 0, alert_width = 0;
  const float* vectors = nullptr;  // (rows, dimension), unit length
  Fingerprints ecfp4, atom_pair, torsion;
  const uint8_t* pattern = nullptr;             // (rows, kFingerprintBytes)
  const uint8_t* pharmacophore = nullptr;       // (rows, pharmacophore_width)
  const uint32_t* pharmacophore_size = nullptr; // (rows): sum of the squared counts
  const uint8_t* charge_class = nullptr;        // (rows): 0 acid, 1 neither or both, 2 base
  const float* descriptors = nullptr;           // (rows, descriptor_width)
  const uint8_t* alerts = nullptr;              // (rows, alert_width)
  const int32_t* scaffold = nullptr;            // (rows): 0 = none
  std::vector<PropertyStep> steps;
};

struct QueryBits {
  const uint8_t* bits = nullptr;  // (kFingerprintBytes)
  int64_t size = 0;
};

struct Query {
  const float* vector = nullptr;  // (dimension)
  QueryBits ecfp4, atom_pair, torsion;
  const uint8_t* pharmacophore = nullptr;  // (pharmacophore_width)
  int64_t pharmacophore_size = 0;
  int charge_class = 1;
  const float* descriptors = nullptr;  // (descriptor_width)
  int32_t scaffold = 0;                // -1: one that no row has
};

// A set of rows: bit row % 32 of word row / 32. Null means every row.
using Words = uint32_t;
inline bool holds(const Words* set, int64_t row) { return set == nullptr || (set[row >> 5] >> (row & 31) & 1) != 0; }

}  // namespace isolens::scan
