/** Colours of atoms from those of their neighbours, round by round: equal for atoms whose surroundings are equal. */
import { AROMATIC } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { mix } from './pairs.ts';

/** Of the native twin's, src/native/chem/scaffold.cpp. */
export const GOLDEN = 0x9e3779b9;

/** Of the atoms that are kept, as if the others were hydrogens; 0 for the others. After so many rounds a colour tells of so many bonds around. */
export function neighbourColours(graph: MoleculeGraph, keep: Uint8Array, kept: readonly number[], { seed, rounds }: { readonly seed: number; readonly rounds: number }): Uint32Array {
  const { element, charge, hydrogens, aromaticAtom, ringAtom, offset, neighbour, bondOf } = graph;
  let colours = new Uint32Array(graph.atoms);
  for (const a of kept) {
    const own = element[a]! | ((charge[a]! + 128) << 8) | ((hydrogens[a]! + lostValence(graph, a, keep)) << 16) | (aromaticAtom[a]! << 24) | (ringAtom[a]! << 25);
    colours[a] = mix((own ^ seed) >>> 0);
  }
  for (let round = 0; round < rounds; round++) {
    const next = new Uint32Array(graph.atoms);
    for (const a of kept) {
      let sum = 0;
      for (let i = offset[a]!; i < offset[a + 1]!; i++) {
        const bond = bondOf[i]!;
        if (keep[neighbour[i]!]) sum = (sum + mix((colours[neighbour[i]!]! + Math.imul(graph.aromaticBond[bond] ? AROMATIC : graph.order[bond]!, GOLDEN)) >>> 0)) >>> 0;
      }
      next[a] = mix((Math.imul(colours[a]!, 3) + sum) >>> 0);
    }
    colours = next;
  }
  return colours;
}

/** Hydrogens that take the place of the pruned neighbours. */
export function lostValence(graph: MoleculeGraph, atom: number, keep: Uint8Array): number {
  let lost = 0;
  for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) if (!keep[graph.neighbour[i]!]) lost += graph.order[graph.bondOf[i]!]!;
  return lost;
}
