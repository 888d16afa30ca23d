import * as z from 'zod';
import { defineOperator, expectShape } from '../define.ts';

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
