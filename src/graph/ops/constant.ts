import * as z from 'zod';
import { defineOperator } from '../define.ts';
import { elementCount } from '../dims.ts';

export const constant = defineOperator({
  id: 'Constant',
  summary: 'A tensor of one repeated value.',
  inputs: [],
  attributes: z.strictObject({ value: z.number(), shape: z.array(z.int().min(0)).default([]) }),
  infer: (_inputs, { shape }) => shape,
  lower: (context, { value, shape }) =>
    context.floats(Array.from({ length: elementCount(shape) }, () => value), shape),
});
