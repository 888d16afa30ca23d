import type { GraphBuilder, Value } from '../builder.ts';
import { selfAttention } from './attention.ts';
import { linear, plainInit } from './linear.ts';
import { layerNorm } from './normalization.ts';
import { fixedSize } from './sizes.ts';

export interface TransformerBlockOptions {
  readonly heads: number;
  readonly dropout: number;
  /** Added to the scores of attention; as for `selfAttention`. */
  readonly bias?: Value;
}

/** Attention and a hidden layer of four times the width, each normalised first and added to its input: (N, T, D) to (N, T, D). */
export function transformerBlock(g: GraphBuilder, name: string, x: Value, { heads, dropout, bias }: TransformerBlockOptions): Value {
  const width = fixedSize(x, -1);
  const scope = g.scope(name);
  const dropped = (y: Value): Value => (dropout > 0 ? scope.apply('Dropout', [y], { rate: dropout }) : y);
  const attended = scope.apply('Add', [x, dropped(selfAttention(scope, 'attention', layerNorm(scope, 'norm-1', x), heads, bias))]);
  const hidden = scope.apply('Gelu', [linear(scope, 'up', layerNorm(scope, 'norm-2', attended), 4 * width)]);
  return scope.apply('Add', [attended, dropped(linear(scope, 'down', hidden, width, { init: plainInit(4 * width) }))], {}, 'out');
}
