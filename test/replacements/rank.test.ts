import { describe, expect, it } from 'vitest';
import { expectation } from '../../src/replacements/rank.ts';

const USUAL = { keptShare: 0.5, priorPairs: 8, assayCorrelation: 0.3 };

describe('expectation', () => {
  it('is what is usual where nothing was seen', () => {
    expect(expectation([], 0, USUAL).expectedKept).toBe(0.5);
    expect(expectation([{ pairs: 0, kept: 0 }], 0, USUAL).expectedKept).toBe(0.5);
  });

  it('follows the written formula', () => {
    // Every pair of an assay of its own: weight 1.
    expect(expectation([{ pairs: 12, kept: 9 }], 12, USUAL).expectedKept).toBeCloseTo((9 + 8 * 0.5) / (12 + 8), 10);
    // Two steps: nine pairs elsewhere, then three here, each counted once.
    const elsewhere = (6 + 8 * 0.5) / (9 + 8);
    expect(expectation([{ pairs: 12, kept: 9 }, { pairs: 3, kept: 3 }], 12, USUAL).expectedKept).toBeCloseTo((3 + 8 * elsewhere) / (3 + 8), 10);
    // Four pairs an assay: Kish's design effect.
    const weight = 1 / (1 + 3 * 0.3);
    expect(expectation([{ pairs: 12, kept: 9 }], 3, USUAL).expectedKept).toBeCloseTo((9 * weight + 4) / (12 * weight + 8), 10);
  });

  it('puts support before a lucky few, near pairs before far ones, many assays before one', () => {
    expect(expectation([{ pairs: 100, kept: 90 }], 50, USUAL).score).toBeGreaterThan(expectation([{ pairs: 3, kept: 3 }], 3, USUAL).score);
    expect(expectation([{ pairs: 20, kept: 10 }, { pairs: 5, kept: 5 }], 20, USUAL).score).toBeGreaterThan(expectation([{ pairs: 20, kept: 10 }, { pairs: 5, kept: 0 }], 20, USUAL).score);
    expect(expectation([{ pairs: 20, kept: 18 }], 20, USUAL).score).toBeGreaterThan(expectation([{ pairs: 20, kept: 18 }], 1, USUAL).score);
  });

  it('stays a share', () => {
    for (const [pairs, kept, assays] of [[1, 0, 1], [60_000, 60_000, 1], [60_000, 0, 60_000]]) {
      const { expectedKept, score } = expectation([{ pairs: pairs!, kept: kept! }], assays!, USUAL);
      expect(expectedKept).toBeGreaterThan(0);
      expect(expectedKept).toBeLessThan(1);
      expect(score).toBeLessThan(expectedKept);
    }
  });
});
