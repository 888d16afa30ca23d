import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { fixedSize, layerNorm, linear, plainInit, transformerBlock } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineAuxiliary } from './define.ts';
import { scaled } from './parts.ts';

export const reconstruction = defineAuxiliary({
  id: 'reconstruction',
  summary: 'From the patches that an encoder has seen, a small transformer predicts the pixels of those that were hidden: their mean squared error.',
  needsTarget: false,
  config: z.strictObject({
    /** Width, blocks and heads of the decoder. */
    width: z.int().positive().default(96),
    layers: z.int().min(1).max(12).default(2),
    heads: z.int().positive().default(3),
  }),
  build: (g, { tokens, inputs: { pixels, visible } }, { width, layers, heads }) => {
    if (tokens === undefined || pixels === undefined || visible === undefined) {
      throw new IsoLensError('ARGUMENT_INVALID', 'Auxiliary head reconstruction: expected a tower whose encoder hides patches but received one that sees everything. Give its encoder "hidden" above 0.');
    }
    const all = fixedSize(visible, 2);
    const seen = fixedSize(visible, 1);
    // (N, T, K): puts what was seen back in its place.
    const places = g.apply('Transpose', [visible], { perm: [0, 2, 1] });
    const isSeen = g.apply('ReduceSum', [places], { axes: [2], keepdims: 1 });
    const isHidden = g.apply('Sub', [g.constant(1), isSeen]);
    const restored = g.apply('MatMul', [places, linear(g, 'entry', tokens, width, { init: plainInit(fixedSize(tokens, 2)) })]);
    const blank = g.parameter('blank', [1, width], { kind: 'normal', std: 0.02 }, { decay: false });
    const positions = g.parameter('positions', [all, width], { kind: 'normal', std: 0.02 }, { decay: false });
    let x = g.apply('Add', [g.apply('Add', [restored, g.apply('Mul', [isHidden, blank])]), positions]);
    for (let i = 0; i < layers; i++) x = transformerBlock(g, `layers.${i}`, x, { heads, dropout: 0 });
    const target = normalisedPatches(g, pixels, all);
    const predicted = linear(g, 'exit', layerNorm(g, 'norm', x), fixedSize(target, 2), { init: plainInit(width) });
    const difference = g.apply('Sub', [predicted, target]);
    const errors = g.apply('ReduceMean', [g.apply('Mul', [difference, difference])], { axes: [2], keepdims: 1 });
    // The mean over all patches counts the seen ones as 0.
    const loss = scaled(g, g.apply('ReduceMean', [g.apply('Mul', [errors, isHidden])]), all / (all - seen));
    return { loss, metrics: { reconstruction: loss } };
  },
});

/** (N, C, H, W) as square patches (N, T, C P P), each of mean 0 and variance 1 (He et al. 2022, section 4: better than raw pixels). */
function normalisedPatches(g: GraphBuilder, pixels: Value, patches: number): Value {
  const [, channels, height, width] = pixels.shape as readonly [string, number, number, number];
  const side = Math.round(Math.sqrt((height * width) / patches));
  const size = channels * side * side;
  const split = g.apply('Reshape', [pixels], { shape: [-1, channels, height / side, side, width / side, side] });
  const flat = g.apply('Reshape', [g.apply('Transpose', [split], { perm: [0, 2, 4, 1, 3, 5] })], { shape: [-1, patches, size] });
  const centred = g.apply('Sub', [flat, g.apply('ReduceMean', [flat], { axes: [2], keepdims: 1 })]);
  const length = g.apply('Sqrt', [g.apply('Add', [g.apply('ReduceMean', [g.apply('Mul', [centred, centred])], { axes: [2], keepdims: 1 }), g.constant(1e-6)])]);
  return g.apply('Div', [centred, length]);
}
