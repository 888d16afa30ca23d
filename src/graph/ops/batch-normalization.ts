import * as z from 'zod';
import { defineOperator, expectShape, expectVectors } from '../define.ts';

export const batchNormalization = defineOperator({
  id: 'BatchNormalization',
  summary: 'Per-channel normalisation of (N, C) or (N, C, H, W): batch statistics while training, running ones at evaluation.',
  inputs: [{ name: 'x' }, { name: 'scale' }, { name: 'bias' }, { name: 'mean' }, { name: 'var' }],
  attributes: z.strictObject({ epsilon: z.number().positive().default(1e-5), momentum: z.number().min(0).max(1).default(0.9) }),
  infer: ([x, ...parameters]) => {
    expectShape(x!.shape.length === 2 || x!.shape.length === 4, 'an input (N, C) or (N, C, H, W)');
    expectVectors(parameters, x!.shape[1]!);
    return x!.shape;
  },
  lower: (context, { epsilon }) => context.emit('BatchNormalization', context.inputs, { epsilon: { float: epsilon } }),
});
