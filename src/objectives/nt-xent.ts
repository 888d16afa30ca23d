import * as z from 'zod';
import { defineObjective } from './define.ts';

export const ntXent = defineObjective({
  id: 'nt-xent',
  summary: 'NT-Xent over 2N views: negatives come from both sides, a view is never its own negative.',
  references: ['Chen et al. 2020, arXiv:2002.05709 (SimCLR)', 'Wang et al. 2022, doi:10.1038/s42256-022-00447-x (MolCLR)'],
  config: z.strictObject({
    temperature: z.number().positive().default(0.1),
    /**
     * Leave the other view of the item out of the denominator (decoupled contrastive learning: Yeh et al. 2022, arXiv:2110.06848), so that
     * an easy pair no longer quiets its negatives: for small batches, of 2 pairs or more.
     */
    decoupled: z.boolean().default(false),
  }),
  build: (g, { a, b }, { temperature, decoupled }) => ({
    loss: g.apply('ContrastiveLoss', [a, b, g.constant(1 / temperature)], { form: 'views', excludePositive: decoupled ? 1 : 0 }),
    metrics: {},
  }),
});
