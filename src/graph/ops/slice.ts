import * as z from 'zod';
import { defineOperator, expectShape, resolveAxis } from '../define.ts';

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
