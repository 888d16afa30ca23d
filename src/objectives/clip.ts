import * as z from 'zod';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { learnedScale, scaled, similarities } from './parts.ts';

const config = z.strictObject({
  /** Start of the learned temperature. */
  temperature: z.number().positive().default(0.07),
  /** Upper bound of the logit scale, 1 / temperature. */
  maximumScale: z.number().min(1).default(100),
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /**
   * Soft labels: this share of a row's target goes to the partners of what is like it on the first side, by a softmax of their cosines at this
   * temperature. Items that look alike (cells under two compounds of one action) are then no full negatives of each other; from an
   * encoder that stays as it is, as MolPhenix has them (Fradkin et al. 2024, arXiv:2409.08302, there in a sigmoid loss).
   */
  softLabels: z.strictObject({ share: z.number().gt(0).lt(1), temperature: z.number().positive() }).optional(),
}).refine(({ labelSmoothing, softLabels }) => labelSmoothing === 0 || softLabels === undefined, { path: ['softLabels'], error: 'expected soft labels or smoothing, not both' });

export const clip = defineObjective({
  id: 'clip',
  summary: 'Symmetric InfoNCE over the batch with a learned temperature.',
  references: ['Radford et al. 2021, arXiv:2103.00020'],
  config,
  build: (g, { a, b }, { temperature, maximumScale, labelSmoothing, softLabels }) => {
    const scale = learnedScale(g, temperature, maximumScale);
    if (softLabels !== undefined) {
      const target = softTargets(g, a, softLabels);
      const towards = (x: Value, y: Value): Value => g.apply('ContrastiveLoss', [x, y, scale, null, null, null, null, null, null, target]);
      return { loss: scaled(g, g.apply('Add', [towards(a, b), towards(b, a)]), 0.5), metrics: { logitScale: scale } };
    }
    const loss = g.apply('ContrastiveLoss', [a, b, scale], { form: 'symmetric', smoothing: labelSmoothing });
    return { loss, metrics: { logitScale: scale } };
  },
});

/** (N, N), rows sum to 1: what is left of the share stays on the partner. No gradient flows through it. */
function softTargets(g: GraphBuilder, side: Value, { share, temperature }: { readonly share: number; readonly temperature: number }): Value {
  const cosines = similarities(g, side, side);
  const like = scaled(g, g.apply('Softmax', [scaled(g, cosines, 1 / temperature)], { axis: 1 }), share);
  const own = g.apply('MaskDiagonal', [scaled(g, cosines, 0)], { value: 1 - share });
  return g.apply('StopGradient', [g.apply('Add', [like, own])]);
}
