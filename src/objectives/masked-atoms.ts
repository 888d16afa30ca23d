import * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { fixedSize, linear, plainInit } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineAuxiliary } from './define.ts';

/** Attribute masking (Hu et al. 2020, arXiv:1905.12265): from the vector of a masked atom, what its neighbours have told it of itself. */
export const maskedAtoms = defineAuxiliary({
  id: 'masked-atoms',
  summary: 'From the vector of each masked atom a linear map predicts its attributes, which another tower reads: mean cross-entropy.',
  needsTarget: false,
  needsWhole: true,
  config: z.strictObject({}),
  build: (g, { tokens, inputs: { atoms }, whole, categories }) => {
    const truth = whole?.['atoms'];
    const sizes = categories?.['atoms'];
    if (tokens === undefined || atoms === undefined || truth === undefined || sizes === undefined) {
      const expected = 'expected two towers of graphs, one masked and one whole, but received one of something else';
      throw new IsoLensError('ARGUMENT_INVALID', `Auxiliary head masked-atoms: ${expected}. Give it towers of the modality "graph".`);
    }
    const isMasked = indicator(g, column(g, atoms, 0), sizes[0]!);
    const init = plainInit(fixedSize(tokens, 1));
    const errors = sizes.map((size, i) => {
      const logs = g.apply('LogSoftmax', [linear(g, `attribute-${i}`, tokens, size, { init })], { axis: 1 });
      return g.apply('Neg', [g.apply('GatherElements', [logs, column(g, truth, i)])]);
    }).reduce((sum, error) => g.apply('Add', [sum, error]));
    const total = g.apply('ReduceSum', [g.apply('Mul', [errors, isMasked])]);
    // A view without a masked atom counts 0.
    const count = g.apply('Clip', [g.apply('ReduceSum', [isMasked])], { min: 1, max: 1e9 });
    const loss = g.apply('Div', [total, g.apply('Mul', [count, g.constant(sizes.length)])]);
    return { loss, metrics: { maskedAtoms: loss } };
  },
});

/** (V, A) to (V, 1). */
function column(g: GraphBuilder, x: Value, i: number): Value {
  return g.apply('Slice', [x], { starts: [i], ends: [i + 1], axes: [1] });
}

/** (V, 1): 1 where an id (V, 1) is the last of `size`, which stands for a masked atom, otherwise 0. */
function indicator(g: GraphBuilder, ids: Value, size: number): Value {
  const table = g.apply('Concat', [g.constant(0, [size - 1, 1]), g.constant(1, [1, 1])], { axis: 0 });
  return g.apply('Reshape', [g.apply('Gather', [table, ids])], { shape: [-1, 1] });
}
