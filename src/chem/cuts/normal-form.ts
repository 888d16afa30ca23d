/**
 * One name for one replacement. Fragments number their points by themselves, so "from -> to" needs to say which point goes to which:
 * a permutation, of which many may mean the same where a fragment is symmetric. The first of these (in PERMUTATIONS) is the name.
 */
import { PERMUTATIONS, compose, invert, positionOf } from './permutations.ts';
import type { Permutation } from './permutations.ts';

/** A mask of symmetries as the chemistry workers give it: bit p for PERMUTATIONS[points][p]. */
export type SymmetryMask = number;

export interface NormalForm {
  /** Position of the permutation, points of `from` to points of `to`. */
  readonly mapping: number;
  /** Renumberings of `from` under which it is found: orders in which its environments may be read. */
  readonly orders: readonly Permutation[];
}

/** All `mappings` (points of from -> points of to) mean the same replacement; symmetries add more. */
export function normalForm(points: number, mappings: readonly Permutation[], from: SymmetryMask, to: SymmetryMask): NormalForm {
  if (points === 1) return ONE_POINT;
  let best = Infinity;
  let orders: Permutation[] = [];
  for (const mapping of mappings) {
    for (const s of members(points, from)) {
      for (const t of members(points, to)) {
        const position = positionOf(compose(compose(invert(s), mapping), t));
        if (position > best) continue;
        if (position < best) orders = [];
        best = position;
        if (!orders.some((order) => positionOf(order) === positionOf(s))) orders.push(s);
      }
    }
  }
  return { mapping: best, orders };
}

const ONE_POINT: NormalForm = { mapping: 0, orders: [[0]] };

function members(points: number, mask: SymmetryMask): readonly Permutation[] {
  return PERMUTATIONS[points]!.filter((_, position) => mask & (1 << position));
}

/** Ways to send points to points whose constant pieces are equal; empty where the constant parts differ. */
export function mappingsBetween(from: ArrayLike<number>, to: ArrayLike<number>): readonly Permutation[] {
  return PERMUTATIONS[from.length]!.filter((permutation) => permutation.every((target, point) => from[point] === to[target]));
}

/**
 * One number for the surroundings of all points at one radius: the least over the orders in which they may be read.
 * `environments[point]` is a hash; order[i] = the place of point i.
 */
export function environmentKey(environments: readonly number[], orders: readonly Permutation[]): number {
  if (environments.length === 1) return environments[0]!;
  let least = Infinity;
  for (const order of orders) {
    const placed = new Array<number>(order.length);
    order.forEach((place, point) => (placed[place] = environments[point]!));
    let key = 0x811c9dc5;
    for (const one of placed) key = Math.imul(key ^ (one ^ (one >>> 15)), 0x01000193) ^ (key >>> 13);
    least = Math.min(least, key >>> 0);
  }
  return least;
}

const POINT = /\[\*:(\d)\]/g;

/** Gives point i the number `permutation[i] + 1`. */
export function renumber(smiles: string, permutation: Permutation): string {
  return smiles.replace(POINT, (_, digit: string) => `[*:${permutation[Number(digit) - 1]! + 1}]`);
}

export function pointsOf(smiles: string): number {
  return smiles.match(POINT)?.length ?? 0;
}
