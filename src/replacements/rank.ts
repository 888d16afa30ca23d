/**
 * How likely a replacement keeps the activity, from few and uneven observations.
 *
 * The share of pairs that kept their activity is taken for a probability p with a Beta prior, and followed inwards from what is
 * usual (radius none) to the widest surroundings that match: at every step the estimate of the step before is the prior, worth as
 * many pairs as the table says (`priorPairs`, by the method of moments over all replacements, see mine/aggregate.ts):
 *
 *     p0 = usual share;   p(r) = (kept(r) * w + priorPairs * p(r - 1)) / (pairs(r) * w + priorPairs),   r = all, 0, 1, 2, 3
 *
 * So three pairs in the very same surroundings weigh in, yet do not outvote a hundred elsewhere, and a replacement seen twice
 * stays near the usual share. Pairs of one assay are alike beyond the replacement (one target, one series), so they count less:
 * w = 1 / (1 + (pairs / assays - 1) * rho), Kish's design effect (Survey Sampling, 1965), with rho the measured correlation within
 * assays. Candidates are ranked by p less one standard deviation of its Beta distribution: of two equal shares the better
 * supported one goes first.
 */

export interface Observed {
  readonly pairs: number;
  readonly kept: number;
}

export interface RankParameters {
  readonly keptShare: number;
  readonly priorPairs: number;
  readonly assayCorrelation: number;
}

export interface Expectation {
  readonly expectedKept: number;
  readonly score: number;
}

/** `steps`: from all pairs to those in the widest matching surroundings; each a part of the one before. */
export function expectation(steps: readonly Observed[], assays: number, { keptShare, priorPairs, assayCorrelation }: RankParameters): Expectation {
  const all = steps[0]?.pairs ?? 0;
  const weight = all === 0 ? 1 : 1 / (1 + Math.max(0, all / Math.max(1, assays) - 1) * assayCorrelation);
  let expected = keptShare;
  for (const { pairs, kept } of steps) expected = (kept * weight + priorPairs * expected) / (pairs * weight + priorPairs);
  const support = all * weight + priorPairs;
  return { expectedKept: expected, score: expected - Math.sqrt((expected * (1 - expected)) / (support + 1)) };
}
