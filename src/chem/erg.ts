/**
 * Extended reduced graphs (ErG; Stiefl, Watson, Baumann & Zaliani 2006, doi:10.1021/ci050457y): rings become their centres, ring atoms without a
 * part of their own vanish, and pairs of pharmacophore types are counted by the bonds between them. A pair also counts a little
 * one bond nearer and farther, so that a longer linker or a smaller ring is near, not far.
 */
import { degreeOf, neighboursOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { AROMATIC, HYDROPHOBIC, PHARMACOPHORE_TYPES, pharmacophoreFeatures } from './pharmacophore-features.ts';

const TYPES = PHARMACOPHORE_TYPES.length;
const LONGEST = 15;
/** Larger rings are no feature of their own: a macrocycle's centre is nowhere. */
const LARGEST_RING = 7;
/** In tenths, so that counts are whole numbers. */
const [WHOLE, FUZZ] = [10, 3] as const;

/** Pairs of types times distances of 1 to 15 bonds. */
export const ERG_WIDTH = ((TYPES * (TYPES + 1)) / 2) * LONGEST;

/** Whether a reduced graph holds an atom of one type, by its pairs: all counts of pairs with it. */
function holdsType(counts: Uint8Array, type: number): boolean {
  for (let other = 0; other < TYPES; other++) {
    const from = pairAt(Math.min(type, other), Math.max(type, other));
    for (let i = from; i < from + LONGEST; i++) if (counts[i] !== 0) return true;
  }
  return false;
}

/** Of a molecule in water, by its reduced graph: -1 an acid, 1 a base, 0 neither or both. */
export function chargeSignOf(counts: Uint8Array): -1 | 0 | 1 {
  const [positive, negative] = [holdsType(counts, PHARMACOPHORE_TYPES.indexOf('positive')), holdsType(counts, PHARMACOPHORE_TYPES.indexOf('negative'))];
  if (positive === negative) return 0;
  return positive ? 1 : -1;
}

function pairAt(low: number, high: number): number {
  return (low * TYPES - (low * (low - 1)) / 2 + (high - low)) * LONGEST;
}

/** Counts in tenths, at most 255. */
export function ergOf(graph: MoleculeGraph): Uint8Array {
  const { types, neighbours } = reducedGraph(graph);
  const counts = new Uint16Array(ERG_WIDTH);
  const typed = types.flatMap((set, node) => (set === 0 ? [] : [node]));
  const distance = new Uint8Array(types.length);
  for (const from of typed) {
    walk(neighbours, from, distance);
    for (const to of typed) if (to > from && distance[to]! > 0) addPairs(counts, types[from]!, types[to]!, distance[to]!);
  }
  return Uint8Array.from(counts, (count) => Math.min(255, count));
}

interface ReducedGraph {
  /** Set of types of each node; atoms first, then ring centres. Vanished atoms have no neighbour and no type. */
  readonly types: number[];
  readonly neighbours: number[][];
}

function reducedGraph(graph: MoleculeGraph): ReducedGraph {
  const types = Array.from(pharmacophoreFeatures(graph));
  const neighbours = Array.from({ length: graph.atoms }, (_, a) => neighboursOf(graph, a));
  const ringsOf = new Uint8Array(graph.atoms);
  const centred = new Uint8Array(graph.atoms);
  for (const ring of graph.rings) {
    for (const a of ring) ringsOf[a]!++;
    if (ring.length > LARGEST_RING) continue;
    const centre = neighbours.length;
    neighbours.push([...ring]);
    types.push(isFlat(graph, ring) ? AROMATIC : HYDROPHOBIC);
    for (const a of ring) {
      neighbours[a]!.push(centre);
      centred[a] = 1;
    }
  }
  for (let a = 0; a < graph.atoms; a++) {
    const vanishes = ringsOf[a] === 1 && centred[a] === 1 && degreeOf(graph, a) === 2 && types[a] === 0;
    if (!vanishes) continue;
    for (const b of neighbours[a]!) neighbours[b] = neighbours[b]!.filter((other) => other !== a);
    neighbours[a] = [];
  }
  return { types, neighbours };
}

/** Aromatic, or as flat: at least half of its atoms have a double bond. */
function isFlat(graph: MoleculeGraph, ring: readonly number[]): boolean {
  let aromatic = 0;
  let unsaturated = 0;
  for (const a of ring) {
    if (graph.aromaticAtom[a]) aromatic++;
    else if (hasDouble(graph, a)) unsaturated++;
  }
  return aromatic >= 2 || unsaturated >= Math.round(ring.length / 2);
}

function hasDouble(graph: MoleculeGraph, a: number): boolean {
  for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) if (graph.order[graph.bondOf[i]!] === 2) return true;
  return false;
}

/**
 * Bonds from a node to every other, up to the longest that counts; 0 where farther or apart. Pairs one bond farther would add their
 * fuzz to the longest: they do not, and models are trained on that.
 */
function walk(neighbours: readonly (readonly number[])[], from: number, distance: Uint8Array): void {
  distance.fill(0);
  let ring = [from];
  for (let bonds = 1; bonds <= LONGEST && ring.length > 0; bonds++) {
    const next: number[] = [];
    for (const node of ring) {
      for (const other of neighbours[node]!) {
        if (other === from || distance[other] !== 0) continue;
        distance[other] = bonds;
        next.push(other);
      }
    }
    ring = next;
  }
}

function addPairs(counts: Uint16Array, a: number, b: number, bonds: number): void {
  for (let i = 0; i < TYPES; i++) {
    if (!((a >> i) & 1)) continue;
    for (let j = 0; j < TYPES; j++) {
      if (!((b >> j) & 1)) continue;
      const [low, high] = i < j ? [i, j] : [j, i];
      const at = pairAt(low, high) + bonds - 1;
      counts[at]! += WHOLE;
      if (bonds > 1) counts[at - 1]! += FUZZ;
      if (bonds < LONGEST) counts[at + 1]! += FUZZ;
    }
  }
}

/** Tanimoto similarity of count vectors: a b / (a a + b b - a b); 0 where both are empty. */
export function countTanimoto(a: Uint8Array, b: Uint8Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  const either = aa + bb - ab;
  return either === 0 ? 0 : ab / either;
}
