import type { GraphBuilder, Value } from '../graph/index.ts';
import { EXCLUDED, mean, scaled, similarities } from './parts.ts';

/**
 * Alignment and uniformity of unit vectors (Wang & Isola 2020, arXiv:2005.10242): mean squared distance of positive pairs,
 * and log mean e^(-2 d^2) over the distinct pairs within each side, averaged over both sides. Both are better when smaller.
 */
export function diagnostics(g: GraphBuilder, a: Value, b: Value): { alignment: Value; uniformity: Value } {
  const scope = g.scope('diagnostics');
  const difference = scope.apply('Sub', [a, b]);
  const squared = scope.apply('ReduceSum', [scope.apply('Mul', [difference, difference])], { axes: [1] });
  const both = scope.apply('Add', [uniformity(scope.scope('a'), a), uniformity(scope.scope('b'), b)]);
  return {
    alignment: scope.apply('ReduceMean', [squared], {}, 'alignment'),
    uniformity: scope.apply('Mul', [both, scope.constant(0.5)], {}, 'uniformity'),
  };
}

function uniformity(g: GraphBuilder, x: Value): Value {
  const similarity = similarities(g, x, x);
  const logSum = (logits: Value): Value => g.apply('ReduceLogSumExp', [g.apply('MaskDiagonal', [logits], { value: EXCLUDED })]);
  // -2 d^2 = 4 s - 4 for unit vectors; the logarithm of the number of pairs is the same sum with every logit 0.
  const total = logSum(scaled(g, similarity, 4));
  const pairs = logSum(scaled(g, similarity, 0));
  return g.apply('Sub', [g.apply('Sub', [total, pairs]), g.constant(4)]);
}

/** Mean cosine of the positive pairs; cheap enough for every step. */
export function positiveSimilarity(g: GraphBuilder, a: Value, b: Value): Value {
  return mean(g, g.apply('ReduceSum', [g.apply('Mul', [a, b])], { axes: [1] }));
}
