import * as z from 'zod';
import { defineOperator } from '../define.ts';

export const clip = defineOperator({
  id: 'Clip',
  summary: 'x limited to [min, max]; no gradient outside.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ min: z.number(), max: z.number() }),
  infer: ([x]) => x!.shape,
  lower: (context, { min, max }) => context.emit('Clip', [context.inputs[0]!, context.floats([min], []), context.floats([max], [])]),
});
