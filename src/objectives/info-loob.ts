import * as z from 'zod';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { scaled } from './parts.ts';

const config = z.strictObject({
  /** 1 / temperature of the loss. */
  inverseTemperature: z.number().positive().default(14.3),
  /** Replace embeddings by what they retrieve from a modern Hopfield network that stores the batch. */
  hopfield: z.boolean().default(true),
  /** Inverse temperature of that retrieval. */
  hopfieldScale: z.number().positive().default(14.3),
});

/** softmax(beta state stored^T) stored, of unit length (Ramsauer et al. 2021, arXiv:2008.02217); the N x N matrix never lies in memory. */
function retrieve(g: GraphBuilder, name: string, state: Value, stored: Value, beta: number): Value {
  const scope = g.scope(name);
  return scope.apply('L2Normalise', [scope.apply('SoftmaxRetrieval', [state, stored, scope.constant(beta)])]);
}

/** -mean_i [k_ii - log sum_(j != i) e^(k_ij)] / scale with k = scale x y^T: the positive is left out of the sum. */
function leaveOneOut(g: GraphBuilder, name: string, x: Value, y: Value, scale: number): Value {
  const scope = g.scope(name);
  const loss = scope.apply('ContrastiveLoss', [x, y, scope.constant(scale)], { excludePositive: 1 });
  return scaled(scope, loss, 1 / scale);
}

export const infoLoob = defineObjective({
  id: 'info-loob',
  summary: 'InfoLOOB in both directions, after Hopfield retrieval as in CLOOB and CLOOME.',
  references: ['Fürst et al. 2022, arXiv:2110.11316 (CLOOB)', 'Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w (CLOOME)'],
  config,
  build: (g, { a, b }, { inverseTemperature, hopfield, hopfieldScale }) => {
    const retrieved = (name: string, state: Value, stored: Value): Value => (hopfield ? retrieve(g, name, state, stored, hopfieldScale) : state);
    // Both members of a term are retrieved from the same memory: that of `a` first, that of `b` second.
    const first = leaveOneOut(g, 'a-memory', retrieved('a-from-a', a, a), retrieved('b-from-a', b, a), inverseTemperature);
    const second = leaveOneOut(g, 'b-memory', retrieved('b-from-b', b, b), retrieved('a-from-b', a, b), inverseTemperature);
    return { loss: g.apply('Add', [first, second]), metrics: {} };
  },
});
