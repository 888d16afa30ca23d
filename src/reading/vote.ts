/** Several readings of one drawing: which graph most of them agree on. */
import type { DrawnGraph } from './decode/drawn.ts';
import { otherEnd } from './decode/sketch.ts';
import type { ReaderVocabulary } from './define.ts';

export interface Vote {
  /** Index of a graph. */
  readonly chosen: number;
  /** Share of the graphs that equal it, 0 to 1. */
  readonly agreement: number;
}

/** A sure reading counts for more than a doubtful one, though never for two. */
const EXTRA = 0.5;
/** Enough for what is n bonds away to matter: larger rings and chains are told apart by what hangs on them. */
const ROUNDS = 12;

export function vote(graphs: readonly DrawnGraph[], vocabulary: ReaderVocabulary): Vote {
  const keys = graphs.map((graph) => graphKey(graph, vocabulary));
  const sureness = graphs.map(meanConfidence);
  const votes = new Map<number, number>();
  keys.forEach((key, i) => votes.set(key, (votes.get(key) ?? 0) + 1 + EXTRA * sureness[i]!));
  let chosen = 0;
  keys.forEach((key, i) => {
    const [own, best] = [votes.get(key)!, votes.get(keys[chosen]!)!];
    if (own > best || (key === keys[chosen] && sureness[i]! > sureness[chosen]!)) chosen = i;
  });
  return { chosen, agreement: keys.filter((key) => key === keys[chosen]).length / keys.length };
}

/** Geometric mean over atoms times that over bonds; 0 of an empty graph. */
export function meanConfidence({ atoms, bonds }: DrawnGraph): number {
  const meanLog = (items: readonly { readonly confidence: number }[]): number => (
    items.reduce((sum, { confidence }) => sum + Math.log(Math.max(confidence, 1e-4)), 0) / Math.max(1, items.length)
  );
  return atoms.length === 0 ? 0 : Math.exp(meanLog(atoms) + meanLog(bonds));
}

/**
 * The same for equal graphs, whatever their numbering, their places and the places of alternating double bonds: every atom takes up what
 * its neighbours are, round by round. Of a drawing in pieces the largest counts.
 */
export function graphKey(graph: DrawnGraph, { classes }: ReaderVocabulary): number {
  const members = largestPiece(graph);
  const neighbours: number[][] = graph.atoms.map(() => []);
  const orders = graph.atoms.map(() => 0);
  for (const bond of graph.bonds) {
    for (const atom of [bond.begin, bond.end]) {
      neighbours[atom]!.push(otherEnd(bond, atom));
      orders[atom]! += bond.order;
    }
  }
  let codes = graph.atoms.map((atom, i) => [classes[atom.class]!.element, atom.class, atom.charge, orders[i]!].reduce(mix, 0));
  for (let round = 0; round < ROUNDS; round++) {
    codes = codes.map((code, i) => neighbours[i]!.map((next) => codes[next]!).sort((a, b) => a - b).reduce(mix, mix(0, code)));
  }
  return members.map((atom) => codes[atom]!).sort((a, b) => a - b).reduce(mix, members.length);
}

function largestPiece({ atoms, bonds }: DrawnGraph): number[] {
  const neighbours: number[][] = atoms.map(() => []);
  for (const { begin, end } of bonds) {
    neighbours[begin]!.push(end);
    neighbours[end]!.push(begin);
  }
  const seen = new Set<number>();
  let largest: number[] = [];
  atoms.forEach((_, start) => {
    if (seen.has(start)) return;
    const piece = [start];
    seen.add(start);
    for (let at = 0; at < piece.length; at++) {
      for (const next of neighbours[piece[at]!]!) {
        if (seen.has(next)) continue;
        seen.add(next);
        piece.push(next);
      }
    }
    if (piece.length > largest.length) largest = piece;
  });
  return largest;
}

/** An unsigned 32-bit hash of two. */
function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ (value + 0x9e3779b9), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
