import * as z from 'zod';
import { defineOperator } from '../define.ts';

export const dropout = defineOperator({
  id: 'Dropout',
  summary: 'Zeroes elements with probability `rate` while training and scales the rest; nothing at evaluation.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ rate: z.number().min(0).lt(1) }),
  infer: ([x]) => x!.shape,
  keepsZeros: true,
  lower: (context) => context.inputs[0]!,
});
