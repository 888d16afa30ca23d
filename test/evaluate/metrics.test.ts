import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, l2Normalise, matrixOf } from '../../src/core/index.ts';
import { alignment, bedroc, enrichmentFactor, meanReciprocalRank, recallAt, rocAuc, tiedRank, uniformity, wilsonInterval } from '../../src/evaluate/index.ts';

/** Straight from Truchon & Bayly 2007, equations 36 and 37, with 1-based ranks. */
function slowBedroc(active: readonly boolean[], alpha: number): number {
  const count = active.length;
  const n = active.filter(Boolean).length;
  const ra = n / count;
  const sum = active.reduce((total, one, i) => total + (one ? Math.exp((-alpha * (i + 1)) / count) : 0), 0);
  const rie = sum / ((n / count) * ((1 - Math.exp(-alpha)) / (Math.exp(alpha / count) - 1)));
  return (rie * ra * Math.sinh(alpha / 2)) / (Math.cosh(alpha / 2) - Math.cosh(alpha / 2 - alpha * ra)) + 1 / (1 - Math.exp(alpha * (1 - ra)));
}

function slowAuc(active: readonly boolean[]): number {
  let [right, all] = [0, 0];
  active.forEach((a, i) => active.forEach((b, j) => {
    if (!a || b) return;
    all++;
    if (i < j) right++;
  }));
  return right / all;
}

const mixed = fc.array(fc.boolean(), { minLength: 2, maxLength: 60 }).filter((list) => list.includes(true) && list.includes(false));

describe('screening metrics', () => {
  it('BEDROC is that of the paper', () => {
    fc.assert(fc.property(mixed, fc.constantFrom(5, 20, 100), (active, alpha) => {
      expect(bedroc(active, alpha)).toBeCloseTo(slowBedroc(active, alpha), 8);
    }));
  });

  it('BEDROC is 1 with all actives first and 0 with all last', () => {
    const best = Array.from({ length: 100 }, (_, i) => i < 7);
    expect(bedroc(best, 20)).toBeCloseTo(1, 10);
    expect(bedroc([...best].reverse(), 20)).toBeCloseTo(0, 10);
    expect(bedroc([false, false], 20)).toBe(0);
  });

  it('AUC counts ordered pairs', () => {
    fc.assert(fc.property(mixed, (active) => {
      expect(rocAuc(active)).toBeCloseTo(slowAuc(active), 12);
    }));
    expect(rocAuc([true, true])).toBeNaN();
  });

  it('enrichment counts whole items, rounded up', () => {
    const active = Array.from({ length: 250 }, (_, i) => i < 2 || i === 100 || i === 249);
    // The first 1 % of 250 are 3 items, which hold 2 of 4 actives.
    expect(enrichmentFactor(active, 0.01)).toBeCloseTo((2 / 4) / (3 / 250), 12);
    expect(enrichmentFactor(active, 1)).toBe(1);
    expect(enrichmentFactor([false, false], 0.5)).toBe(0);
  });
});

describe('retrieval metrics', () => {
  it('shares and reciprocal ranks', () => {
    const ranks = [1, 2, 6, Number.POSITIVE_INFINITY];
    expect([1, 5, 10].map((k) => recallAt(ranks, k))).toEqual([0.25, 0.5, 0.75]);
    expect(meanReciprocalRank(ranks)).toBeCloseTo((1 + 1 / 2 + 1 / 6) / 4, 12);
    expect(recallAt([], 1)).toBe(0);
  });

  it('ties stand at their mean rank', () => {
    expect(tiedRank(0.5, [0.9, 0.5, 0.5, 0.1])).toBe(3);
    expect(tiedRank(0, Array<number>(10).fill(0))).toBe(6);
  });

  it('Wilson intervals agree with published values', () => {
    // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    const table = [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]] as const;
    for (const [hits, n, low, high] of table) {
      const interval = wilsonInterval(hits / n, n);
      expect(interval[0]).toBeCloseTo(low, 4);
      expect(interval[1]).toBeCloseTo(high, 4);
    }
  });
});

describe('geometry of embeddings', () => {
  const rng = createRng(3);
  const spread = l2Normalise(matrixOf(Float32Array.from({ length: 400 * 32 }, () => rng.normal()), 32));
  const heap = l2Normalise(matrixOf(Float32Array.from({ length: 400 * 32 }, (_, i) => (i % 32 === 0 ? 1 : 0.02 * rng.normal())), 32));

  it('alignment is the mean squared distance', () => {
    expect(alignment(spread, spread)).toBeCloseTo(0, 5);
    expect(alignment(matrixOf(Float32Array.from([1, 0]), 2), matrixOf(Float32Array.from([0, 1]), 2))).toBe(2);
  });

  it('uniformity is near -4 on a filled sphere and near 0 on a heap', () => {
    // Independent directions are at squared distance 2 on the mean.
    expect(uniformity(spread, createRng(1), 20_000)).toBeCloseTo(-3.77, 1);
    expect(uniformity(heap, createRng(1), 20_000)).toBeGreaterThan(-0.1);
  });
});
