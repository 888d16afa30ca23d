import * as z from 'zod';
import { embedding as tokenEmbedding, layerNorm, transformerBlock } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineEncoder } from './define.ts';

const config = z.strictObject({
  /** Ids of tokens are below it. */
  vocabulary: z.int().positive(),
  /** Tokens of every row, padding included. */
  length: z.int().positive(),
  embedding: z.int().positive(),
  layers: z.int().positive(),
  heads: z.int().positive(),
  dropout: z.number().min(0).lt(1),
}).refine(({ embedding, heads }) => embedding % heads === 0, { error: 'heads that divide the embedding' });
type Config = z.output<typeof config>;

/** What a score of padding is lowered by: its share of attention is exactly 0, also in bf16. */
const HIDDEN = 1e4;

/** Vectors of tokens and of their places: (N, T) to (N, T, D). */
function embedded(g: GraphBuilder, tokens: Value, { vocabulary, length, embedding, dropout }: Config): Value {
  const positions = g.parameter('positions', [length, embedding], { kind: 'normal', std: 0.02 }, { decay: false });
  const sum = g.apply('Add', [tokenEmbedding(g, 'tokens', tokens, vocabulary, embedding), positions]);
  return dropout > 0 ? g.apply('Dropout', [sum], { rate: dropout }) : sum;
}

/** Mean over the tokens whose mask is 1: (N, T, D) to (N, D). */
function maskedMean(g: GraphBuilder, x: Value, mask: Value, length: number): Value {
  const shown = g.apply('Mul', [x, g.apply('Reshape', [mask], { shape: [-1, length, 1] })]);
  const count = g.apply('Clip', [g.apply('ReduceSum', [mask], { axes: [1], keepdims: 1 })], { min: 1, max: length });
  return g.apply('Div', [g.apply('ReduceSum', [shown], { axes: [1] }), count]);
}

export const transformer = defineEncoder({
  id: 'transformer',
  summary: 'Transformer over a sequence of tokens; the mean of those that are no padding is the feature vector.',
  references: ['Vaswani et al. 2017, arXiv:1706.03762', 'Xiong et al. 2020, arXiv:2002.04745 (normalised before each part)'],
  config,
  inputs: ({ length }) => [
    { role: 'tokens', dtype: 'i32', shape: ['N', length] },
    // 1 for a token, 0 for padding.
    { role: 'mask', dtype: 'f32', shape: ['N', length] },
  ],
  build: (g, { tokens, mask }, options) => {
    const { length, layers, heads, dropout } = options;
    const hidden = g.apply('Mul', [g.apply('Sub', [mask!, g.constant(1)]), g.constant(HIDDEN)]);
    const bias = g.apply('Reshape', [hidden], { shape: [-1, 1, 1, length] });
    let x = embedded(g, tokens!, options);
    for (let i = 0; i < layers; i++) x = transformerBlock(g, `layers.${i}`, x, { heads, dropout, bias });
    return maskedMean(g, layerNorm(g, 'norm', x), mask!, length);
  },
  outputWidth: ({ embedding }) => embedding,
  presets: {
    tiny: { vocabulary: 256, length: 24, embedding: 24, layers: 2, heads: 3, dropout: 0 },
    base: { vocabulary: 256, length: 128, embedding: 256, layers: 6, heads: 8, dropout: 0.1 },
  },
});
