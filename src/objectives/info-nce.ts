import * as z from 'zod';
import { defineObjective } from './define.ts';

export const infoNce = defineObjective({
  id: 'info-nce',
  summary: 'InfoNCE from the first side to the second with a fixed temperature.',
  references: ['van den Oord et al. 2018, arXiv:1807.03748'],
  config: z.strictObject({ temperature: z.number().positive().default(0.1) }),
  build: (g, { a, b }, { temperature }) => ({ loss: g.apply('ContrastiveLoss', [a, b, g.constant(1 / temperature)]), metrics: {} }),
});
