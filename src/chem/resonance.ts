/**
 * One compound drawn in several resonance forms: a pair of electrons moved along a conjugated path. Every second bond of the path
 * gains an order, the others lose one; the atom that gives gets one charge more, the atom that takes one less.
 */
import type { JsonMolecule } from './molecule-graph.ts';

export interface ShiftQuery {
  /** Indices of atoms that give a pair: anions, or neutral atoms with a lone pair. */
  readonly from: readonly number[];
  /** Indices of atoms that take it. */
  readonly to: ReadonlySet<number>;
  /** Indices of atoms that may lie between. */
  readonly through: ReadonlySet<number>;
  /** Whether the last bond of the path gains an order (a cation with an empty orbital) or loses one (an onium, a carbonyl). */
  readonly lastBond: 'gains' | 'loses';
  /** Most bonds of a path. */
  readonly longest: number;
}

/** More steps than any drawn dye needs; what is not found by then is left as drawn. */
const MAX_STEPS = 20_000;

/** The shortest path, as atoms from the giver to the taker; among equals the first in the order of the atoms. */
export function findShift(molecule: JsonMolecule, query: ShiftQuery): number[] | undefined {
  const neighbours = neighboursOf(molecule);
  const first = query.lastBond === 'gains' ? 1 : 2;
  const budget = { steps: MAX_STEPS };
  for (let bonds = first; bonds <= query.longest; bonds += 2) {
    for (const start of query.from) {
      const path = walk([start], bonds);
      if (path !== undefined) return path;
    }
  }
  return undefined;

  function walk(path: number[], left: number): number[] | undefined {
    if (--budget.steps < 0) return undefined;
    const here = path.at(-1)!;
    const gains = path.length % 2 === 1;
    for (const { atom, order } of neighbours[here]!) {
      if (path.includes(atom) || (gains ? order < 1 || order > 2 : order < 2 || order > 3)) continue;
      if (left === 1) {
        if (query.to.has(atom)) return [...path, atom];
      } else if (query.through.has(atom)) {
        const found = walk([...path, atom], left - 1);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

/** Moves the pair along a path of `findShift`. */
export function applyShift(molecule: JsonMolecule, path: readonly number[]): void {
  const give = molecule.atoms[path[0]!]!;
  const take = molecule.atoms[path.at(-1)!]!;
  give.chg = (give.chg ?? 0) + 1;
  take.chg = (take.chg ?? 0) - 1;
  for (let i = 0; i + 1 < path.length; i++) {
    const bond = bondOf(molecule, path[i]!, path[i + 1]!);
    bond.bo = (bond.bo ?? 1) + (i % 2 === 0 ? 1 : -1);
    forgetStereo(bond);
  }
}

/** A bond whose order changed says nothing of cis and trans any more. */
export function forgetStereo(bond: JsonMolecule['bonds'][number]): void {
  delete bond.stereo;
  delete bond.stereoAtoms;
}

function bondOf(molecule: JsonMolecule, a: number, b: number): JsonMolecule['bonds'][number] {
  return molecule.bonds.find(({ atoms }) => (atoms[0] === a && atoms[1] === b) || (atoms[0] === b && atoms[1] === a))!;
}

function neighboursOf(molecule: JsonMolecule): { atom: number; order: number }[][] {
  const neighbours: { atom: number; order: number }[][] = molecule.atoms.map(() => []);
  for (const { atoms: [a, b], bo: order = 1 } of molecule.bonds) {
    neighbours[a]!.push({ atom: b, order });
    neighbours[b]!.push({ atom: a, order });
  }
  for (const list of neighbours) list.sort((x, y) => x.atom - y.atom);
  return neighbours;
}
