/** Categorical atom and bond features for graph encoders: one column per feature, every value below its `size`. */
import { degreeOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

export interface CategoricalFeature {
  readonly name: string;
  /** Number of categories. */
  readonly size: number;
}

/** Chirality is the CIP code, which no order of atoms can change. MolCLR uses the first two; the others are those of OGB's AtomEncoder. */
export const ATOM_FEATURES: readonly CategoricalFeature[] = [
  { name: 'element', size: 119 },
  { name: 'chirality', size: 4 },
  { name: 'degree', size: 8 },
  { name: 'charge', size: 9 },
  { name: 'hydrogens', size: 6 },
  { name: 'unsaturation', size: 3 },
  { name: 'aromatic', size: 2 },
  { name: 'ring', size: 2 },
];

/** type: 0 other, 1 single, 2 double, 3 triple, 4 aromatic; stereo: 0 none, 1 either, 2 cis, 3 trans. */
export const BOND_FEATURES: readonly CategoricalFeature[] = [
  { name: 'type', size: 5 },
  { name: 'stereo', size: 4 },
  { name: 'ring', size: 2 },
];

const CHARGE_OFFSET = 4;

/** (atoms, 8) */
export function atomFeatures(graph: MoleculeGraph): Uint8Array {
  const out = new Uint8Array(graph.atoms * ATOM_FEATURES.length);
  for (let a = 0; a < graph.atoms; a++) {
    out.set(
      [
        Math.min(graph.element[a]!, 118),
        graph.cip[a]!,
        Math.min(degreeOf(graph, a), 7),
        Math.max(0, Math.min(8, graph.charge[a]! + CHARGE_OFFSET)),
        Math.min(graph.hydrogens[a]!, 5),
        unsaturation(graph, a),
        graph.aromaticAtom[a]!,
        graph.ringAtom[a]!,
      ],
      a * ATOM_FEATURES.length,
    );
  }
  return out;
}

/** (bonds, 3) */
export function bondFeatures(graph: MoleculeGraph): Uint8Array {
  const out = new Uint8Array(graph.bonds * BOND_FEATURES.length);
  for (let b = 0; b < graph.bonds; b++) {
    const order = graph.order[b]!;
    out.set([graph.aromaticBond[b] ? 4 : order >= 1 && order <= 3 ? order : 0, graph.bondStereo[b]!, graph.ringBond[b]!], b * BOND_FEATURES.length);
  }
  return out;
}

/** 0 saturated (sp3), 1 one pi bond (sp2), 2 two (sp): hybridisation as far as bonds alone tell it. */
function unsaturation(graph: MoleculeGraph, atom: number): number {
  let pi = 0;
  for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
    const order = graph.order[graph.bondOf[i]!]!;
    if (order >= 2 && order <= 4) pi += order - 1;
  }
  return Math.min(2, graph.aromaticAtom[atom] ? Math.max(1, pi) : pi);
}
