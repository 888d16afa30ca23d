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

/** -mean_i log p_ii of rows of logits (N, N), with probability `smoothing` spread evenly over the row. */
export function diagonalCrossEntropy(g: GraphBuilder, logits: Value, smoothing = 0): Value {
  const logProbabilities = g.apply('LogSoftmax', [logits], { axis: 1 });
  const hit = mean(g, g.apply('Diagonal', [logProbabilities]));
  if (smoothing === 0) return g.apply('Neg', [hit]);
  return g.apply('Add', [scaled(g, hit, smoothing - 1), scaled(g, mean(g, logProbabilities), -smoothing)]);
}

/** log sum over the whole row without the diagonal: (N, N) to (N). */
export function offDiagonalLogSum(g: GraphBuilder, logits: Value): Value {
  return g.apply('ReduceLogSumExp', [g.apply('MaskDiagonal', [logits], { value: EXCLUDED })], { axes: [1] });
}
