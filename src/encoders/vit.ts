import * as z from 'zod';
import { fixedSize, layerNorm, plainInit, transformerBlock } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineEncoder } from './define.ts';

const config = z.strictObject({
  height: z.int().positive(),
  width: z.int().positive(),
  channels: z.int().positive(),
  /** Side of a square patch; divides height and width. */
  patch: z.int().positive(),
  embedding: z.int().positive(),
  layers: z.int().positive(),
  heads: z.int().positive(),
  dropout: z.number().min(0).lt(1),
  /** Share of the patches that training hides from it; the served encoder sees all. */
  hidden: z.number().min(0).lt(1).default(0),
}).refine(({ height, width, patch }) => height % patch === 0 && width % patch === 0, { error: 'a patch that divides height and width' })
  .refine(({ embedding, heads }) => embedding % heads === 0, { error: 'heads that divide the embedding' });
type Config = z.output<typeof config>;

/** Patches of a picture, and how many of them are seen: T and K. */
function patchCounts({ height, width, patch, hidden }: Config): { all: number; seen: number } {
  const all = (height / patch) * (width / patch);
  return { all, seen: all - Math.round(hidden * all) };
}

/** Patches as a sequence with learned positions: (N, C, H, W) to (N, T, D). */
function tokens(g: GraphBuilder, pixels: Value, { patch, embedding, channels }: Config): Value {
  const fanIn = channels * patch * patch;
  const weight = g.parameter('patch.weight', [embedding, channels, patch, patch], plainInit(fanIn));
  const bias = g.parameter('patch.bias', [embedding], { kind: 'zeros' });
  const map = g.apply('Conv', [pixels, weight, bias], { strides: [patch, patch] }, 'patches');
  const length = fixedSize(map, 2) * fixedSize(map, 3);
  const sequence = g.apply('Transpose', [g.apply('Reshape', [map], { shape: [0, embedding, length] })], { perm: [0, 2, 1] });
  const positions = g.parameter('positions', [length, embedding], { kind: 'normal', std: 0.02 }, { decay: false });
  return g.apply('Add', [sequence, positions]);
}

export const vit = defineEncoder({
  id: 'vit',
  summary: 'Vision transformer; the mean of its patches is the feature vector.',
  references: ['Dosovitskiy et al. 2021, arXiv:2010.11929', 'Beyer et al. 2022, arXiv:2205.01580 (mean instead of a class token)', 'He et al. 2022, arXiv:2111.06377 (hidden patches)'],
  config,
  inputs: (options) => {
    const { channels, height, width, hidden } = options;
    const { all, seen } = patchCounts(options);
    return [
      { role: 'pixels', dtype: 'f32', shape: ['N', channels, height, width] },
      // Row k is 1 at the k-th patch that is seen.
      ...(hidden === 0 ? [] : [{ role: 'visible', dtype: 'f32' as const, shape: ['N', seen, all] }]),
    ];
  },
  build: (g, { pixels, visible }, options) => {
    let x = tokens(g, pixels!, options);
    if (visible !== undefined) x = g.apply('Reshape', [g.apply('MatMul', [visible, x])], { shape: [-1, patchCounts(options).seen, options.embedding] });
    for (let i = 0; i < options.layers; i++) x = transformerBlock(g, `layers.${i}`, x, options);
    const normalised = layerNorm(g, 'norm', x);
    return { tokens: normalised, features: g.apply('ReduceMean', [normalised], { axes: [1] }) };
  },
  outputWidth: ({ embedding }) => embedding,
  feedOptions: ({ patch, hidden }): Readonly<Record<string, unknown>> => (hidden === 0 ? {} : { patch, hide: hidden }),
  whole: (options) => ({ ...options, hidden: 0 }),
  presets: {
    tiny: { height: 32, width: 48, channels: 1, patch: 8, embedding: 24, layers: 2, heads: 3, dropout: 0, hidden: 0 },
    // ViT-S/16 over five channels.
    base: { height: 224, width: 224, channels: 5, patch: 16, embedding: 384, layers: 12, heads: 6, dropout: 0, hidden: 0 },
    // One site of cells on a CPU: 64 patches.
    cells: { height: 128, width: 128, channels: 5, patch: 16, embedding: 192, layers: 4, heads: 3, dropout: 0, hidden: 0 },
  },
});
