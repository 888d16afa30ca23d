import * as z from 'zod';
import { defineOperator, expectShape } from '../define.ts';

export const gatherElements = defineOperator({
  id: 'GatherElements',
  summary: 'One column of each row: x (V, K) by indices (V, 1), output (V, 1). Negative indices count from the end.',
  inputs: [{ name: 'x' }, { name: 'indices', dtype: 'i32' }],
  attributes: z.strictObject({ axis: z.literal(1).default(1) }),
  infer: ([x, indices]) => {
    expectShape(x!.shape.length === 2, 'data (V, K)');
    expectShape(indices!.shape.length === 2 && indices!.shape[0] === x!.shape[0] && indices!.shape[1] === 1, 'indices (V, 1)');
    return indices!.shape;
  },
  lower: (context, { axis }) => context.emit('GatherElements', context.inputs, { axis }),
});
