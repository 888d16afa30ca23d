/** Operators that do one thing while a graph is trained and another when it is used: what they are when it is used. */
import type { Tensor } from './define.ts';

/** Adds operators to a graph. */
export interface Applying<V extends Tensor> {
  apply(op: 'Add' | 'Div' | 'Mul' | 'Reshape' | 'Sqrt' | 'Sub', inputs: readonly V[], attributes?: Readonly<Record<string, unknown>>): V;
  constant(value: number): V;
}

/** The same as other operators compute it, for parts of a graph that are not trained with the rest; undefined where nothing differs. */
export function atEvaluation<V extends Tensor>(op: string, g: Applying<V>, inputs: readonly V[], attributes: Readonly<Record<string, unknown>>): V | undefined {
  if (op === 'Dropout') return inputs[0];
  return op === 'BatchNormalization' ? normalised(g, inputs, Number(attributes['epsilon'] ?? 1e-5)) : undefined;
}

/** (x - mean) / sqrt(var + epsilon) * scale + bias, as one factor and one summand for each channel. */
function normalised<V extends Tensor>(g: Applying<V>, inputs: readonly V[], epsilon: number): V {
  const [x, scale, bias, mean, variance] = inputs as [V, V, V, V, V];
  const factor = g.apply('Div', [scale, g.apply('Sqrt', [g.apply('Add', [variance, g.constant(epsilon)])])]);
  const summand = g.apply('Sub', [bias, g.apply('Mul', [mean, factor])]);
  const across = (value: V): V => (x.shape.length === 2 ? value : g.apply('Reshape', [value], { shape: [x.shape[1], 1, 1] }));
  return g.apply('Add', [g.apply('Mul', [x, across(factor)]), across(summand)]);
}
