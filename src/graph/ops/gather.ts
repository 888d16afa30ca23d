import * as z from 'zod';
import { defineOperator, expectShape } from '../define.ts';

export const gather = defineOperator({
  id: 'Gather',
  summary: 'Rows of (V, D...) by index: indices of any shape, output indices.shape + (D...).',
  inputs: [{ name: 'data' }, { name: 'indices', dtype: 'i32' }],
  attributes: z.strictObject({ axis: z.literal(0).default(0) }),
  infer: ([data, indices]) => {
    expectShape(data!.shape.length >= 1, 'data of rank >= 1');
    return [...indices!.shape, ...data!.shape.slice(1)];
  },
  lower: (context, { axis }) => context.emit('Gather', context.inputs, { axis }),
});
