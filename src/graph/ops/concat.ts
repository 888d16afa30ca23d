import * as z from 'zod';
import { addDims } from '../dims.ts';
import type { Dim } from '../dims.ts';
import { defineOperator, expectShape, resolveAxis } from '../define.ts';

export const concat = defineOperator({
  id: 'Concat',
  summary: 'Tensors one after another along an axis.',
  inputs: [{ name: 'x', variadic: true }],
  attributes: z.strictObject({ axis: z.int() }),
  infer: (inputs, { axis: given }) => {
    const shape = [...inputs[0]!.shape];
    const axis = resolveAxis(given, shape.length);
    for (const { shape: other } of inputs.slice(1)) {
      expectShape(other.length === shape.length && other.every((dim, i) => i === axis || dim === shape[i]), `equal sizes on all axes but ${axis}`);
      const sum: Dim | undefined = addDims(shape[axis]!, other[axis]!);
      expectShape(sum, `sizes on axis ${axis} whose sum can be written`);
      shape[axis] = sum;
    }
    return shape;
  },
  lower: (context, { axis }) => context.emit('Concat', context.inputs, { axis }),
});
