import * as z from 'zod';
import { defineOperator, expectShape, expectVectors } from '../define.ts';

export const layerNormalization = defineOperator({
  id: 'LayerNormalization',
  summary: 'Normalisation over the last axis.',
  inputs: [{ name: 'x' }, { name: 'scale' }, { name: 'bias' }],
  attributes: z.strictObject({ axis: z.literal(-1).default(-1), epsilon: z.number().positive().default(1e-5) }),
  infer: ([x, ...parameters]) => {
    expectShape(x!.shape.length >= 1, 'an input of rank >= 1');
    expectVectors(parameters, x!.shape.at(-1)!);
    return x!.shape;
  },
  lower: (context, { axis, epsilon }) => context.emit('LayerNormalization', context.inputs, { axis, epsilon: { float: epsilon } }),
});
