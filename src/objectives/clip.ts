import * as z from 'zod';
import { defineObjective } from './define.ts';

const LOGIT_SCALE = 'logitScale';

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
  build: (g, { a, b }, { temperature, labelSmoothing }) => {
    // Kept as a logarithm, so that a step multiplies the scale.
    const logScale = g.parameter(LOGIT_SCALE, [], { kind: 'constant', value: -Math.log(temperature) }, { decay: false });
    const scale = g.apply('Exp', [logScale]);
    const loss = g.apply('ContrastiveLoss', [a, b, scale], { form: 'symmetric', smoothing: labelSmoothing });
    return { loss, metrics: { logitScale: scale } };
  },
  clamps: ({ maximumScale }) => [{ parameter: LOGIT_SCALE, min: 0, max: Math.log(maximumScale) }],
});
