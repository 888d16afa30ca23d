import * as z from 'zod';
import { defineOperator, expectShape, noAttributes } from '../define.ts';
import type { OnnxContext, Tensor } from '../define.ts';

function expectSquare(x: Tensor): void {
  expectShape(x.shape.length === 2 && x.shape[0] === x.shape[1], 'a square matrix (N, N)');
}

/** True on the main diagonal. ONNX Runtime has EyeLike for numbers only. */
function diagonalMask(context: OnnxContext): string {
  return context.emit('Cast', [context.emit('EyeLike', context.inputs, {}, 'eye')], { to: 9 }, 'on-diagonal');
}

export const maskDiagonal = defineOperator({
  id: 'MaskDiagonal',
  summary: 'Sets the main diagonal of (N, N) to a value; no gradient there.',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ value: z.number() }),
  infer: ([x]) => {
    expectSquare(x!);
    return x!.shape;
  },
  lower: (context, { value }) => context.emit('Where', [diagonalMask(context), context.floats([value], []), context.inputs[0]!]),
});

export const diagonal = defineOperator({
  id: 'Diagonal',
  summary: 'The main diagonal of (N, N) as (N).',
  inputs: [{ name: 'x' }],
  attributes: noAttributes,
  infer: ([x]) => {
    expectSquare(x!);
    return [x!.shape[0]!];
  },
  lower: (context) => {
    const kept = context.emit('Where', [diagonalMask(context), context.inputs[0]!, context.floats([0], [])], {}, 'kept');
    return context.emit('ReduceSum', [kept, context.int64s([1])], { keepdims: 0 });
  },
});
