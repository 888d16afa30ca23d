/** Pieces that several objectives are made of. */
import type { GraphBuilder, Value } from '../graph/index.ts';

/** In place of a logit that must not count; its exponential is 0 beside any real logit. */
export const EXCLUDED = -1e30;

/** a b^T: (N, D) x (M, D) to (N, M). */
export function similarities(g: GraphBuilder, a: Value, b: Value): Value {
  return g.apply('Gemm', [a, b], { transB: 1 });
}

export function scaled(g: GraphBuilder, x: Value, factor: number): Value {
  return g.apply('Mul', [x, g.constant(factor)]);
}

export function mean(g: GraphBuilder, x: Value): Value {
  return g.apply('ReduceMean', [x]);
}

const LOGIT_SCALE = 'logitScale';

/** A learned factor of the logits, 1 / temperature, from `temperature` at first up to `maximum`. */
export function learnedScale(g: GraphBuilder, temperature: number, maximum: number): Value {
  // Kept as a logarithm, so that a step multiplies the scale.
  const logScale = g.parameter(LOGIT_SCALE, [], { kind: 'constant', value: -Math.log(temperature) }, { decay: false });
  g.rule({ rule: 'clamp', parameter: logScale, min: 0, max: Math.log(maximum) });
  return g.apply('Exp', [logScale]);
}
