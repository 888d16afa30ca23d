/** Orders of up to three attachment points. */
export type Permutation = readonly number[];

/** `PERMUTATIONS[k]`: all orders of 0 .. k - 1, the identity first. Their positions are stored in files: never reorder. */
export const PERMUTATIONS: readonly (readonly Permutation[])[] = [
  [[]],
  [[0]],
  [[0, 1], [1, 0]],
  [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
];

/** First `a`, then `b`. */
export function compose(a: Permutation, b: Permutation): Permutation {
  return a.map((middle) => b[middle]!);
}

export function invert(permutation: Permutation): Permutation {
  return permutation.map((_, to) => permutation.indexOf(to));
}

/** Position in `PERMUTATIONS[permutation.length]`. */
export function positionOf(permutation: Permutation): number {
  return PERMUTATIONS[permutation.length]!.findIndex((one) => one.every((to, from) => to === permutation[from]));
}
