import * as z from 'zod';
import { defineObjective } from './define.ts';
import { learnedScale } from './parts.ts';

const config = z.strictObject({
  /** Start of the learned temperature. */
  temperature: z.number().positive().default(0.07),
  /** Upper bound of the logit scale, 1 / temperature. */
  maximumScale: z.number().min(1).default(100),
  labelSmoothing: z.number().min(0).lt(1).default(0),
});

export const clip = defineObjective({
  id: 'clip',
  summary: 'Symmetric InfoNCE over the batch with a learned temperature.',
  references: ['Radford et al. 2021, arXiv:2103.00020'],
  config,
  build: (g, { a, b }, { temperature, maximumScale, labelSmoothing }) => {
    const scale = learnedScale(g, temperature, maximumScale);
    const loss = g.apply('ContrastiveLoss', [a, b, scale], { form: 'symmetric', smoothing: labelSmoothing });
    return { loss, metrics: { logitScale: scale } };
  },
});
