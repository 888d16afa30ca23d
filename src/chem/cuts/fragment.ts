/**
 * Canonical SMILES of a part of a molecule with its attachment points, without stereo: `[*:1]C(=O)N[*:2]`. Points are numbered by
 * the fragment alone, so that the same fragment has one text however it was met; which numbers may be exchanged without
 * changing the fragment (its symmetries) is told beside it.
 */
import { SYMBOLS } from '../elements.ts';
import { AROMATIC } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import { ascending, combine } from './hash.ts';
import { SINGLE, linksOf, partOf } from './part.ts';
import type { AttachmentPoint, Part } from './part.ts';
import { PERMUTATIONS } from './permutations.ts';
import type { Permutation } from './permutations.ts';
import { breakTies, refine } from './ranks.ts';
import type { SmallGraph } from './ranks.ts';
import { preferredForms } from './tautomers.ts';
import { writeSmiles } from './write-smiles.ts';
import type { WrittenAtom } from './write-smiles.ts';

export interface Fragment {
  readonly smiles: string;
  /** `cuts[i]` = the cut of point i + 1. */
  readonly cuts: readonly number[];
  /** Renumberings of the points that give the same fragment, the identity among them: positions in PERMUTATIONS[points]. */
  readonly symmetries: readonly number[];
  /** In the form that is written. */
  readonly part: Part;
}

/** A hydrogen as the replaced group. */
export const HYDROGEN = '[*:1][H]';

const POINT_COLOUR = 0;

/**
 * The part of `graph` that consists of `atoms`, in its preferred tautomer: of equals the text that comes last, with its [nH] at the end, as
 * chemists write 1H-tetrazol-5-yl. Every bond that leaves it must be one of `points`.
 */
export function fragmentOf(graph: MoleculeGraph, atoms: readonly number[], points: readonly AttachmentPoint[]): Fragment {
  return preferredForms(partOf(graph, atoms, points)).map((part) => writeFragment(part, points)).reduce((best, one) => (one.smiles > best.smiles ? one : best));
}

/** The same as it is drawn. */
export function fragmentAsDrawn(graph: MoleculeGraph, atoms: readonly number[], points: readonly AttachmentPoint[]): Fragment {
  return writeFragment(partOf(graph, atoms, points), points);
}

function writeFragment(part: Part, points: readonly AttachmentPoint[]): Fragment {
  const local = localGraph(part);
  const refined = refine(local.graph, local.colours);
  let best: { smiles: string; order: readonly number[] } | undefined;
  let tied: (readonly number[])[] = [];
  for (const order of numberings(refined, part.atoms.length, points.length)) {
    const smiles = writeNumbered(local, refined, order);
    if (best === undefined || smiles < best.smiles) {
      best = { smiles, order };
      tied = [order];
    } else if (smiles === best.smiles) tied.push(order);
  }
  const { smiles, order } = best!;
  return { smiles, cuts: order.map((point) => points[point]!.cut), symmetries: tied.map((other) => symmetryOf(order, other)).sort(ascending), part };
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
function localGraph(part: Part): LocalGraph {
  const { atoms, bonds, points } = part;
  const links = linksOf(part);
  const offset = [0];
  const neighbour: number[] = [];
  const kind: number[] = [];
  const colours: number[] = [];
  const texts: WrittenAtom[] = [];
  atoms.forEach(({ element, aromatic, ring, hydrogens, charge, isotope }, a) => {
    for (const { to, bond } of links[a]!) {
      neighbour.push(to);
      kind.push(bonds[bond]!.kind + (bonds[bond]!.ring && bonds[bond]!.kind < AROMATIC ? RING : 0));
    }
    points.forEach((atom, point) => {
      if (atom !== a) return;
      neighbour.push(atoms.length + point);
      kind.push(SINGLE);
    });
    const degree = neighbour.length - offset[a]!;
    offset.push(neighbour.length);
    texts.push({ symbol: SYMBOLS[element]!, aromatic, hydrogens, charge, isotope });
    const packed = element * 4 + Number(aromatic) * 2 + Number(ring) + 1024 * (degree * 16 + hydrogens) + 2_097_152 * (charge + 128);
    colours.push(isotope === 0 ? packed : combine(packed, isotope));
  });
  for (const atom of points) {
    neighbour.push(atom);
    kind.push(SINGLE);
    offset.push(neighbour.length);
    colours.push(POINT_COLOUR);
    texts.push({ symbol: '*', aromatic: false, hydrogens: 0, charge: 0, isotope: 0 });
  }
  return { graph: { atoms: atoms.length + points.length, offset, neighbour, kind }, colours, written: texts, points: points.length };
}

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
