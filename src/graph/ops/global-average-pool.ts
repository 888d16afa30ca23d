import { defineOperator, expectShape, noAttributes } from '../define.ts';

export const globalAveragePool = defineOperator({
  id: 'GlobalAveragePool',
  summary: 'Mean over all positions: (N, C, H, W) to (N, C, 1, 1).',
  inputs: [{ name: 'x' }],
  attributes: noAttributes,
  infer: ([x]) => {
    expectShape(x!.shape.length === 4, 'an input (N, C, H, W)');
    return [x!.shape[0]!, x!.shape[1]!, 1, 1];
  },
  lower: (context) => context.emit('GlobalAveragePool', context.inputs),
});
