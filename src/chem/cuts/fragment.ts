/**
 * Canonical SMILES of a part of a molecule with its attachment points, without stereo: `[*:1]C(=O)N[*:2]`. Points are numbered by
 * the fragment alone, so that the same fragment has one text however it was met; which numbers may be exchanged without
 * changing the fragment (its symmetries) is told beside it.
 */
import { SYMBOLS } from '../elements.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import { ascending, combine } from './hash.ts';
import { PERMUTATIONS } from './permutations.ts';
import type { Permutation } from './permutations.ts';
import { breakTies, refine } from './ranks.ts';
import type { SmallGraph } from './ranks.ts';
import { writeSmiles } from './write-smiles.ts';
import type { WrittenAtom } from './write-smiles.ts';

/** A bond that was cut: `atom` stays in the fragment. */
export interface AttachmentPoint {
  readonly atom: number;
  /** Which cut this is to the caller. */
  readonly cut: number;
}

export interface Fragment {
  readonly smiles: string;
  /** `cuts[i]` = the cut of point i + 1. */
  readonly cuts: readonly number[];
  /** Renumberings of the points that give the same fragment, the identity among them: positions in PERMUTATIONS[points]. */
  readonly symmetries: readonly number[];
}

/** A hydrogen as the replaced group. */
export const HYDROGEN = '[*:1][H]';

const POINT_COLOUR = 0;

/** The part of `graph` that consists of `atoms`; every bond that leaves it must be one of `points`. */
export function fragmentOf(graph: MoleculeGraph, atoms: readonly number[], points: readonly AttachmentPoint[]): Fragment {
  const local = localGraph(graph, atoms, points);
  const refined = refine(local.graph, local.colours);
  let best: { smiles: string; order: readonly number[] } | undefined;
  let tied: (readonly number[])[] = [];
  for (const order of numberings(refined, atoms.length, points.length)) {
    const smiles = writeNumbered(local, refined, order);
    if (best === undefined || smiles < best.smiles) {
      best = { smiles, order };
      tied = [order];
    } else if (smiles === best.smiles) tied.push(order);
  }
  const { smiles, order } = best!;
  return { smiles, cuts: order.map((point) => points[point]!.cut), symmetries: tied.map((other) => symmetryOf(order, other)).sort(ascending) };
}

/** Both number the same fragment the same way: number i of one is number `result[i]` of the other. */
function symmetryOf(order: readonly number[], other: readonly number[]): number {
  const moved = order.map((point) => other.indexOf(point));
  return PERMUTATIONS[order.length]!.findIndex((permutation) => permutation.every((to, from) => to === moved[from]));
}

interface LocalGraph {
  readonly graph: SmallGraph;
  readonly colours: readonly number[];
  readonly written: readonly WrittenAtom[];
  readonly points: number;
}

/** Atoms first, then attachment points as atoms of their own. */
function localGraph(graph: MoleculeGraph, atoms: readonly number[], points: readonly AttachmentPoint[]): LocalGraph {
  const place = new Map(atoms.map((atom, at) => [atom, at]));
  const offset = [0];
  const neighbour: number[] = [];
  const kind: number[] = [];
  const colours: number[] = [];
  const written: WrittenAtom[] = [];
  atoms.forEach((atom, at) => {
    for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
      const other = place.get(graph.neighbour[i]!);
      if (other === undefined) continue;
      const bond = graph.bondOf[i]!;
      neighbour.push(other);
      kind.push(graph.aromaticBond[bond] ? AROMATIC : graph.order[bond]! + (graph.ringBond[bond] ? RING : 0));
    }
    points.forEach((point, p) => {
      if (point.atom !== atom) return;
      neighbour.push(atoms.length + p);
      kind.push(SINGLE);
    });
    offset.push(neighbour.length);
    written.push({ symbol: SYMBOLS[graph.element[atom]!]!, aromatic: graph.aromaticAtom[atom] === 1, hydrogens: graph.hydrogens[atom]!, charge: graph.charge[atom]!, isotope: graph.isotope[atom]! });
    const packed = graph.element[atom]! * 4 + graph.aromaticAtom[atom]! * 2 + graph.ringAtom[atom]! + 1024 * ((offset[at + 1]! - offset[at]!) * 16 + graph.hydrogens[atom]!) + 2_097_152 * (graph.charge[atom]! + 128);
    const isotope = graph.isotope[atom]!;
    colours.push(isotope === 0 ? packed : combine(packed, isotope));
  });
  for (const point of points) {
    neighbour.push(place.get(point.atom)!);
    kind.push(SINGLE);
    offset.push(neighbour.length);
    colours.push(POINT_COLOUR);
    written.push({ symbol: '*', aromatic: false, hydrogens: 0, charge: 0, isotope: 0 });
  }
  return { graph: { atoms: atoms.length + points.length, offset, neighbour, kind }, colours, written, points: points.length };
}

export const SINGLE = 1;
export const AROMATIC = 5;
const RING = 8;

/** Every order of the points that refinement allows: by rank, equal ranks in every order. */
function numberings(refined: readonly number[], first: number, points: number): Permutation[] {
  const rankOf = (point: number): number => refined[first + point]!;
  return PERMUTATIONS[points]!.filter((order) => order.every((point, i) => i === 0 || rankOf(order[i - 1]!) <= rankOf(point)));
}

function writeNumbered({ graph, written, points }: LocalGraph, refined: readonly number[], order: readonly number[]): string {
  const first = written.length - points;
  const labels = new Map(order.map((point, i) => [first + point, i + 1]));
  // Points are the lowest in colour; numbered, each has a rank of its own.
  const numbered = refined.map((rank, a) => (a < first ? rank + points : labels.get(a)! - 1));
  const ranks = breakTies(graph, refine(graph, numbered));
  return writeSmiles(graph, ranks, written.map((atom, a) => (a < first ? atom : { ...atom, label: labels.get(a)! })));
}
