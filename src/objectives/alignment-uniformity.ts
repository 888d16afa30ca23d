import * as z from 'zod';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { EXCLUDED, mean, scaled, similarities } from './parts.ts';

export const alignmentUniformity = defineObjective({
  id: 'alignment-uniformity',
  summary: 'Positive pairs close, all others spread over the sphere: two sums in place of a softmax.',
  references: ['Wang & Isola 2020, arXiv:2005.10242'],
  config: z.strictObject({
    /** Of the mean squared distance of positive pairs. */
    alignment: z.number().min(0).default(1),
    /** Of log mean e^(-t d^2) over the distinct pairs within each side, averaged over both sides. */
    uniformity: z.number().min(0).default(1),
    t: z.number().positive().default(2),
  }),
  build: (g, { a, b }, { alignment, uniformity, t }) => {
    const difference = g.apply('Sub', [a, b]);
    const aligned = mean(g, g.apply('ReduceSum', [g.apply('Mul', [difference, difference])], { axes: [1] }));
    const spread = scaled(g, g.apply('Add', [uniformityOf(g.scope('a'), a, t), uniformityOf(g.scope('b'), b, t)]), 0.5);
    const loss = g.apply('Add', [scaled(g, aligned, alignment), scaled(g, spread, uniformity)]);
    return { loss, metrics: { alignment: aligned, uniformity: spread } };
  },
});

function uniformityOf(g: GraphBuilder, x: Value, t: number): Value {
  const similarity = similarities(g, x, x);
  const logSum = (logits: Value): Value => g.apply('ReduceLogSumExp', [g.apply('MaskDiagonal', [logits], { value: EXCLUDED })]);
  // -t d^2 = 2 t s - 2 t for unit vectors; the logarithm of the number of pairs is the same sum with every logit 0.
  const total = logSum(scaled(g, similarity, 2 * t));
  const pairs = logSum(scaled(g, similarity, 0));
  return g.apply('Sub', [g.apply('Sub', [total, pairs]), g.constant(2 * t)]);
}
