import { broadcastShapes, multiplyDims } from '../dims.ts';
import { defineOperator, expectShape, noAttributes } from '../define.ts';

export const matMul = defineOperator({
  id: 'MatMul',
  summary: 'Matrix product (..., M, K) x (..., K, N), batch sizes broadcast.',
  inputs: [{ name: 'a' }, { name: 'b' }],
  attributes: noAttributes,
  infer: ([a, b]) => {
    const left = a!.shape;
    const right = b!.shape;
    expectShape(left.length >= 2 && right.length >= 2, 'two inputs of rank >= 2');
    expectShape(left.at(-1) === right.at(-2), 'the last size of "a" to equal the last but one of "b"');
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    expectShape(batch, 'batch sizes that broadcast');
    return [...batch, left.at(-2)!, right.at(-1)!];
  },
  lower: (context) => context.emit('MatMul', context.inputs),
  macs: ([a], output) => multiplyDims([...output, a!.shape.at(-1)!]),
});
