#include "sketch.h"

#include <algorithm>
#include <vector>

namespace isolens::drawing {

bool Sketch::load(const Layout& layout) {
  atomCount = bondCount = componentCount = 0;
  if (layout.atoms <= 0 || layout.atoms > 255 || layout.xy == nullptr || layout.element == nullptr) return false;
  for (int i = 0; i < layout.atoms; ++i) {
    SketchAtom atom;
    atom.at = {layout.xy[2 * i], layout.xy[2 * i + 1]};
    if (!(std::fabs(atom.at.x) < 1e5f) || !(std::fabs(atom.at.y) < 1e5f)) return false;
    atom.element = layout.element[i];
    if (layout.charge) atom.charge = layout.charge[i];
    if (layout.hydrogens) atom.hydrogens = std::min<uint8_t>(layout.hydrogens[i], 9);
    if (layout.isotope) atom.isotope = layout.isotope[i];
    atoms[atomCount++] = atom;
  }
  const bool readable = layout.begin && layout.end && layout.order;
  for (int i = 0; readable && i < layout.bonds; ++i) {
    const int bond = add_bond(layout.begin[i], layout.end[i], layout.order[i], layout.stereo ? layout.stereo[i] : 0);
    if (bond >= 0 && layout.aromatic) bonds[bond].aromatic = layout.aromatic[i] != 0;
  }
  scale_to_unit_bonds();
  find_ring_bonds();
  number_components();
  return true;
}

int Sketch::add_atom(const SketchAtom& atom) {
  if (atomCount >= kMaxAtoms) return -1;
  atoms[atomCount] = atom;
  atoms[atomCount].degree = 0;
  return atomCount++;
}

int Sketch::add_bond(int begin, int end, uint8_t order, uint8_t stereo) {
  if (begin >= atomCount || end >= atomCount || begin < 0 || end < 0 || begin == end || bondCount >= kMaxBonds) return -1;
  SketchAtom &a = atoms[begin], &b = atoms[end];
  if (a.degree >= kMaxDegree || b.degree >= kMaxDegree) return -1;
  SketchBond bond;
  bond.begin = static_cast<int16_t>(begin);
  bond.end = static_cast<int16_t>(end);
  bond.order = std::clamp<uint8_t>(order, 1, 3);
  bond.stereo = stereo;
  bonds[bondCount] = bond;
  a.bonds[a.degree++] = static_cast<int16_t>(bondCount);
  b.bonds[b.degree++] = static_cast<int16_t>(bondCount);
  return bondCount++;
}

void Sketch::scale_to_unit_bonds() {
  float lengths[kMaxBonds];
  int count = 0;
  for (int i = 0; i < bondCount; ++i) {
    const float size = length(atoms[bonds[i].begin].at - atoms[bonds[i].end].at);
    if (size > 1e-4f) lengths[count++] = size;
  }
  float median = 1.5f;
  if (count > 0) {
    std::nth_element(lengths, lengths + count / 2, lengths + count);
    median = lengths[count / 2];
  }
  for (int i = 0; i < atomCount; ++i) atoms[i].at = atoms[i].at * (1.0f / median);
}

// A bond is in a ring unless it is a bridge: depth-first search with low links, on an explicit stack.
void Sketch::find_ring_bonds() {
  int16_t depth[kMaxAtoms], low[kMaxAtoms], via[kMaxAtoms], stack[kMaxAtoms];
  uint8_t next[kMaxAtoms] = {};
  std::fill(depth, depth + atomCount, int16_t{-1});
  for (int i = 0; i < bondCount; ++i) bonds[i].ring = true;
  for (int root = 0; root < atomCount; ++root) {
    if (depth[root] >= 0) continue;
    int top = 0;
    stack[0] = static_cast<int16_t>(root);
    depth[root] = low[root] = 0;
    via[root] = -1;
    while (top >= 0) {
      const int atom = stack[top];
      if (next[atom] < atoms[atom].degree) {
        const int16_t bond = atoms[atom].bonds[next[atom]++];
        if (bond == via[atom]) continue;
        const int other = bonds[bond].other(atom);
        if (depth[other] >= 0) {
          low[atom] = std::min(low[atom], depth[other]);
        } else {
          depth[other] = low[other] = static_cast<int16_t>(depth[atom] + 1);
          via[other] = bond;
          stack[++top] = static_cast<int16_t>(other);
        }
        continue;
      }
      --top;
      if (via[atom] < 0) continue;
      const int parent = bonds[via[atom]].other(atom);
      low[parent] = std::min(low[parent], low[atom]);
      if (low[atom] > depth[parent]) bonds[via[atom]].ring = false;
    }
  }
}

void Sketch::remove_hidden() {
  int16_t place[kMaxAtoms];
  int kept = 0;
  for (int i = 0; i < atomCount; ++i) {
    place[i] = atoms[i].hidden ? int16_t{-1} : static_cast<int16_t>(kept);
    if (atoms[i].hidden) continue;
    if (kept != i) atoms[kept] = atoms[i];
    atoms[kept++].degree = 0;
  }
  atomCount = kept;
  int keptBonds = 0;
  for (int i = 0; i < bondCount; ++i) {
    SketchBond bond = bonds[i];
    bond.begin = place[bond.begin];
    bond.end = place[bond.end];
    if (bond.hidden || bond.begin < 0 || bond.end < 0) continue;
    for (const int16_t end : {bond.begin, bond.end}) atoms[end].bonds[atoms[end].degree++] = static_cast<int16_t>(keptBonds);
    bonds[keptBonds++] = bond;
  }
  bondCount = keptBonds;
}

void Sketch::number_components() {
  for (int i = 0; i < atomCount; ++i) atoms[i].component = -1;
  componentCount = 0;
  int16_t stack[kMaxAtoms];
  for (int root = 0; root < atomCount; ++root) {
    if (atoms[root].component >= 0) continue;
    int top = 0;
    stack[top++] = static_cast<int16_t>(root);
    atoms[root].component = static_cast<int16_t>(componentCount);
    while (top > 0) {
      const SketchAtom& atom = atoms[stack[--top]];
      for (int k = 0; k < atom.degree; ++k) {
        const SketchBond& bond = bonds[atom.bonds[k]];
        for (const int16_t other : {bond.begin, bond.end}) {
          if (atoms[other].component >= 0) continue;
          atoms[other].component = static_cast<int16_t>(componentCount);
          stack[top++] = other;
        }
      }
    }
    ++componentCount;
  }
}

int Sketch::smallest_ring(int bond, int16_t* ring, int longest) const {
  const int start = bonds[bond].begin, goal = bonds[bond].end;
  int16_t queue[kMaxAtoms], from[kMaxAtoms];
  uint8_t level[kMaxAtoms];
  std::fill(from, from + atomCount, int16_t{-1});
  int head = 0, tail = 0;
  queue[tail++] = static_cast<int16_t>(start);
  from[start] = static_cast<int16_t>(start);
  level[start] = 1;
  while (head < tail && from[goal] < 0) {
    const int atom = queue[head++];
    if (level[atom] >= longest) break;
    for (int k = 0; k < atoms[atom].degree; ++k) {
      const int next = atoms[atom].bonds[k];
      if (next == bond || !bonds[next].ring) continue;
      const int other = bonds[next].other(atom);
      if (from[other] >= 0) continue;
      from[other] = static_cast<int16_t>(atom);
      level[other] = static_cast<uint8_t>(level[atom] + 1);
      queue[tail++] = static_cast<int16_t>(other);
    }
  }
  if (from[goal] < 0) return 0;
  int size = 0;
  for (int atom = goal; size < longest; atom = from[atom]) {
    ring[size++] = static_cast<int16_t>(atom);
    if (atom == start) return size;
  }
  return 0;
}

int Sketch::branch(int from, int to, bool* mark) const {
  std::fill(mark, mark + atomCount, false);
  int16_t stack[kMaxAtoms];
  int top = 0, count = 1;
  stack[top++] = static_cast<int16_t>(to);
  mark[to] = true;
  while (top > 0) {
    const int atom = stack[--top];
    for (int k = 0; k < atoms[atom].degree; ++k) {
      const int other = bonds[atoms[atom].bonds[k]].other(atom);
      if (mark[other] || (atom == to && other == from)) continue;
      mark[other] = true;
      ++count;
      stack[top++] = static_cast<int16_t>(other);
    }
  }
  return count;
}

}  // namespace isolens::drawing
