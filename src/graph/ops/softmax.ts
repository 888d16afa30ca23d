import * as z from 'zod';
import { defineOperator, resolveAxis } from '../define.ts';

function alongAxis<const Id extends string>(id: Id, summary: string) {
  return defineOperator({
    id,
    summary,
    inputs: [{ name: 'x' }],
    attributes: z.strictObject({ axis: z.int().default(-1) }),
    infer: ([x], { axis }) => {
      resolveAxis(axis, x!.shape.length);
      return x!.shape;
    },
    lower: (context, { axis }) => context.emit(id, context.inputs, { axis }),
  });
}

export const softmax = alongAxis('Softmax', 'Softmax along one axis.');
export const logSoftmax = alongAxis('LogSoftmax', 'Logarithm of softmax along one axis, without overflow.');
