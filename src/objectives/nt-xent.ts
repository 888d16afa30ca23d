import * as z from 'zod';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { EXCLUDED, mean, scaled, similarities } from './parts.ts';

/** mean_i [log (sum_j e^(xy_ij) + sum_(j != i) e^(xx_ij)) - xy_ii]: half of the loss, from the side of x. */
function side(g: GraphBuilder, cross: Value, within: Value): Value {
  const others = g.apply('MaskDiagonal', [within], { value: EXCLUDED });
  const all = g.apply('ReduceLogSumExp', [g.apply('Concat', [cross, others], { axis: 1 })], { axes: [1] });
  return mean(g, g.apply('Sub', [all, g.apply('Diagonal', [cross])]));
}

export const ntXent = defineObjective({
  id: 'nt-xent',
  summary: 'NT-Xent over 2N views: negatives come from both sides, a view is never its own negative.',
  references: ['Chen et al. 2020, arXiv:2002.05709 (SimCLR)', 'Wang et al. 2022, doi:10.1038/s42256-022-00447-x (MolCLR)'],
  config: z.strictObject({ temperature: z.number().positive().default(0.1) }),
  build: (g, { a, b }, { temperature }) => {
    const logits = (x: Value, y: Value): Value => scaled(g, similarities(g, x, y), 1 / temperature);
    const cross = logits(a, b);
    const first = side(g.scope('a'), cross, logits(a, a));
    const second = side(g.scope('b'), g.apply('Transpose', [cross], { perm: [1, 0] }), logits(b, b));
    return { loss: scaled(g, g.apply('Add', [first, second]), 0.5), metrics: {} };
  },
});
