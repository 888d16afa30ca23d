import { IsoLensError } from '../../core/index.ts';
import type { GraphBuilder, Value } from '../builder.ts';
import { linear, plainInit } from './linear.ts';
import { fixedSize } from './sizes.ts';

/**
 * Multi-head self-attention (Vaswani et al. 2017, arXiv:1706.03762) over (N, T, D) with T fixed. `bias` is added to the scores
 * before softmax and broadcasts to (N, heads, T, T): (N, 1, 1, T), far below zero, hides padding.
 */
export function selfAttention(g: GraphBuilder, name: string, x: Value, heads: number, bias?: Value): Value {
  const scope = g.scope(name);
  const width = fixedSize(x, 2);
  const length = fixedSize(x, 1);
  if (width % heads !== 0) {
    throw new IsoLensError('GRAPH_INVALID', `Layer ${name}: expected a width that ${heads} heads divide but received ${width}.`);
  }
  const init = plainInit(width);
  // (N, T, D) -> (N, heads, T, D / heads)
  const project = (role: string): Value => {
    const projected = linear(scope, role, x, width, { init });
    const split = scope.apply('Reshape', [projected], { shape: [-1, length, heads, width / heads] }, `${role}-split`);
    return scope.apply('Transpose', [split], { perm: [0, 2, 1, 3] }, `${role}-heads`);
  };
  const query = project('query');
  const key = project('key');
  const value = project('value');
  const keyColumns = scope.apply('Transpose', [key], { perm: [0, 1, 3, 2] });
  const scaled = scope.apply('Mul', [query, scope.constant(1 / Math.sqrt(width / heads))]);
  const scores = scope.apply('MatMul', [scaled, keyColumns]);
  const weights = scope.apply('Softmax', [bias === undefined ? scores : scope.apply('Add', [scores, bias])], { axis: -1 });
  const mixed = scope.apply('Transpose', [scope.apply('MatMul', [weights, value])], { perm: [0, 2, 1, 3] });
  const joined = scope.apply('Reshape', [mixed], { shape: [-1, length, width] });
  return linear(scope, 'output', joined, width, { init });
}
