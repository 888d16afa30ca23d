import * as z from 'zod';
import { divideDims, multiplyDims } from '../dims.ts';
import type { Dim } from '../dims.ts';
import { defineOperator, expectShape } from '../define.ts';

export const reshape = defineOperator({
  id: 'Reshape',
  summary: 'The same elements in another shape; 0 copies a size, -1 stands for the rest.',
  inputs: [{ name: 'x', dtype: 'any' }],
  outputDtype: 'input',
  isView: true,
  attributes: z.strictObject({ shape: z.array(z.int().min(-1)) }),
  infer: ([x], { shape }) => {
    const total = multiplyDims(x!.shape);
    const target = shape.map((size, i): Dim => {
      if (size !== 0) return size;
      const copied = x!.shape[i];
      expectShape(copied, `a size to copy at position ${i}`);
      return copied;
    });
    const open = target.indexOf(-1);
    expectShape(target.lastIndexOf(-1) === open, 'at most one -1');
    if (open >= 0) {
      const rest = divideDims(total, multiplyDims(target.filter((size) => size !== -1)));
      expectShape(rest, `a number of elements that the sizes of (${shape.join(', ')}) divide`);
      target[open] = rest;
    }
    expectShape(multiplyDims(target) === total, `as many elements as (${shape.join(', ')}) has`);
    return target;
  },
  lower: (context, { shape }) => context.emit('Reshape', [context.inputs[0]!, context.int64s(shape)]),
});
