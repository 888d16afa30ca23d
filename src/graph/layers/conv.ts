import type { GraphBuilder, Value } from '../builder.ts';
import { batchNorm } from './normalization.ts';
import { fixedSize } from './sizes.ts';

export interface ConvOptions {
  readonly kernel: number;
  readonly stride?: number;
  /** On every side; default (kernel - 1) / 2, rounded down. */
  readonly padding?: number;
  readonly group?: number;
  readonly bias?: boolean;
}

/** Square convolution of (N, C, H, W); weights as in He et al. 2015 over fan-out. */
export function conv(g: GraphBuilder, name: string, x: Value, width: number, options: ConvOptions): Value {
  const scope = g.scope(name);
  const { kernel, stride = 1, padding = Math.floor((kernel - 1) / 2), group = 1 } = options;
  const perGroup = fixedSize(x, 1) / group;
  const std = Math.sqrt(2 / ((kernel * kernel * width) / group));
  const weight = scope.parameter('weight', [width, perGroup, kernel, kernel], { kind: 'normal', std });
  const bias = options.bias === true ? scope.parameter('bias', [width], { kind: 'zeros' }) : null;
  return scope.apply('Conv', [x, weight, bias], { strides: [stride, stride], pads: [padding, padding, padding, padding], group }, 'conv');
}

export interface ConvBlockOptions extends ConvOptions {
  readonly activation?: boolean;
  readonly zeroScale?: boolean;
}

/** Convolution, batch normalisation and, unless `activation` is false, ReLU. */
export function convBlock(g: GraphBuilder, name: string, x: Value, width: number, options: ConvBlockOptions): Value {
  const scope = g.scope(name);
  const convolved = conv(scope, 'conv', x, width, options);
  const normalised = batchNorm(scope, 'norm', convolved, { zeroScale: options.zeroScale ?? false });
  return options.activation === false ? normalised : scope.apply('Relu', [normalised]);
}
