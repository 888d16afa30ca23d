/** Numbers of retrieval and screening. Rankings are best first; shares run from 0 to 1. */
import { dot, rowOf } from '../core/index.ts';
import type { Matrix, Rng } from '../core/index.ts';

/** ranks: 1 = found first; a target that is not found at all has rank Infinity. */
export function recallAt(ranks: readonly number[], k: number): number {
  return ranks.length === 0 ? 0 : ranks.filter((rank) => rank <= k).length / ranks.length;
}

/** Mean of 1 / rank. */
export function meanReciprocalRank(ranks: readonly number[]): number {
  return ranks.length === 0 ? 0 : ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length;
}

/** Rank of an item among others; equal scores share the mean of their ranks, so that no method gains by not deciding. */
export function tiedRank(score: number, others: Iterable<number>): number {
  let better = 0;
  let equal = 0;
  for (const other of others) {
    if (other > score) better++;
    else if (other === score) equal++;
  }
  return 1 + better + equal / 2;
}

/** Share of (active, inactive) pairs in the right order: the area under the ROC curve. active: one entry a rank. */
export function rocAuc(active: ArrayLike<boolean | number>): number {
  let actives = 0;
  let pairs = 0;
  for (let i = 0; i < active.length; i++) {
    if (active[i]) actives++;
    else pairs += actives;
  }
  const inactives = active.length - actives;
  return actives === 0 || inactives === 0 ? Number.NaN : pairs / (actives * inactives);
}

/** How much denser actives are in the first `fraction` (rounded up to whole items) than in all. As RDKit's CalcEnrichment. */
export function enrichmentFactor(active: ArrayLike<boolean | number>, fraction: number): number {
  const first = Math.ceil(active.length * fraction);
  let found = 0;
  let actives = 0;
  for (let i = 0; i < active.length; i++) {
    if (!active[i]) continue;
    actives++;
    if (i < first) found++;
  }
  return actives === 0 || first === 0 ? 0 : ((found / actives) * active.length) / first;
}

/**
 * Boltzmann-enhanced discrimination of ROC: early actives count exponentially more; 0 worst, 1 best.
 * Truchon & Bayly 2007, doi:10.1021/ci600426e; as RDKit's CalcBEDROC.
 */
export function bedroc(active: ArrayLike<boolean | number>, alpha: number): number {
  const count = active.length;
  let actives = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (!active[i]) continue;
    actives++;
    sum += Math.exp((-alpha * (i + 1)) / count);
  }
  if (actives === 0) return 0;
  const ratio = actives / count;
  const random = (1 - Math.exp(-alpha)) / (count * Math.expm1(alpha / count));
  const enhancement = sum / (actives * random);
  const best = (1 - Math.exp(-alpha * ratio)) / (ratio * (1 - Math.exp(-alpha)));
  const worst = (1 - Math.exp(alpha * ratio)) / (ratio * (1 - Math.exp(alpha)));
  return best === worst ? 1 : (enhancement - worst) / (best - worst);
}

/** Mean precision at the ranks of the actives: the area under the precision-recall curve as scikit-learn's average_precision_score sums it. */
export function averagePrecision(active: ArrayLike<boolean | number>): number {
  let found = 0;
  let sum = 0;
  for (let i = 0; i < active.length; i++) if (active[i]) sum += ++found / (i + 1);
  return found === 0 ? 0 : sum / found;
}

export type Interval = readonly [low: number, high: number];

const Z95 = 1.959963984540054;

/** 95 % interval of a share of `n` independent trials (Wilson 1927): sensible near 0 and 1 and for few trials. */
export function wilsonInterval(share: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const z2 = Z95 * Z95;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** 95 % interval of a mean, by its standard error. */
export function meanInterval(values: readonly number[]): Interval {
  const mean = meanOf(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const half = Z95 * Math.sqrt(variance / Math.max(1, values.length));
  return [mean - half, mean + half];
}

const RESAMPLES = 2000;

/**
 * 95 % interval of the mean over all values by the percentile bootstrap. What belongs together (cases of one assay) stands in
 * one group, and whole groups are drawn: they are alike, and would make the interval too narrow one by one.
 */
export function bootstrapInterval(groups: readonly (readonly number[])[], rng: Rng): Interval {
  if (groups.length === 0) return [0, 0];
  const sums = groups.map((group) => group.reduce((sum, value) => sum + value, 0));
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const drawn = rng.int(groups.length);
      sum += sums[drawn]!;
      count += groups[drawn]!.length;
    }
    return count === 0 ? 0 : sum / count;
  }).sort();
  return [means[Math.floor(RESAMPLES * 0.025)]!, means[Math.ceil(RESAMPLES * 0.975) - 1]!];
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean squared distance of pairs of unit rows that belong together; 0 best. Wang & Isola 2020, arXiv:2005.10242. */
export function alignment(a: Matrix, b: Matrix): number {
  return meanOf(Array.from({ length: a.rows }, (_, row) => 2 - 2 * dot(rowOf(a, row), rowOf(b, row))));
}

/** Logarithm of the mean of exp(-2 d^2) over random pairs of different unit rows; the lower, the more evenly they fill the sphere. */
export function uniformity(vectors: Matrix, rng: Rng, pairs = 100_000): number {
  if (vectors.rows < 2) return 0;
  let sum = 0;
  for (let p = 0; p < pairs; p++) {
    const i = rng.int(vectors.rows);
    const j = (i + 1 + rng.int(vectors.rows - 1)) % vectors.rows;
    sum += Math.exp(-2 * (2 - 2 * dot(rowOf(vectors, i), rowOf(vectors, j))));
  }
  return Math.log(sum / pairs);
}
