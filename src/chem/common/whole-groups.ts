/**
 * Functional groups are told whole: an acid that becomes an amide keeps its carbonyl carbon, but "acid -> amide" is the change, not
 * "O -> N". Atoms that both molecules keep and that belong to a group which changes are found here; they stay kept.
 */
import { ELEMENT, some } from '../atoms.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';

type Place = readonly [number, number];

const { C, N, O, P, S } = ELEMENT;

/** Positions in `placed` of the atoms that are told with the groups that change beside them. */
export function toldWithGroups(a: MoleculeGraph, b: MoleculeGraph, placed: readonly Place[]): Set<number> {
  const sides = [a, b].map((graph, side) => new Map(placed.map((place, i) => [place[side as 0 | 1], i]))) as [Map<number, number>, Map<number, number>];
  const told = new Set<number>();
  placed.forEach((place, i) => {
    const changes = [a, b].some((graph, side) => isCentreOfChange(graph, place[side as 0 | 1], sides[side as 0 | 1]));
    if (!changes) return;
    told.add(i);
    [a, b].forEach((graph, side) => {
      for (const other of oxoNeighbours(graph, place[side as 0 | 1])) {
        const at = sides[side as 0 | 1].get(other);
        if (at !== undefined) told.add(at);
      }
    });
  });
  // The hydroxyl of an acid that becomes an ester or an anhydride.
  placed.forEach(([x, y], i) => {
    const isChanged = a.hydrogens[x]! !== b.hydrogens[y]! && (a.element[x] === O || a.element[x] === S) && !a.ringAtom[x];
    if (!isChanged || !some(a, x, (centre) => !a.ringAtom[centre] && oxoNeighbours(a, centre).length > 0)) return;
    told.add(i);
    some(a, x, (centre) => {
      for (const atom of [centre, ...oxoNeighbours(a, centre)]) if (sides[0].has(atom)) told.add(sides[0].get(atom)!);
      return false;
    });
  });
  return told;
}

/** An acyclic atom with a multiple bond to what changes, or a carbonyl (sulfonyl, phosphoryl) one of whose hetero atoms changes. */
function isCentreOfChange(graph: MoleculeGraph, atom: number, placed: ReadonlyMap<number, number>): boolean {
  const { element, order, ringAtom } = graph;
  if (ringAtom[atom] || (element[atom] !== C && element[atom] !== S && element[atom] !== P && element[atom] !== N)) return false;
  const isOxo = oxoNeighbours(graph, atom).length > 0;
  return some(graph, atom, (other, bond) => !placed.has(other) && (order[bond]! > 1 || (isOxo && element[other] !== C)));
}

/** Hetero atoms on a double or triple bond. */
function oxoNeighbours(graph: MoleculeGraph, atom: number): number[] {
  const found: number[] = [];
  for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
    const [other, bond] = [graph.neighbour[i]!, graph.bondOf[i]!];
    if (graph.order[bond]! > 1 && !graph.aromaticBond[bond] && graph.element[other] !== C) found.push(other);
  }
  return found;
}
