// A molecule as plain arrays: what fingerprints, descriptors and pattern matching read. Reused from molecule to molecule, so that
// reading one allocates nothing once the arrays have grown.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace isolens::chem {

constexpr int kHydrogen = 1, kBoron = 5, kCarbon = 6, kNitrogen = 7, kOxygen = 8, kFluorine = 9, kSilicon = 14, kPhosphorus = 15, kSulfur = 16,
              kChlorine = 17, kArsenic = 33, kSelenium = 34, kBromine = 35, kTellurium = 52, kIodine = 53;

// As many as the standardiser lets through, and the hydrogens that Crippen's types need as atoms.
constexpr int kMostAtoms = 1024;

struct Graph {
  int atoms = 0, bonds = 0;

  // (atoms)
  std::vector<uint8_t> element, hydrogens, aromatic, ring_atom;
  std::vector<int8_t> charge;
  std::vector<uint16_t> isotope;
  std::vector<uint8_t> chiral;  // @ or @@ was written
  // Hydrogens, those that are atoms of the graph among them; sum of Kekule bond orders and hydrogens; double bonds of an aromatic
  // atom within its rings, 0 or 1: the same in every Kekule structure.
  std::vector<uint8_t> all_hydrogens, valence, ring_double;

  // (bonds)
  std::vector<uint16_t> begin, end;
  std::vector<uint8_t> order;  // 1 to 3; 1 for aromatic bonds, which `aromatic_bond` marks
  std::vector<uint8_t> aromatic_bond, ring_bond;
  std::vector<uint8_t> directed;  // / or \ was written

  // Neighbours of atom a: neighbour[offset[a] .. offset[a + 1]], over bonds bond_of[...].
  std::vector<uint16_t> offset, neighbour, bond_of;

  // Rings, one after another: atoms and bonds ring_at[r] .. ring_at[r + 1] of ring_atoms and ring_bonds.
  std::vector<uint32_t> ring_at;
  std::vector<uint16_t> ring_atoms, ring_bonds;

  int degree(int a) const { return offset[a + 1] - offset[a]; }
  int rings() const { return static_cast<int>(ring_at.size()) - 1; }
  int ring_size(int r) const { return static_cast<int>(ring_at[r + 1] - ring_at[r]); }
  bool is_double(int b) const { return order[b] == 2 && !aromatic_bond[b]; }

  void clear();
  int add_atom(int atomic_number);
  int add_bond(int a, int b, int bond_order, bool is_aromatic);
  // Fills offset, neighbour and bond_of; neighbours stand in the order of bonds.
  void connect();
};

// Reads one connected molecule as RDKit writes it (canonical SMILES, trusted). false for what this reader does not know (other
// bonds, elements or stereo marks, several fragments, rings that could be chosen in several ways): the graph is then unspecified.
bool read_smiles(std::string_view text, Graph& graph);

// Rings that no sum of shorter ones gives, in no particular order. false where there are more of them than independent ones and
// the usual choice (RDKit's symmetrised smallest set) is not certain.
bool find_rings(Graph& graph);

// The same molecule with every hydrogen an atom.
void add_hydrogens(const Graph& graph, Graph& out);

}  // namespace isolens::chem
