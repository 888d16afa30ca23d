import * as z from 'zod';
import { divideDims, multiplyDims } from '../dims.ts';
import type { Dim } from '../dims.ts';
import { defineOperator, expectShape, resolveAxis } from '../define.ts';

export const reshape = defineOperator({
  id: 'Reshape',
  summary: 'The same elements in another shape; 0 copies a size, -1 stands for the rest.',
  inputs: [{ name: 'x', dtype: 'any' }],
  outputDtype: 'input',
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

export const transpose = defineOperator({
  id: 'Transpose',
  summary: 'Axes in another order.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ perm: z.array(z.int().min(0)) }),
  infer: ([x], { perm }) => {
    const rank = x!.shape.length;
    expectShape(perm.length === rank && new Set(perm).size === rank && perm.every((axis) => axis < rank), `every axis once in (${perm.join(', ')})`);
    return perm.map((axis) => x!.shape[axis]!);
  },
  lower: (context, { perm }) => context.emit('Transpose', context.inputs, { perm }),
});

export const slice = defineOperator({
  id: 'Slice',
  summary: 'Elements start <= i < end along axes, step 1; negative positions count from the end.',
  inputs: [{ name: 'x', dtype: 'any' }],
  outputDtype: 'input',
  attributes: z.strictObject({ starts: z.array(z.int()), ends: z.array(z.int()), axes: z.array(z.int()) }),
  infer: ([x], { starts, ends, axes }) => {
    expectShape(starts.length === axes.length && ends.length === axes.length, 'as many starts and ends as axes');
    const shape = [...x!.shape];
    axes.forEach((given, i) => {
      const axis = resolveAxis(given, shape.length);
      const size = shape[axis]!;
      expectShape(typeof size === 'number', 'a sliced axis of fixed size');
      const position = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
      const length = position(ends[i]!) - position(starts[i]!);
      expectShape(length > 0, `a slice with elements rather than [${starts[i]}, ${ends[i]}) of ${size}`);
      shape[axis] = length;
    });
    return shape;
  },
  lower: (context, { starts, ends, axes }) =>
    context.emit('Slice', [context.inputs[0]!, context.int64s(starts), context.int64s(ends), context.int64s(axes)]),
});
