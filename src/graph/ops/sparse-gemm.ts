import { multiplyDims, sameShape } from '../dims.ts';
import { defineOperator, expectShape, isAbsent, noAttributes } from '../define.ts';

/**
 * Gemm for rows that are mostly zeros, such as fingerprints: the same result for any x as long as w is finite, in time that grows with
 * what is not zero. In the literature a product of a sparse matrix (CSR) with a dense one, SpMM. It is a hint to the engine that
 * trains: what is exported is a plain Gemm.
 */
export const sparseGemm = defineOperator({
  id: 'SparseGemm',
  summary: 'x w^T + bias for x of which most is zero: what is zero is not multiplied.',
  inputs: [
    /** (N, F). Of more than one number in eight that is not zero, the dense product does the work. */
    { name: 'x' },
    /** (H, F), as a linear layer holds it. */
    { name: 'w' },
    /** (H) */
    { name: 'bias', optional: true },
  ],
  attributes: noAttributes,
  infer: ([x, w, bias]) => {
    expectShape(x!.shape.length === 2 && w!.shape.length === 2, 'two matrices');
    expectShape(x!.shape[1] === w!.shape[1], `inner sizes that agree rather than ${x!.shape[1]!} and ${w!.shape[1]!}`);
    const outputs = w!.shape[0]!;
    expectShape(bias === undefined || isAbsent(bias) || sameShape(bias.shape, [outputs]), `a bias of (${outputs})`);
    return [x!.shape[0]!, outputs];
  },
  lower: (context) => context.emit('Gemm', context.inputs, { alpha: { float: 1 }, beta: { float: 1 }, transA: 0, transB: 1 }),
  // Of the dense product, which is what a device computes and the most that it can be.
  macs: ([x], output) => multiplyDims([...output, x!.shape[1]!]),
});
