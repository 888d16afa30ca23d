import * as z from 'zod';
import { defineOperator, expectShape } from '../define.ts';
import type { Tensor } from '../define.ts';

function expectVectors(tensors: readonly Tensor[], length: number | string): void {
  for (const tensor of tensors) {
    expectShape(tensor.shape.length === 1 && tensor.shape[0] === length, `parameters of shape (${length})`);
  }
}

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

export const l2Normalise = defineOperator({
  id: 'L2Normalise',
  summary: 'x / max(||x||, epsilon) over the last axis.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ axis: z.literal(-1).default(-1), epsilon: z.number().positive().default(1e-12) }),
  infer: ([x]) => {
    expectShape(x!.shape.length >= 1, 'an input of rank >= 1');
    return x!.shape;
  },
  lower: (context, { axis, epsilon }) => {
    const x = context.inputs[0]!;
    const norm = context.emit('ReduceL2', [x, context.int64s([axis])], { keepdims: 1 }, 'norm');
    const bounded = context.emit('Max', [norm, context.floats([epsilon], [])], {}, 'bounded');
    return context.emit('Div', [x, bounded]);
  },
});
