import * as z from 'zod';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { mean, scaled, similarities } from './parts.ts';

export const swav = defineObjective({
  id: 'swav',
  summary: 'Swapped assignment: each view predicts to which prototypes the others are assigned, evenly over the batch; small crops predict alone.',
  references: ['Caron et al. 2020, arXiv:2006.09882 (SwAV)'],
  takesSeveral: true,
  config: z.strictObject({
    prototypes: z.int().min(2).default(512),
    temperature: z.number().positive().default(0.1),
    /** Of the assignment: smaller is harder. */
    epsilon: z.number().positive().default(0.05),
    /** Rounds of Sinkhorn-Knopp. */
    rounds: z.int().min(1).max(10).default(3),
    /** Steps in which the prototypes stay where they are. */
    frozenSteps: z.int().min(0).default(300),
  }),
  build: (g, { a, b, further = [] }, { prototypes: count, temperature, epsilon, rounds, frozenSteps }) => {
    const prototypes = g.parameter('prototypes', [count, Number(a.shape[1])], { kind: 'unitRows' }, { decay: false });
    if (frozenSteps > 0) g.rule({ rule: 'freeze', parameter: prototypes, until: frozenSteps });
    g.rule({ rule: 'unitRows', parameter: prototypes });
    const scores = [a, b, ...further].map((view) => similarities(g, view, prototypes));
    // The first two are whole views: they alone are assigned.
    const [first, second] = scores.slice(0, 2).map((each) => assignment(g, each, epsilon, rounds)) as [Value, Value];
    const [ofFirst, ofSecond, ...ofFurther] = scores.map((each) => g.apply('LogSoftmax', [scaled(g, each, 1 / temperature)], { axis: 1 })) as [Value, Value, ...Value[]];
    const errors = [crossEntropy(g, second, ofFirst), crossEntropy(g, first, ofSecond), ...ofFurther.flatMap((view) => [crossEntropy(g, first, view), crossEntropy(g, second, view)])];
    const loss = scaled(g, errors.reduce((sum, error) => g.apply('Add', [sum, error])), 1 / errors.length);
    return { loss, metrics: {} };
  },
});

/** Rows sum to 1 and columns are as even as the rounds make them; in logarithms, so that no score is too large. No gradient flows back. */
function assignment(g: GraphBuilder, scores: Value, epsilon: number, rounds: number): Value {
  let logs = scaled(g, scores, 1 / epsilon);
  for (let round = 0; round < rounds; round++) {
    for (const axis of [0, 1]) logs = g.apply('Sub', [logs, g.apply('ReduceLogSumExp', [logs], { axes: [axis], keepdims: 1 })]);
  }
  return g.apply('StopGradient', [g.apply('Exp', [logs])]);
}

function crossEntropy(g: GraphBuilder, target: Value, logProbabilities: Value): Value {
  return g.apply('Neg', [mean(g, g.apply('ReduceSum', [g.apply('Mul', [target, logProbabilities])], { axes: [1] }))]);
}
