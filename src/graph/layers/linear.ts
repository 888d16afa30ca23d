import type { GraphBuilder, Value } from '../builder.ts';
import type { Init } from '../ir.ts';
import { fixedSize } from './sizes.ts';

export interface LinearOptions {
  readonly bias?: boolean;
  /** Default: normal with variance 2 / fan-in (He et al. 2015), for a layer that a ReLU follows. */
  readonly init?: Init;
}

/** x W^T + b for (N, in) or (..., in); weight (out, in) and bias (out). Where x is declared sparse, its zeros are skipped in training. */
export function linear(g: GraphBuilder, name: string, x: Value, width: number, options: LinearOptions = {}): Value {
  const scope = g.scope(name);
  const fanIn = fixedSize(x, -1);
  const weight = scope.parameter('weight', [width, fanIn], options.init ?? { kind: 'normal', std: Math.sqrt(2 / fanIn) });
  const bias = options.bias === false ? null : scope.parameter('bias', [width], { kind: 'zeros' });
  if (x.shape.length === 2 && x.isSparse === true) return scope.apply('SparseGemm', [x, weight, bias], {}, 'gemm');
  if (x.shape.length === 2) return scope.apply('Gemm', [x, weight, bias], { transB: 1 }, 'gemm');
  const transposed = scope.apply('Transpose', [weight], { perm: [1, 0] });
  const product = scope.apply('MatMul', [x, transposed]);
  return bias === null ? product : scope.apply('Add', [product, bias]);
}

/** Initial values for a layer that no ReLU follows: variance 1 / fan-in. */
export function plainInit(fanIn: number): Init {
  return { kind: 'normal', std: Math.sqrt(1 / fanIn) };
}
