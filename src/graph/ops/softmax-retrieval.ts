import { multiplyDims } from '../dims.ts';
import { TRAINING_ONLY, defineOperator, expectShape, noAttributes } from '../define.ts';

export const softmaxRetrieval = defineOperator({
  id: 'SoftmaxRetrieval',
  summary: 'What rows retrieve from a modern Hopfield network: softmax(scale * state stored^T) stored, without the matrix in memory.',
  inputs: [
    /** (N, D): what is asked with. */
    { name: 'state' },
    /** (M, D): the patterns that are stored (Ramsauer et al. 2021, arXiv:2008.02217); may be the state itself. */
    { name: 'stored' },
    /** (): inverse temperature. Gradients reach it, the state and, as keys and as values, the stored rows. */
    { name: 'scale' },
  ],
  attributes: noAttributes,
  infer: ([state, stored, scale]) => {
    const rows = state!.shape.length === 2 && stored!.shape.length === 2 && state!.shape[1] === stored!.shape[1];
    expectShape(rows, 'a state (N, D) and stored rows (M, D)');
    expectShape(scale!.shape.length === 0, 'a scale of shape ()');
    return state!.shape;
  },
  lower: TRAINING_ONLY,
  // Logits and what they weigh. Memory grows with (N + M) D (FlashAttention: Dao et al. 2022, arXiv:2205.14135).
  macs: ([state, stored]) => [multiplyDims([2, ...state!.shape, stored!.shape[0]!])],
});
