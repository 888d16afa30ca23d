/** What is asked of an atom and its neighbours, wherever rules over a graph assign types. */
import { degreeOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

/** Atomic numbers. */
export const ELEMENT = Object.freeze({ C: 6, N: 7, O: 8, F: 9, P: 15, S: 16, Cl: 17, Br: 35, I: 53 });

const { N, O, S } = ELEMENT;

/** Whether any neighbour passes, with the bond that leads to it. */
export function some(graph: MoleculeGraph, a: number, test: (atom: number, bond: number) => boolean): boolean {
  for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) if (test(graph.neighbour[i]!, graph.bondOf[i]!)) return true;
  return false;
}

export function every(graph: MoleculeGraph, a: number, test: (atom: number, bond: number) => boolean): boolean {
  return !some(graph, a, (atom, bond) => !test(atom, bond));
}

/** Neighbours that pass, with the bond that leads to each. */
export function around(graph: MoleculeGraph, a: number, test: (atom: number, bond: number) => boolean = () => true): { readonly atom: number; readonly bond: number }[] {
  const found: { atom: number; bond: number }[] = [];
  for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) if (test(graph.neighbour[i]!, graph.bondOf[i]!)) found.push({ atom: graph.neighbour[i]!, bond: graph.bondOf[i]! });
  return found;
}

/** A hydrogen on N, O or S. */
export function isDonor({ element, hydrogens }: MoleculeGraph, a: number): boolean {
  return hydrogens[a]! > 0 && (element[a] === N || element[a] === O || element[a] === S);
}

/** An aromatic nitrogen whose pair is free, as that of pyridine; not that of pyrrole. */
export function isPyridineLike(graph: MoleculeGraph, a: number): boolean {
  return graph.element[a] === N && graph.aromaticAtom[a] === 1 && graph.hydrogens[a] === 0 && degreeOf(graph, a) === 2;
}

/** Of a nitro group or an N-oxide: charges that are no ions. */
export function isBesideCharge(graph: MoleculeGraph, a: number, sign: 1 | -1): boolean {
  return some(graph, a, (atom) => Math.sign(graph.charge[atom]!) === sign);
}

export function isTetrazole({ element }: MoleculeGraph, ring: readonly number[]): boolean {
  return ring.length === 5 && ring.filter((a) => element[a] === N).length === 4;
}
