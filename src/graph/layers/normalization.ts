import type { GraphBuilder, Value } from '../builder.ts';
import { fixedSize } from './sizes.ts';

export interface BatchNormOptions {
  readonly epsilon?: number;
  readonly momentum?: number;
  /** Start at 0, so that a residual branch begins as nothing (Goyal et al. 2017, arXiv:1706.02677). */
  readonly zeroScale?: boolean;
}

/** Batch normalisation of (N, C) or (N, C, H, W). */
export function batchNorm(g: GraphBuilder, name: string, x: Value, options: BatchNormOptions = {}): Value {
  const scope = g.scope(name);
  const channels = fixedSize(x, 1);
  const parameters = [
    scope.parameter('scale', [channels], { kind: options.zeroScale === true ? 'zeros' : 'ones' }),
    scope.parameter('bias', [channels], { kind: 'zeros' }),
    scope.parameter('mean', [channels], { kind: 'zeros' }, { trainable: false }),
    scope.parameter('var', [channels], { kind: 'ones' }, { trainable: false }),
  ];
  return scope.apply('BatchNormalization', [x, ...parameters], { epsilon: options.epsilon ?? 1e-5, momentum: options.momentum ?? 0.9 }, 'normalised');
}

/** Layer normalisation over the last axis. */
export function layerNorm(g: GraphBuilder, name: string, x: Value, epsilon = 1e-5): Value {
  const scope = g.scope(name);
  const width = fixedSize(x, -1);
  const scale = scope.parameter('scale', [width], { kind: 'ones' });
  const bias = scope.parameter('bias', [width], { kind: 'zeros' });
  return scope.apply('LayerNormalization', [x, scale, bias], { epsilon }, 'normalised');
}
