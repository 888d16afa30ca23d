import * as z from 'zod';
import { defineOperator } from '../define.ts';

export const gelu = defineOperator({
  id: 'Gelu',
  summary: 'x * Phi(x), exact or by tanh.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ approximate: z.enum(['none', 'tanh']).default('none') }),
  infer: ([x]) => x!.shape,
  lower: (context, { approximate }) => context.emit('Gelu', context.inputs, { approximate }),
});
