import * as z from 'zod';
import { multiplyDims } from '../dims.ts';
import { defineOperator, expectShape, isAbsent } from '../define.ts';
import { pads, pair, windowOutput } from './spatial.ts';

export const conv = defineOperator({
  id: 'Conv',
  summary: '2-D convolution of (N, C, H, W) with (K, C / group, R, S).',
  inputs: [{ name: 'x' }, { name: 'weight' }, { name: 'bias', optional: true }],
  attributes: z.strictObject({ strides: pair.default([1, 1]), pads: pads.default([0, 0, 0, 0]), group: z.int().positive().default(1) }),
  infer: ([x, weight, bias], { strides, pads: padding, group }) => {
    expectShape(x!.shape.length === 4 && weight!.shape.length === 4, 'an input (N, C, H, W) and a weight (K, C / group, R, S)');
    const [n, channels] = x!.shape;
    const [k, perGroup, r, s] = weight!.shape;
    expectShape(typeof k === 'number' && typeof perGroup === 'number' && typeof r === 'number' && typeof s === 'number', 'a weight of fixed sizes');
    expectShape(channels === perGroup * group, `${perGroup * group} input channels`);
    expectShape(k % group === 0, `a multiple of ${group} output channels`);
    if (bias !== undefined && !isAbsent(bias)) expectShape(bias.shape.length === 1 && bias.shape[0] === k, `a bias of (${k})`);
    return [n!, k, ...windowOutput(x!.shape, { kernel: [r, s], strides, pads: padding })];
  },
  lower: (context, { strides, pads: padding, group }) => context.emit('Conv', context.inputs, { strides, pads: padding, group }),
  macs: ([, weight], output) => multiplyDims([...output, ...weight!.shape.slice(1)]),
});
