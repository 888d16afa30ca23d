import * as z from 'zod';
import { defineObjective } from './define.ts';

export const moco = defineObjective({
  id: 'moco',
  summary: 'InfoNCE against a queue: keys of former batches, by a slowly following encoder, are negatives beside those of the batch.',
  references: ['He et al. 2020, arXiv:1911.05722 (MoCo)', 'Chen et al. 2020, arXiv:2003.04297 (MoCo v2)'],
  config: z.strictObject({
    /** .07 in the first version, .2 in the second. */
    temperature: z.number().positive().default(0.07),
    /** Keys that are kept: a whole number of batches. */
    queue: z.int().positive().default(65_536),
  }),
  build: (g, { a, b }, { temperature, queue: size }) => {
    const keys = g.named('keys', b);
    const queue = g.parameter('queue', [size, Number(b.shape[1])], { kind: 'unitRows' }, { trainable: false });
    // The published loss leaves the other keys of the batch to the next steps; here they are negatives at once, as in SimCLR.
    const loss = g.apply('ContrastiveLoss', [a, keys, g.constant(1 / temperature), null, null, queue]);
    g.rule({ rule: 'enqueue', parameter: queue, from: keys });
    return { loss, metrics: {} };
  },
});
