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
}).refine(({ height, width, patch }) => height % patch === 0 && width % patch === 0, { error: 'a patch that divides height and width' })
  .refine(({ embedding, heads }) => embedding % heads === 0, { error: 'heads that divide the embedding' });
type Config = z.output<typeof config>;

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
  references: ['Dosovitskiy et al. 2021, arXiv:2010.11929', 'Beyer et al. 2022, arXiv:2205.01580 (mean instead of a class token)'],
  config,
  inputs: ({ channels, height, width }) => [{ role: 'pixels', dtype: 'f32', shape: ['N', channels, height, width] }],
  build: (g, { pixels }, options) => {
    let x = tokens(g, pixels!, options);
    for (let i = 0; i < options.layers; i++) x = transformerBlock(g, `layers.${i}`, x, options);
    return g.apply('ReduceMean', [layerNorm(g, 'norm', x)], { axes: [1] });
  },
  outputWidth: ({ embedding }) => embedding,
  presets: {
    tiny: { height: 32, width: 48, channels: 1, patch: 8, embedding: 24, layers: 2, heads: 3, dropout: 0 },
    // ViT-S/16 over five channels.
    base: { height: 224, width: 224, channels: 5, patch: 16, embedding: 384, layers: 12, heads: 6, dropout: 0 },
  },
});
