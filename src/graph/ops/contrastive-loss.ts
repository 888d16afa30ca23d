import * as z from 'zod';
import { multiplyDims, sameShape } from '../dims.ts';
import { TRAINING_ONLY, defineOperator, expectShape, isAbsent } from '../define.ts';

export const contrastiveLoss = defineOperator({
  id: 'ContrastiveLoss',
  summary: 'Contrastive loss over the logits scale * a b^T of (N, D) pairs, without the (N, N) matrix in memory.',
  inputs: [
    { name: 'a' }, { name: 'b' }, { name: 'scale' },
    /** Added to every logit of the pairwise form. */
    { name: 'bias', optional: true },
    /** (N): rows of equal label are positive to each other; without labels a row's only positive is its partner. */
    { name: 'label', dtype: 'i32', optional: true },
  ],
  attributes: z.strictObject({
    /**
     * `rows`: mean over i of log sum_j e^(l_ij) - target_i, where the target is the mean logit of the positives; `symmetric`:
     * the mean of that over both directions; `views`: over all 2N views, where a view is not its own negative; `pairwise`:
     * sum over all pairs of the binary cross-entropy "positive or not", over N.
     */
    form: z.enum(['rows', 'symmetric', 'views', 'pairwise']).default('rows'),
    /** The sum over j leaves the positive out. */
    excludePositive: z.union([z.literal(0), z.literal(1)]).default(0),
    /** Share of the target that is spread evenly over the row. */
    smoothing: z.number().min(0).lt(1).default(0),
  }),
  infer: ([a, b, scale, bias, label], { form, excludePositive, smoothing }) => {
    const crossed = form === 'rows' || form === 'symmetric';
    expectShape(a!.shape.length === 2 && sameShape(a!.shape, b!.shape), 'two equal shapes (N, D)');
    expectShape(scale!.shape.length === 0, 'a scale of shape ()');
    expectShape(isAbsent(bias) || (bias!.shape.length === 0 && form === 'pairwise'), 'a bias of shape () and only in the pairwise form');
    expectShape(isAbsent(label) || (sameShape(label!.shape, [a!.shape[0]!]) && excludePositive === 0), 'labels (N), and none where positives are excluded');
    expectShape(crossed || excludePositive === 0, 'excludePositive only in the forms rows and symmetric');
    expectShape(smoothing === 0 || (crossed && excludePositive === 0), 'smoothing only in the forms rows and symmetric, with the positive');
    return [];
  },
  lower: TRAINING_ONLY,
  macs: ([a], _output, { form }) => multiplyDims([...a!.shape, a!.shape[0]!, form === 'views' ? 2 : 1]),
});
