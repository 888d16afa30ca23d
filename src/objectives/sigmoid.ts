import * as z from 'zod';
import { defineObjective } from './define.ts';
import { learnedScale } from './parts.ts';

const config = z.strictObject({
  /** Start of the learned temperature. */
  temperature: z.number().positive().default(0.1),
  /** Start of the learned bias: at first nearly every pair is a negative. */
  bias: z.number().default(-10),
  /** Upper bound of the logit scale, 1 / temperature. */
  maximumScale: z.number().min(1).default(1000),
});

export const sigmoid = defineObjective({
  id: 'sigmoid',
  summary: 'Sigmoid loss: every pair of the batch is a yes-or-no question, with a learned temperature and bias.',
  references: ['Zhai et al. 2023, arXiv:2303.15343 (SigLIP)'],
  config,
  build: (g, { a, b }, { temperature, maximumScale, bias }) => {
    const scale = learnedScale(g, temperature, maximumScale);
    const shift = g.parameter('logitBias', [], { kind: 'constant', value: bias }, { decay: false });
    return { loss: g.apply('ContrastiveLoss', [a, b, scale, shift], { form: 'pairwise' }), metrics: { logitScale: scale } };
  },
});
