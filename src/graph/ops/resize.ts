import * as z from 'zod';
import { multiplyDims } from '../dims.ts';
import { defineOperator, expectShape } from '../define.ts';

export const resize = defineOperator({
  id: 'Resize',
  summary: 'Every pixel of (N, C, H, W) repeated `scale` times down and across (nearest neighbour).',
  inputs: [{ name: 'x' }],
  attributes: z.strictObject({ scale: z.int().min(1).max(16) }),
  infer: ([x], { scale }) => {
    expectShape(x!.shape.length === 4, 'an input (N, C, H, W)');
    const [n, channels, height, width] = x!.shape;
    return [n!, channels!, multiplyDims([height!, scale]), multiplyDims([width!, scale])];
  },
  lower: (context, { scale }) => context.emit('Resize', [context.inputs[0]!, '', context.floats([1, 1, scale, scale])], {
    mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor',
  }),
});
