import * as z from 'zod';
import { multiplyDims, sameShape } from '../dims.ts';
import { TRAINING_ONLY, defineOperator, expectShape, isAbsent } from '../define.ts';
import type { Tensor } from '../define.ts';

/** Further columns, and the groups within which there are no negatives. */
function expectFurther([a, , , , , more, group, moreGroup]: readonly Tensor[], form: string, smoothing: number): void {
  const further = !isAbsent(more);
  const columns = 'further columns (K, D) and only in the form rows';
  expectShape(!further || (form === 'rows' && more!.shape.length === 2 && more!.shape[1] === a!.shape[1]), columns);
  const groups = 'groups (N), and none where smoothing is above 0';
  expectShape(isAbsent(group) || (sameShape(group!.shape, [a!.shape[0]!]) && smoothing === 0), groups);
  if (isAbsent(moreGroup)) return;
  const both = further && !isAbsent(group) && sameShape(moreGroup!.shape, [more!.shape[0]!]);
  expectShape(both, 'groups (K) of the further columns, and only beside further columns and the groups of the pairs');
}

type Form = 'rows' | 'symmetric' | 'views' | 'pairwise';

/** Weights of the pairs, and soft targets, which take the place of whatever else tells what is positive. */
function expectTargets(inputs: readonly Tensor[], form: Form, smoothing: number, excludePositive: number): void {
  const [a, , , , label, , , , weight, target] = inputs;
  const [pairs] = a!.shape;
  const weighted = isAbsent(weight) || (sameShape(weight!.shape, [pairs!]) && form !== 'pairwise');
  expectShape(weighted, 'weights (N) and only in the forms rows, symmetric and views');
  if (isAbsent(target)) return;
  const crossed = form === 'rows' || form === 'symmetric';
  expectShape(crossed && sameShape(target!.shape, [pairs!, pairs!]), 'targets (N, N) and only in the forms rows and symmetric');
  expectShape(isAbsent(label), 'labels or targets, not both');
  expectShape(smoothing === 0, 'targets only where smoothing is 0');
  expectShape(excludePositive === 0, 'targets only where no positive is excluded');
}

export const contrastiveLoss = defineOperator({
  id: 'ContrastiveLoss',
  summary: 'Contrastive loss over the logits scale * a b^T of (N, D) pairs and of further negatives, without their matrix in memory.',
  inputs: [
    { name: 'a' }, { name: 'b' }, { name: 'scale' },
    /** Added to every logit of the pairwise form. */
    { name: 'bias', optional: true },
    /** (N): rows of equal label are positive to each other; without labels a row's only positive is its partner. */
    { name: 'label', dtype: 'i32', optional: true },
    /** (K, D): further columns of the form rows, negatives of every row: a queue (He et al. 2020, arXiv:1911.05722), a memory bank. */
    { name: 'more', optional: true },
    /**
     * (N): two rows of one group, such as two spellings of a molecule, are no negatives of each other: they are left out of the
     * denominator (and of the sum over pairs) unless they are positive. A number below 0 is of no group. A row that is left without
     * any term in its denominator counts 0.
     */
    { name: 'group', dtype: 'i32', optional: true },
    /** (K): the groups of the further columns; without it they are of none. */
    { name: 'moreGroup', dtype: 'i32', optional: true },
    /**
     * (N), at least 0: how much each pair counts, in both of its directions and for both of its views: the mean over the rows becomes
     * the sum of weight times loss over the sum of weights, and 0 where that is. Not in the form pairwise. No gradient reaches it.
     */
    { name: 'weight', optional: true },
    /**
     * (N, N): soft targets in place of the partner, in the forms rows and symmetric, without labels, smoothing and excludePositive:
     * sum_j target_ij l_ij is taken from a row's logarithm, and in the direction of the columns sum_j target_ji l_ji. That a row
     * sums to 1 is up to the caller. Beside groups, what has a target other than 0 is positive; further columns have none. No gradient
     * reaches it. Soft labels from the similarity of molecules or of images (MolPhenix: arXiv:2409.08302) come in here.
     */
    { name: 'target', optional: true },
  ],
  attributes: z.strictObject({
    /**
     * `rows`: mean over i of log sum_j e^(l_ij) - target_i, with j over the N partners and the K further columns, where the
     * target is the mean logit of the positives; `symmetric`: the mean of that over both directions; `views`: over all 2N views,
     * where a view is not its own negative; `pairwise`: sum over all pairs of the binary cross-entropy "positive or not", over N.
     */
    form: z.enum(['rows', 'symmetric', 'views', 'pairwise']).default('rows'),
    /**
     * The sum over j leaves the partner out (decoupled contrastive learning: Yeh et al. 2022, arXiv:2110.06848). Not in the form pairwise,
     * which has no such sum. At least 2 pairs, or further columns, are needed.
     */
    excludePositive: z.union([z.literal(0), z.literal(1)]).default(0),
    /** Share of the target that is spread evenly over the row. */
    smoothing: z.number().min(0).lt(1).default(0),
  }),
  infer: (inputs, { form, excludePositive, smoothing }) => {
    const [a, b, scale, bias, label] = inputs;
    const crossed = form === 'rows' || form === 'symmetric';
    expectShape(a!.shape.length === 2 && sameShape(a!.shape, b!.shape), 'two equal shapes (N, D)');
    expectShape(scale!.shape.length === 0, 'a scale of shape ()');
    expectShape(isAbsent(bias) || (bias!.shape.length === 0 && form === 'pairwise'), 'a bias of shape () and only in the pairwise form');
    expectShape(isAbsent(label) || (sameShape(label!.shape, [a!.shape[0]!]) && excludePositive === 0), 'labels (N), and none where positives are excluded');
    expectShape(form !== 'pairwise' || excludePositive === 0, 'no excludePositive in the form pairwise, which has no denominator');
    expectShape(smoothing === 0 || (crossed && excludePositive === 0), 'smoothing only in the forms rows and symmetric, with the positive');
    expectFurther(inputs, form, smoothing);
    expectTargets(inputs, form, smoothing, excludePositive);
    return [];
  },
  lower: TRAINING_ONLY,
  macs: ([a, , , , , more], _output, { form }) => [
    multiplyDims([...a!.shape, a!.shape[0]!, form === 'views' ? 2 : 1]),
    ...(isAbsent(more) ? [] : [multiplyDims([...a!.shape, more!.shape[0]!])]),
  ],
});
