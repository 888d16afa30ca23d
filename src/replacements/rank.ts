/**
 * How likely a replacement keeps the activity, from few and uneven observations.
 *
 * The share of pairs that kept their activity is taken for a probability p with a Beta prior, and followed inwards: from what is usual
 * to the pairs in other surroundings, to those that share the attachment atom, one bond around it, two, three. Every pair counts
 * in one step alone, the narrowest that it belongs to, and the estimate of the step before is the prior of the next, worth
 * `priorPairs` pairs (by the method of moments over all replacements, see mine/aggregate.ts):
 *
 *     p = usual share;   then for each step   p = (kept * w + priorPairs * p) / (pairs * w + priorPairs)
 *
 * So three pairs in the very same surroundings weigh in, more than three elsewhere, yet do not outvote a hundred that say
 * otherwise, and a replacement seen three times stays near the usual share. Pairs of one assay are alike beyond the replacement
 * (one target, one series), and so are those of one constant part (two compounds in a panel of three hundred kinases are one
 * case), so they count less: w = 1 / (1 + (pairs / clusters - 1) * rho), Kish's design effect (Survey Sampling, 1965), with
 * clusters the lesser of assays and constant parts, and rho the measured correlation within assays.
 *
 * Most pairs say little of a replacement, because the group did nothing: anything in its place keeps the activity. So candidates are ranked by
 * the pairs in which the group was needed (the compound with hydrogen or methyl in its place is weaker by a log unit in the same assay):
 *
 *     q = (kept * w + priorPairs * q0) / (needed * w + priorPairs),   logit q0 = logit share(classes) + logit p - logit usual share
 *
 * where share(classes) is what is usual where a group of this class of ionisation (acid, base, neutral) is needed and one of that class takes its
 * place. The rank is q less one standard deviation of its Beta distribution: of two equal shares the better supported one goes first.
 *
 * A share alone puts rare fragments of any size first, which no chemist would call a replacement. An isostere has the size of what it
 * replaces and holds its neighbours as far apart (Langmuir 1919, doi:10.1021/ja02227a022), and what was tried in many assays was held to be one by
 * many. So the rank also takes
 *
 *     0.3 ln(assays) - 2 (atoms more or fewer + bonds by which the attachment points move) / atoms of the larger group
 *
 * What textbooks call an isostere goes first: it has been tried in many more assays than these.
 */

import { logistic, logit } from '../core/index.ts';
import type { ReplacementEvidence } from './define.ts';

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
  /** The same where the group is needed. */
  readonly expectedNeeded: number;
  /** `expectedNeeded` less one standard deviation, with what is said of support and size above. */
  readonly score: number;
}

export interface Needed extends Observed {
  /** What is usual for the two classes of ionisation. */
  readonly usual: number;
}

const [SUPPORT, SIZE] = [0.3, 2] as const;

/** Assays in which the replacement was seen, and how much the size changes (`sizeChange`). */
export interface Standing {
  readonly assays: number;
  readonly sizeChange: number;
}

/** `steps`: from all pairs to those in the widest matching surroundings; each a part of the one before. */
export function expectation(steps: readonly Observed[], needed: Needed, clusters: number, { assays, sizeChange }: Standing, { keptShare, priorPairs, assayCorrelation }: RankParameters): Expectation {
  const all = steps[0]?.pairs ?? 0;
  const weight = all === 0 ? 1 : 1 / (1 + Math.max(0, all / Math.max(1, clusters) - 1) * assayCorrelation);
  let expected = keptShare;
  steps.forEach(({ pairs, kept }, i) => {
    const inner = steps[i + 1] ?? { pairs: 0, kept: 0 };
    const own = (pairs - inner.pairs) * weight;
    if (own === 0) return;
    expected = ((kept - inner.kept) * weight + priorPairs * expected) / (own + priorPairs);
  });
  const prior = logistic(logit(needed.usual) + logit(expected) - logit(keptShare));
  const support = needed.pairs * weight + priorPairs;
  const expectedNeeded = (needed.kept * weight + priorPairs * prior) / support;
  return { expectedKept: expected, expectedNeeded, score: expectedNeeded - Math.sqrt((expectedNeeded * (1 - expectedNeeded)) / (support + 1)) + SUPPORT * Math.log(assays) - SIZE * sizeChange };
}

type Ranked = Pick<ReplacementEvidence, 'isostere' | 'textbook' | 'score'>;

/** First what is an isostere in water and by the book, then what is one of the two; by score among them. */
export function byRank(a: Ranked, b: Ranked): number {
  return grade(b) - grade(a) || b.score - a.score;
}

function grade({ isostere, textbook }: Ranked): number {
  return Number(isostere) + Number(textbook);
}
