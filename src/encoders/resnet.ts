import * as z from 'zod';
import { convBlock, fixedSize } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineEncoder } from './define.ts';

const config = z.strictObject({
  height: z.int().positive(),
  width: z.int().positive(),
  channels: z.int().positive(),
  stem: z.strictObject({ kernel: z.int().positive(), stride: z.int().positive(), width: z.int().positive() }),
  /** Channels of each stage; every stage but the first halves height and width. */
  widths: z.array(z.int().positive()).min(1),
  /** Residual blocks of each stage. */
  depths: z.array(z.int().positive()).min(1),
  block: z.literal('basic'),
  /** How the last feature map becomes one vector: the mean, or the mean beside the maximum. */
  pool: z.enum(['average', 'average-max']),
}).refine(({ widths, depths }) => widths.length === depths.length, { error: 'as many widths as depths' });
type Config = z.output<typeof config>;

/** Two 3x3 convolutions beside a shortcut (He et al. 2016); the second starts at zero, so the block starts as its shortcut. */
function basicBlock(g: GraphBuilder, name: string, x: Value, width: number, stride: number): Value {
  const scope = g.scope(name);
  const inner = convBlock(scope, '1', x, width, { kernel: 3, stride });
  const branch = convBlock(scope, '2', inner, width, { kernel: 3, activation: false, zeroScale: true });
  const same = stride === 1 && fixedSize(x, 1) === width;
  const shortcut = same ? x : convBlock(scope, 'shortcut', x, width, { kernel: 1, stride, activation: false });
  return scope.apply('Relu', [scope.apply('Add', [branch, shortcut])], {}, 'out');
}

function pooled(g: GraphBuilder, x: Value, pool: Config['pool']): Value {
  const mean = g.apply('Reshape', [g.apply('GlobalAveragePool', [x])], { shape: [0, fixedSize(x, 1)] });
  if (pool === 'average') return mean;
  return g.apply('Concat', [mean, g.apply('ReduceMax', [x], { axes: [2, 3] })], { axis: 1 });
}

export const resnet = defineEncoder({
  id: 'resnet',
  summary: 'Residual CNN; the stem takes any number of channels.',
  references: ['He et al. 2016, arXiv:1512.03385', 'Goyal et al. 2017, arXiv:1706.02677 (zero scale of the last normalisation)'],
  config,
  inputs: ({ channels, height, width }) => [{ role: 'pixels', dtype: 'f32', shape: ['N', channels, height, width] }],
  build: (g, { pixels }, { stem, widths, depths, pool }) => {
    let x = convBlock(g, 'stem', pixels!, stem.width, { kernel: stem.kernel, stride: stem.stride });
    widths.forEach((width, stage) => {
      for (let block = 0; block < depths[stage]!; block++) {
        x = basicBlock(g, `stages.${stage}.${block}`, x, width, block === 0 && stage > 0 ? 2 : 1);
      }
    });
    return pooled(g, x, pool);
  },
  outputWidth: ({ widths, pool }) => widths.at(-1)! * (pool === 'average-max' ? 2 : 1),
  presets: {
    tiny: {
      height: 32, width: 48, channels: 1, stem: { kernel: 3, stride: 2, width: 8 }, widths: [8, 16], depths: [1, 1], block: 'basic', pool: 'average',
    },
    // Drawn structures on a CPU: a stem of stride 4 leaves 32 x 48 positions.
    drawing: {
      height: 128, width: 192, channels: 1, stem: { kernel: 7, stride: 4, width: 32 }, widths: [32, 64, 128, 256], depths: [2, 2, 2, 2], block: 'basic', pool: 'average-max',
    },
    // One site of cells on a CPU: a stem of stride 4 leaves 32 x 32 positions.
    cells: {
      height: 128, width: 128, channels: 5, stem: { kernel: 7, stride: 4, width: 32 }, widths: [32, 64, 128], depths: [1, 1, 1], block: 'basic', pool: 'average',
    },
    // ResNet-18 with five channels, as for Cell Painting.
    base: {
      height: 224, width: 224, channels: 5, stem: { kernel: 7, stride: 4, width: 64 }, widths: [64, 128, 256, 512], depths: [2, 2, 2, 2], block: 'basic', pool: 'average',
    },
  },
});
