import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { defineObjective } from './define.ts';

export const supCon = defineObjective({
  id: 'sup-con',
  summary: 'Supervised contrastive loss: every view of an equal label is a positive.',
  references: ['Khosla et al. 2020, arXiv:2004.11362'],
  config: z.strictObject({
    temperature: z.number().positive().default(0.1),
    /** `views`: all 2N views are compared, as published; `symmetric`: those of one side with those of the other, for sides that are no views of one kind. */
    form: z.enum(['views', 'symmetric']).default('views'),
  }),
  needsLabel: true,
  build: (g, { a, b, label }, { temperature, form }) => {
    if (label === undefined) throw new IsoLensError('GRAPH_INVALID', 'Objective sup-con: expected a label input but received none.');
    return { loss: g.apply('ContrastiveLoss', [a, b, g.constant(1 / temperature), null, label], { form }), metrics: {} };
  },
});
