#include "layouts.h"

#include <algorithm>

namespace isolens {

Status LayoutFile::open(const DataFile& file, const std::string& column) {
  file_ = &file;
  const Columns columns(file);
  ISOLENS_TRY(columns.offsets(&atom_offsets_, &atoms_, column + ".atomOffsets"));
  ISOLENS_TRY(columns.offsets(&bond_offsets_, &bonds_, column + ".bondOffsets"));
  const auto get = [&](const auto** to, const char* name, Element element, const std::vector<int64_t>& shape) -> Status {
    const StoredTensor* tensor = nullptr;
    ISOLENS_TRY(columns.get(&tensor, column + name, {element}, shape));
    *to = static_cast<std::remove_reference_t<decltype(*to)>>(tensor->data);
    return Status::ok();
  };
  ISOLENS_TRY(get(&element_, ".element", Element::kU8, {atoms_}));
  ISOLENS_TRY(get(&charge_, ".charge", Element::kI8, {atoms_}));
  ISOLENS_TRY(get(&hydrogens_, ".hydrogens", Element::kU8, {atoms_}));
  ISOLENS_TRY(get(&isotope_, ".isotope", Element::kU16, {atoms_}));
  const StoredTensor* xy = nullptr;
  ISOLENS_TRY(columns.get(&xy, column + ".xy", {Element::kF32}, {-1, atoms_, 2}));
  xy_ = xy->as<float>();
  layouts_ = xy->shape[0];
  if (layouts_ < 1) return columns.refuse("expected at least one layout in " + column + ".xy.");
  ISOLENS_TRY(get(&begin_, ".begin", Element::kU8, {bonds_}));
  ISOLENS_TRY(get(&end_, ".end", Element::kU8, {bonds_}));
  ISOLENS_TRY(get(&order_, ".order", Element::kU8, {bonds_}));
  ISOLENS_TRY(get(&aromatic_, ".aromatic", Element::kU8, {bonds_}));
  ISOLENS_TRY(get(&stereo_, ".stereo", Element::kU8, {layouts_, bonds_}));
  if (file.tensors->find(column + ".stereoFlip") != nullptr) ISOLENS_TRY(get(&flip_, ".stereoFlip", Element::kU8, {layouts_, bonds_}));
  return Status::ok();
}

Status LayoutFile::read(int64_t row, int64_t layout, StoredLayout& out) const {
  const int64_t atom = atom_offsets_[row], bond = bond_offsets_[row];
  Layout& molecule = out.layout;
  molecule.atoms = static_cast<int>(atom_offsets_[row + 1] - atom);
  molecule.bonds = static_cast<int>(bond_offsets_[row + 1] - bond);
  molecule.element = element_ + atom;
  molecule.charge = charge_ + atom;
  molecule.hydrogens = hydrogens_ + atom;
  molecule.isotope = isotope_ + atom;
  molecule.xy = xy_ + (layout * atoms_ + atom) * 2;
  molecule.begin = begin_ + bond;
  molecule.end = end_ + bond;
  molecule.order = order_ + bond;
  molecule.aromatic = aromatic_ + bond;
  molecule.stereo = stereo_ + layout * bonds_ + bond;
  for (int i = 0; i < molecule.bonds; i++) {
    if (molecule.begin[i] >= molecule.atoms || molecule.end[i] >= molecule.atoms) {
      return Columns(*file_).refuse("expected the bonds of row " + std::to_string(row) + " to join its " + std::to_string(molecule.atoms) + " atoms.");
    }
  }
  // In some layouts the wedge's narrow end is the other atom.
  const uint8_t* flip = flip_ == nullptr ? nullptr : flip_ + layout * bonds_ + bond;
  if (flip != nullptr && std::any_of(flip, flip + molecule.bonds, [](uint8_t f) { return f != 0; })) {
    const size_t bonds = static_cast<size_t>(molecule.bonds);
    out.turned.resize(bonds * 2);
    for (size_t i = 0; i < bonds; i++) {
      out.turned[i] = flip[i] != 0 ? molecule.end[i] : molecule.begin[i];
      out.turned[bonds + i] = flip[i] != 0 ? molecule.begin[i] : molecule.end[i];
    }
    molecule.begin = out.turned.data();
    molecule.end = out.turned.data() + bonds;
  }
  return Status::ok();
}

}  // namespace isolens
