/** Pieces that several objectives are made of. */
import type { GraphBuilder, Value } from '../graph/index.ts';

/** In place of a logit that must not count; its exponential is 0 beside any real logit. */
export const EXCLUDED = -1e30;

/** a b^T: (N, D) x (M, D) to (N, M). */
export function similarities(g: GraphBuilder, a: Value, b: Value): Value {
  return g.apply('Gemm', [a, b], { transB: 1 });
}

export function scaled(g: GraphBuilder, x: Value, factor: number): Value {
  return g.apply('Mul', [x, g.constant(factor)]);
}

export function mean(g: GraphBuilder, x: Value): Value {
  return g.apply('ReduceMean', [x]);
}
