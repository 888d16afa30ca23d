import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import type { Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { mean, scaled, similarities } from './parts.ts';

export const crossEntropy = defineObjective({
  id: 'cross-entropy',
  summary: 'Each view is told from its cosines with learned class vectors which class it is of: the supervised loss beside contrast.',
  references: ['Sariyildiz et al. 2023, arXiv:2206.15369 (t-ReX: cosine classifier over multi-crop)', 'Khosla et al. 2020, arXiv:2004.11362 (its baseline)'],
  needsLabel: true,
  takesSeveral: true,
  config: z.strictObject({
    /** Labels are whole numbers from 0 to `classes` - 1. */
    classes: z.int().min(2),
    temperature: z.number().positive().default(0.1),
  }),
  build: (g, { a, b, further = [], label }, { classes, temperature }) => {
    if (label === undefined) throw new IsoLensError('GRAPH_INVALID', 'Objective cross-entropy: expected a label input but received none.');
    const vectors = g.parameter('classes', [classes, Number(a.shape[1])], { kind: 'unitRows' }, { decay: false });
    g.rule({ rule: 'unitRows', parameter: vectors });
    const own = g.apply('Reshape', [label], { shape: [-1, 1] });
    const errors = [a, b, ...further].map((view): Value => {
      const logs = g.apply('LogSoftmax', [scaled(g, similarities(g, view, vectors), 1 / temperature)], { axis: 1 });
      return g.apply('Neg', [mean(g, g.apply('GatherElements', [logs, own]))]);
    });
    return { loss: scaled(g, errors.reduce((sum, error) => g.apply('Add', [sum, error])), 1 / errors.length), metrics: {} };
  },
});
