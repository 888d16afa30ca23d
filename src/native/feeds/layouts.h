// 2D layouts of molecules as data files hold them.
#pragma once
#include <vector>

#include "../drawing/drawing.h"
#include "dataset.h"

namespace isolens {

// A view of one stored layout; `turned` is memory for it.
struct StoredLayout {
  Layout layout;
  std::vector<uint8_t> turned;
};

// The columns of one file.
class LayoutFile {
 public:
  Status open(const DataFile& file, const std::string& column);
  int64_t layouts() const { return layouts_; }  // of each molecule
  // 0 <= layout < layouts()
  Status read(int64_t row, int64_t layout, StoredLayout& out) const;

 private:
  const DataFile* file_ = nullptr;
  const int64_t *atom_offsets_ = nullptr, *bond_offsets_ = nullptr;  // (rows + 1)
  int64_t layouts_ = 0, atoms_ = 0, bonds_ = 0;                      // of the whole file
  const uint8_t *element_ = nullptr, *hydrogens_ = nullptr;          // (atoms)
  const int8_t* charge_ = nullptr;                                   // (atoms)
  const uint16_t* isotope_ = nullptr;                                // (atoms)
  const float* xy_ = nullptr;                                        // (layouts, atoms, 2)
  const uint8_t *begin_ = nullptr, *end_ = nullptr, *order_ = nullptr, *aromatic_ = nullptr;  // (bonds)
  const uint8_t *stereo_ = nullptr, *flip_ = nullptr;                // (layouts, bonds); flip may be absent
};

}  // namespace isolens
