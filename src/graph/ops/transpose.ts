import * as z from 'zod';
import { defineOperator, expectShape } from '../define.ts';

export const transpose = defineOperator({
  id: 'Transpose',
  summary: 'Axes in another order.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ perm: z.array(z.int().min(0)) }),
  infer: ([x], { perm }) => {
    const rank = x!.shape.length;
    expectShape(perm.length === rank && new Set(perm).size === rank && perm.every((axis) => axis < rank), `every axis once in (${perm.join(', ')})`);
    return perm.map((axis) => x!.shape[axis]!);
  },
  lower: (context, { perm }) => context.emit('Transpose', context.inputs, { perm }),
});
