import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { EXCLUDED, mean, scaled, similarities } from './parts.ts';

interface Blocks {
  /** Logits to the other side and within this one, (N, N) each. */
  readonly cross: Value;
  readonly within: Value;
  /** 1 where labels are equal; the same without the diagonal. */
  readonly same: Value;
  readonly sameOthers: Value;
}

/** mean_i of -1/|P(i)| sum over the positives p of (logit_ip - log sum over all other views): half of the loss. */
function side(g: GraphBuilder, { cross, within, same, sameOthers }: Blocks): Value {
  const rowSum = (x: Value): Value => g.apply('ReduceSum', [x], { axes: [1] });
  const others = g.apply('MaskDiagonal', [within], { value: EXCLUDED });
  const all = g.apply('ReduceLogSumExp', [g.apply('Concat', [cross, others], { axis: 1 })], { axes: [1] });
  // Of the positives' own logits, those within the side must not meet EXCLUDED: 0 * -1e30 would swamp the sum.
  const positives = g.apply('Add', [g.apply('Mul', [same, cross]), g.apply('Mul', [sameOthers, within])]);
  const count = rowSum(g.apply('Add', [same, sameOthers]));
  return mean(g, g.apply('Sub', [all, g.apply('Div', [rowSum(positives), count])]));
}

export const supCon = defineObjective({
  id: 'sup-con',
  summary: 'Supervised contrastive loss over 2N views: every view of an equal label is a positive.',
  references: ['Khosla et al. 2020, arXiv:2004.11362'],
  config: z.strictObject({ temperature: z.number().positive().default(0.1) }),
  needsLabel: true,
  build: (g, { a, b, label }, { temperature }) => {
    if (label === undefined) throw new IsoLensError('GRAPH_INVALID', 'Objective sup-con: expected a label input but received none.');
    const logits = (x: Value, y: Value): Value => scaled(g, similarities(g, x, y), 1 / temperature);
    const same = g.apply('SameLabel', [label]);
    const masks = { same, sameOthers: g.apply('MaskDiagonal', [same], { value: 0 }) };
    const cross = logits(a, b);
    const first = side(g.scope('a'), { ...masks, cross, within: logits(a, a) });
    const second = side(g.scope('b'), { ...masks, cross: g.apply('Transpose', [cross], { perm: [1, 0] }), within: logits(b, b) });
    return { loss: scaled(g, g.apply('Add', [first, second]), 0.5), metrics: {} };
  },
});
