import * as z from 'zod';
import { multiplyDims, sameShape } from '../dims.ts';
import { defineOperator, expectShape, isAbsent } from '../define.ts';

const flag = z.union([z.literal(0), z.literal(1)]).default(0);

export const gemm = defineOperator({
  id: 'Gemm',
  summary: 'alpha * op(A) * op(B) + beta * C for matrices; C is one value for each column.',
  inputs: [{ name: 'a' }, { name: 'b' }, { name: 'c', optional: true }],
  attributes: z.strictObject({ alpha: z.number().default(1), beta: z.number().default(1), transA: flag, transB: flag }),
  infer: ([a, b, c], { transA, transB }) => {
    expectShape(a!.shape.length === 2 && b!.shape.length === 2, 'two matrices');
    const [m, k] = transA === 1 ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
    const [rows, n] = transB === 1 ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
    expectShape(k === rows, `inner sizes that agree rather than ${k} and ${rows}`);
    const output = [m, n];
    if (c !== undefined && !isAbsent(c)) {
      expectShape(sameShape(c.shape, [n]) || sameShape(c.shape, [1, n]), `a bias of (${n})`);
    }
    return output;
  },
  lower: (context, { alpha, beta, transA, transB }) =>
    context.emit('Gemm', context.inputs, { alpha: { float: alpha }, beta: { float: beta }, transA, transB }),
  macs: ([a], output, { transA }) => multiplyDims([...output, a!.shape[transA === 1 ? 0 : 1]!]),
});
