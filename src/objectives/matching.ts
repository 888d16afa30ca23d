import * as z from 'zod';
import { fixedSize, linear, plainInit } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { EXCLUDED, mean, scaled, similarities } from './parts.ts';

/**
 * Every row is asked about three pairs: its own, itself with the nearest row of the other side that is not its partner, and its partner with
 * the nearest row of its own side. As published the negative is drawn from a softmax over the similarities of the batch; here it is the mean
 * under that softmax, brought back to unit length, and the softmax is so sharp by default that the mean is the nearest row itself. As there,
 * no gradient passes through the choice. There a pair is mixed by a deep fusion encoder or an MLP over both embeddings; here by an MLP that
 * sees their product as well. Own pairs weigh as much as both kinds of negatives together, there each of the three alike. Memory: (N, N).
 */
export const matching = defineObjective({
  id: 'matching',
  summary: 'A small classifier tells pairs that belong together from each row beside the nearest stranger of the other side, both ways.',
  references: ['Li et al. 2021, arXiv:2107.07651 (ALBEF)', 'Zheng et al. 2022, doi:10.1101/2022.06.05.494905 (MIGA)'],
  config: z.strictObject({
    /** Width of the classifier's hidden layer. */
    hidden: z.int().positive().default(256),
    /** Of the softmax over cosines that weighs the strangers: near 0 the nearest one alone, large: their mean. */
    temperature: z.number().positive().default(1e-3),
  }),
  build: (g, { a, b }, { hidden, temperature }) => {
    const similarity = similarities(g, a, b);
    const transposed = g.apply('Transpose', [similarity], { perm: [1, 0] });
    const strangersOfA = stranger(g, similarity, b, temperature);
    const strangersOfB = stranger(g, transposed, a, temperature);
    const pairs = [pair(g, a, b), pair(g, a, strangersOfA), pair(g, strangersOfB, b)];
    const entry = g.apply('Relu', [linear(g, 'entry', g.apply('Concat', pairs, { axis: 0 }), hidden)]);
    // (3, N): own pairs, then strangers.
    const logits = g.apply('Reshape', [linear(g, 'exit', entry, 1, { init: plainInit(hidden) })], { shape: [3, -1] });
    const own = g.apply('Slice', [logits], { starts: [0], ends: [1], axes: [0] });
    const others = g.apply('Slice', [logits], { starts: [1], ends: [3], axes: [0] });
    const missed = mean(g, g.apply('Softplus', [g.apply('Neg', [own])]));
    const confused = mean(g, g.apply('Softplus', [others]));
    const loss = scaled(g, g.apply('Add', [missed, confused]), 0.5);
    return { loss, metrics: { ownMatch: mean(g, g.apply('Sigmoid', [own])), strangerMatch: mean(g, g.apply('Sigmoid', [others])) } };
  },
});

/** For every row of `similarity` (N, N) its nearest of `others` (N, D) that is not its partner: unit rows (N, D). */
function stranger(g: GraphBuilder, similarity: Value, others: Value, temperature: number): Value {
  const logits = g.apply('MaskDiagonal', [scaled(g, similarity, 1 / temperature)], { value: EXCLUDED });
  const weights = g.apply('StopGradient', [g.apply('Softmax', [logits], { axis: 1 })]);
  return g.apply('L2Normalise', [g.apply('Gemm', [weights, others])]);
}

/** What the classifier sees, (N, 3 D): both embeddings and their product, at numbers of about 1 whatever the dimension. */
function pair(g: GraphBuilder, a: Value, b: Value): Value {
  const factor = Math.sqrt(fixedSize(a, 1));
  const [left, right] = [scaled(g, a, factor), scaled(g, b, factor)];
  return g.apply('Concat', [left, right, g.apply('Mul', [left, right])], { axis: 1 });
}
