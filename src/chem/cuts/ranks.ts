/**
 * Canonical ranks of a small coloured graph: colour refinement (Weisfeiler and Leman 1968), and where it leaves atoms alike, one of
 * them is set apart and refinement goes on (Weininger 1989, J. Chem. Inf. Comput. Sci. 29, 97). Atoms that refinement cannot tell
 * apart are taken for symmetric: true of molecules whose atoms are coloured with their rings.
 */
import { combine } from './hash.ts';

/** Neighbours of atom a: neighbour[offset[a] .. offset[a + 1]] over bonds of the kinds `kind`. */
export interface SmallGraph {
  readonly atoms: number;
  readonly offset: readonly number[];
  readonly neighbour: readonly number[];
  readonly kind: readonly number[];
}

/** Dense ranks after refinement; equal for what refinement cannot tell apart. `colours` are any numbers. */
export function refine(graph: SmallGraph, colours: readonly number[]): number[] {
  return stable(graph, denseRanks(colours));
}

/** Distinct ranks 0 to n - 1. */
export function breakTies(graph: SmallGraph, refined: readonly number[]): number[] {
  let ranks = [...refined];
  for (let classes = classesOf(ranks); classes < graph.atoms; classes = classesOf(ranks)) {
    const chosen = firstTied(ranks, classes);
    ranks = stable(graph, denseRanks(ranks.map((rank, a) => 2 * rank + (a === chosen ? 0 : 1))));
  }
  return ranks;
}

function firstTied(ranks: readonly number[], classes: number): number {
  const members = new Int32Array(classes);
  for (const rank of ranks) members[rank]!++;
  const tied = members.findIndex((count) => count > 1);
  return ranks.indexOf(tied);
}

function stable(graph: SmallGraph, start: number[]): number[] {
  let ranks = start;
  let classes = classesOf(ranks);
  const around: number[] = [];
  const keys = new Array<number>(graph.atoms);
  while (classes < graph.atoms) {
    for (let a = 0; a < graph.atoms; a++) {
      const end = graph.offset[a + 1]!;
      around.length = 0;
      for (let i = graph.offset[a]!; i < end; i++) around.push(ranks[graph.neighbour[i]!]! * 16 + graph.kind[i]!);
      if (around.length > 1) insertionSort(around);
      let key = 0;
      for (const one of around) key = combine(key, one + 1);
      keys[a] = key;
    }
    const next = denseRanksWithin(ranks, keys);
    const found = classesOf(next);
    if (found === classes) return ranks;
    ranks = next;
    classes = found;
  }
  return ranks;
}

/** Of dense ranks. */
function classesOf(ranks: readonly number[]): number {
  let most = -1;
  for (const rank of ranks) if (rank > most) most = rank;
  return most + 1;
}

/** For neighbours of one atom: a few numbers, for which `sort` costs more than the work. */
function insertionSort(values: number[]): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}

function denseRanks(values: readonly number[]): number[] {
  return ranksOf(sortedPlaces(values), (a, b) => values[a] !== values[b]);
}

/** New ranks keep the order of the old ones and split them by key. */
function denseRanksWithin(old: readonly number[], keys: readonly number[]): number[] {
  return ranksOf(sortedPlaces(old, keys), (a, b) => old[a] !== old[b] || keys[a] !== keys[b]);
}

/** Places of `first` in ascending order, of equals by `second`: by insertion, since most graphs have few atoms. */
function sortedPlaces(first: readonly number[], second?: readonly number[]): number[] {
  const order = Array.from(first.keys());
  if (order.length > FEW) return order.sort((a, b) => first[a]! - first[b]! || (second === undefined ? 0 : second[a]! - second[b]!));
  for (let i = 1; i < order.length; i++) {
    const place = order[i]!;
    let at = i;
    for (; at > 0; at--) {
      const before = order[at - 1]!;
      if (first[before]! < first[place]! || (first[before] === first[place] && (second === undefined || second[before]! <= second[place]!))) break;
      order[at] = before;
    }
    order[at] = place;
  }
  return order;
}

const FEW = 48;

function ranksOf(order: readonly number[], differ: (a: number, b: number) => boolean): number[] {
  const ranks = new Array<number>(order.length).fill(0);
  let rank = 0;
  for (let i = 0; i < order.length; i++) {
    if (i > 0 && differ(order[i - 1]!, order[i]!)) rank++;
    ranks[order[i]!] = rank;
  }
  return ranks;
}
