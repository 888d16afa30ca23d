/**
 * Canonical ranks of a small coloured graph: colour refinement (Weisfeiler and Leman 1968), and where it leaves atoms alike, one of
 * them is set apart and refinement goes on (Weininger 1989, J. Chem. Inf. Comput. Sci. 29, 97). Atoms that refinement cannot tell
 * apart are taken for symmetric: true of molecules whose atoms are coloured with their rings.
 */
import { ascending, combine } from './hash.ts';

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
  for (let classes = Math.max(-1, ...ranks) + 1; classes < graph.atoms; classes = Math.max(...ranks) + 1) {
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
  let classes = Math.max(-1, ...ranks) + 1;
  const around: number[] = [];
  while (classes < graph.atoms) {
    const keys = ranks.map((rank, a) => {
      around.length = 0;
      for (let i = graph.offset[a]!; i < graph.offset[a + 1]!; i++) around.push(ranks[graph.neighbour[i]!]! * 16 + graph.kind[i]!);
      if (around.length > 1) around.sort(ascending);
      let key = 0;
      for (const one of around) key = combine(key, one + 1);
      return key;
    });
    const next = denseRanksWithin(ranks, keys);
    const found = Math.max(...next) + 1;
    if (found === classes) return ranks;
    ranks = next;
    classes = found;
  }
  return ranks;
}

function denseRanks(values: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  let rank = -1;
  let last: number | undefined;
  for (const a of order) {
    if (values[a] !== last) rank++;
    last = values[a];
    ranks[a] = rank;
  }
  return ranks;
}

/** New ranks keep the order of the old ones and split them by key. */
function denseRanksWithin(old: readonly number[], keys: readonly number[]): number[] {
  const order = Array.from(old.keys()).sort((a, b) => old[a]! - old[b]! || keys[a]! - keys[b]!);
  const ranks = new Array<number>(old.length);
  let rank = -1;
  let before = -1;
  for (const a of order) {
    if (before < 0 || old[a] !== old[before] || keys[a] !== keys[before]) rank++;
    before = a;
    ranks[a] = rank;
  }
  return ranks;
}
