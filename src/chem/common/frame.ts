/** A molecule as a tree of atoms and rings: what the search for a common part walks over. */
import { bondBetween, bondKind, degreeOf } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';

/** A bond that is in no ring, seen from one of its atoms. */
export interface Branch {
  readonly to: number;
  /** Kekule order, or AROMATIC. */
  readonly kind: number;
  /** 2 * bond, and 1 more when seen from its end: names the branch within the molecule. */
  readonly direction: number;
}

export class Frame {
  readonly graph: MoleculeGraph;
  /** Atoms of each, in order around it. */
  readonly rings: readonly (readonly number[])[];
  /** Positions in `rings`. */
  readonly ringsOf: readonly (readonly number[])[];
  readonly branches: readonly (readonly Branch[])[];
  /** Equal for atoms that are the same: element, charge, aromatic or not, saturated or not within rings. */
  readonly kinds: readonly number[];

  constructor(graph: MoleculeGraph) {
    this.graph = graph;
    this.rings = distinctRings(graph);
    this.kinds = Array.from({ length: graph.atoms }, (_, a) => ((graph.element[a]! * 16 + graph.charge[a]! + 8) * 2 + graph.aromaticAtom[a]!) * 4 + Math.min(3, this.ringPi(a)));
    const ringsOf: number[][] = Array.from({ length: graph.atoms }, () => []);
    this.rings.forEach((atoms, ring) => atoms.forEach((atom) => ringsOf[atom]!.push(ring)));
    this.ringsOf = ringsOf;
    this.branches = Array.from({ length: graph.atoms }, (_, atom) => Array.from({ length: degreeOf(graph, atom) }, (_unused, i) => graph.offset[atom]! + i)
      .filter((at) => !graph.ringBond[graph.bondOf[at]!])
      .map((at): Branch => {
        const bond = graph.bondOf[at]!;
        return { to: graph.neighbour[at]!, kind: bondKind(graph, bond), direction: 2 * bond + (graph.begin[bond] === atom ? 0 : 1) };
      }));
  }

  /** Multiple bonds of the atom within rings, aromatic ones aside. */
  private ringPi(atom: number): number {
    const { graph } = this;
    let count = 0;
    for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
      const bond = graph.bondOf[i]!;
      if (graph.ringBond[bond] && !graph.aromaticBond[bond]) count += graph.order[bond]! - 1;
    }
    return count;
  }

  isRingAtom(atom: number): boolean {
    return this.ringsOf[atom]!.length > 0;
  }
}

/** Rings of a macrocycle may be told in hundreds of ways: around a cyclodextrin each sugar can be passed on either side. */
const MACROCYCLE = 9;

/** All small rings, and of the large ones those that no others add up to (Horton 1987, doi:10.1137/0216026). */
function distinctRings(graph: MoleculeGraph): readonly (readonly number[])[] {
  if (!graph.rings.some((ring) => ring.length >= MACROCYCLE)) return graph.rings;
  const basis: bigint[] = [];
  const isNew = (ring: readonly number[]): boolean => {
    let rest = ring.reduce((bits, atom, i) => bits | (1n << BigInt(bondBetween(graph, atom, ring[(i + 1) % ring.length]!))), 0n);
    for (const known of basis) if ((rest ^ known) < rest) rest ^= known;
    if (rest === 0n) return false;
    basis.push(rest);
    // Largest first, so that each step above clears its highest bit.
    basis.sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    return true;
  };
  const small = graph.rings.filter((ring) => ring.length < MACROCYCLE);
  for (const ring of small) isNew(ring);
  return [...small, ...graph.rings.filter((ring) => ring.length >= MACROCYCLE).sort((a, b) => a.length - b.length).filter(isNew)];
}
