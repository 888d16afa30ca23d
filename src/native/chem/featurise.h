// Everything that is counted over the graphs of molecules, a batch at a time, straight into columns.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../core/status.h"
#include "scaffold.h"

namespace isolens::chem {

enum class FingerprintKind { kMorgan, kFeatureMorgan, kAtomPair, kTorsion, kPharmacophorePair, kPattern };

struct Fingerprint {
  FingerprintKind kind = FingerprintKind::kMorgan;
  uint32_t bits = 2048;
  int radius = 2;
};

struct FeatureRequest {
  std::vector<Fingerprint> bits;
  // Each column may join several fingerprints.
  std::vector<std::vector<Fingerprint>> counts;
  bool descriptors = false, scaffold = false, scaffold_key = false, pharmacophore = false, alerts = false, graph = false;
};

// Ragged counts: row r is indices[offsets[r] .. offsets[r + 1]].
struct SparseColumn {
  std::vector<uint16_t> indices;
  std::vector<uint8_t> values;  // saturated at 255
  std::vector<int64_t> offsets;
};

// Graphs one after another: atoms and bonds of row r from atom_offsets[r] and bond_offsets[r], rings from ring_offsets[r].
struct GraphColumns {
  std::vector<int32_t> atom_offsets, bond_offsets, ring_offsets;
  std::vector<uint8_t> element, hydrogens, aromatic;  // (atoms)
  std::vector<int8_t> charge;                         // (atoms)
  std::vector<uint16_t> isotope;                      // (atoms)
  std::vector<uint16_t> begin, end;                   // (bonds) atoms of the row
  std::vector<uint8_t> order, aromatic_bond;          // (bonds) order: of a Kekule structure
  std::vector<uint16_t> ring_sizes, ring_atoms;       // (rings), and their atoms in order
};

struct Features {
  // 1 where the text was understood; all other columns are 0 where it was not.
  std::vector<uint8_t> understood;
  std::vector<std::vector<uint8_t>> bits;  // (rows, bytes)
  std::vector<SparseColumn> counts;
  std::vector<float> descriptors;          // (rows, 12)
  std::vector<uint8_t> pharmacophore;      // (rows, 315)
  std::vector<uint8_t> alerts;             // (rows, 8)
  std::vector<ScaffoldKey> scaffold_keys;  // (rows), of either request
  std::vector<std::string> scaffolds;      // (rows), '' for none
  GraphColumns graphs;                     // in the order of rows; those that were not understood have no atom
};

constexpr int kAlertBytes = 8;

// Rules compiled once; shared by any number of threads.
class Featuriser {
 public:
  // alerts: SMARTS of at most 64 structural alerts. Refuses one that it cannot read.
  static Expected<std::shared_ptr<const Featuriser>> create(const std::vector<std::string>& alerts);
  ~Featuriser();

  // texts: SMILES of standardised parents as RDKit writes them, one a line. threads >= 1.
  Features compute(const std::vector<std::string_view>& texts, const FeatureRequest& request, int threads) const;

 private:
  Featuriser();
  struct Rules;
  std::unique_ptr<Rules> rules_;
};

}  // namespace isolens::chem
