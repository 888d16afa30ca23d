/** Operators that do one thing while a graph is trained and another when it is used: what they are when it is used. */
import type { GraphBuilder, OperatorId, Value } from './builder.ts';

type AtEvaluation = (g: GraphBuilder, inputs: readonly Value[], attributes: Readonly<Record<string, unknown>>) => Value;

/** Their results as other operators compute them; for parts of a graph that are not trained with the rest. */
export const AT_EVALUATION: Partial<Record<OperatorId, AtEvaluation>> = {
  Dropout: (_, [x]) => x!,
  // (x - mean) / sqrt(var + epsilon) * scale + bias, as one factor and one summand for each channel.
  BatchNormalization: (g, [x, scale, bias, mean, variance], { epsilon = 1e-5 }) => {
    const factor = g.apply('Div', [scale!, g.apply('Sqrt', [g.apply('Add', [variance!, g.constant(Number(epsilon))])])]);
    const summand = g.apply('Sub', [bias!, g.apply('Mul', [mean!, factor])]);
    const channels = x!.shape[1] as number;
    const across = (value: Value): Value => (x!.shape.length === 2 ? value : g.apply('Reshape', [value], { shape: [channels, 1, 1] }));
    return g.apply('Add', [g.apply('Mul', [x!, across(factor)]), across(summand)]);
  },
};
