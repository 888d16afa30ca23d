import * as z from 'zod';
import { defineOperator, expectShape } from '../define.ts';
import type { OnnxAttribute } from '../define.ts';
import { pads, pair, windowOutput } from './spatial.ts';

function pool<const Id extends string>(id: Id, summary: string, fixed: Readonly<Record<string, OnnxAttribute>>) {
  return defineOperator({
    id,
    summary,
    inputs: [{ name: 'x' }],
    attributes: z.strictObject({ kernelShape: pair, strides: pair.default([1, 1]), pads: pads.default([0, 0, 0, 0]) }),
    infer: ([x], { kernelShape, strides, pads: padding }) => {
      expectShape(x!.shape.length === 4, 'an input (N, C, H, W)');
      expectShape(padding[0] < kernelShape[0] && padding[2] < kernelShape[0] && padding[1] < kernelShape[1] && padding[3] < kernelShape[1],
        'padding smaller than the window');
      return [x!.shape[0]!, x!.shape[1]!, ...windowOutput(x!.shape, { kernel: kernelShape, strides, pads: padding })];
    },
    lower: (context, { kernelShape, strides, pads: padding }) =>
      context.emit(id, context.inputs, { kernel_shape: kernelShape, strides, pads: padding, ...fixed }),
  });
}

export const maxPool = pool('MaxPool', 'Maximum over windows.', {});
export const averagePool = pool('AveragePool', 'Mean over windows, padding not counted.', { count_include_pad: 0 });
