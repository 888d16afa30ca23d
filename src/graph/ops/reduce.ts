import * as z from 'zod';
import { defineOperator, expectShape, resolveAxis } from '../define.ts';
import type { Dim } from '../dims.ts';

const attributes = z.strictObject({
  /** Empty: all axes. */
  axes: z.array(z.int()).default([]),
  keepdims: z.union([z.literal(0), z.literal(1)]).default(0),
});

function reduction<const Id extends string>(id: Id, summary: string) {
  return defineOperator({
    id,
    summary,
    inputs: [{ name: 'x' }],
    attributes,
    infer: ([x], { axes, keepdims }) => {
      const rank = x!.shape.length;
      const reduced = new Set(axes.length === 0 ? x!.shape.map((_, i) => i) : axes.map((axis) => resolveAxis(axis, rank)));
      expectShape(axes.length === 0 || reduced.size === axes.length, 'axes that are all different');
      return x!.shape.flatMap((dim, i): Dim[] => (reduced.has(i) ? (keepdims === 1 ? [1] : []) : [dim]));
    },
    lower: (context, { axes, keepdims }) => {
      const inputs = axes.length === 0 ? context.inputs : [context.inputs[0]!, context.int64s(axes)];
      return context.emit(id, inputs, { keepdims });
    },
  });
}

export const reduceSum = reduction('ReduceSum', 'Sum over axes.');
export const reduceMean = reduction('ReduceMean', 'Mean over axes.');
export const reduceMax = reduction('ReduceMax', 'Maximum over axes.');
// ONNX Runtime subtracts the maximum before it exponentiates, as the native kernel does.
export const reduceLogSumExp = reduction('ReduceLogSumExp', 'log(sum(e^x)) over axes, without overflow.');
