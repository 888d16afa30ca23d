import { describe, expect, it } from 'vitest';
import { expectation as expectationOf } from '../../src/replacements/rank.ts';
import type { Needed, Observed } from '../../src/replacements/rank.ts';
import { shapeOf, sizeChange } from '../../src/replacements/shape.ts';

const USUAL = { keptShare: 0.5, priorPairs: 8, assayCorrelation: 0.3 };
const UNSEEN: Needed = { pairs: 0, kept: 0, usual: 0.5 };
const expectation = (steps: readonly Observed[], clusters: number, parameters: typeof USUAL, needed = UNSEEN): ReturnType<typeof expectationOf> => expectationOf(steps, needed, clusters, { assays: 1, sizeChange: 0 }, parameters);

it('many assays speak for a replacement, and another size against it', () => {
  const rank = (assays: number, change: number): number => expectationOf([{ pairs: 20, kept: 14 }], UNSEEN, 20, { assays, sizeChange: change }, USUAL).score;
  expect(rank(10, 0)).toBeCloseTo(rank(1, 0) + 0.3 * Math.log(10), 10);
  expect(rank(10, 0.5)).toBeCloseTo(rank(10, 0) - 1, 10);
});

describe('the shape of a fragment', () => {
  it.each([
    ['[*:1][H]', 0, []], ['[*:1]C(=O)O', 3, []], ['[*:1]c1nnn[nH]1', 5, []], ['[*:1]C(=O)N[*:2]', 3, [3]], ['[*:2]NC([*:1])=O', 3, [3]], ['[*:2]OC[*:1]', 2, [3]], ['[*:1]O[*:2]', 1, [2]],
    ['[*:1]c1ccc([*:2])cc1', 6, [5]], ['[*:1]c1cccc([*:2])c1', 6, [4]], ['[*:1]CC(Cl)(C[*:3])N([*:2])Br', 6, [4, 4, 4]], ['[*:1][N+](=O)[O-]', 3, []], ['[*:1]C%10CC%10[*:2]', 3, [3]],
  ] as const)('%s', (fragment, heavyAtoms, distances) => {
    expect(shapeOf(fragment)).toEqual({ heavyAtoms, distances });
  });

  it('changes by atoms and by bonds between attachment points, beside the size of the larger', () => {
    const change = (from: string, to: string): number => sizeChange(shapeOf(from), shapeOf(to));
    expect(change('[*:1]C(=O)N[*:2]', '[*:1]NC(=O)[*:2]')).toBe(0);
    expect(change('[*:1]C(=O)N[*:2]', '[*:1]CC(=O)N[*:2]')).toBe(0.5);
    expect(change('[*:1]c1ccncc1', '[*:1]c1ccccc1')).toBe(0);
    expect(change('[*:1][H]', '[*:1]C')).toBe(1);
  });
});

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

  it('ranks by the pairs in which the group was needed', () => {
    const seen = [{ pairs: 40, kept: 30 }];
    const rank = (pairs: number, kept: number, usual = 0.5): number => expectation(seen, 40, USUAL, { pairs, kept, usual }).score;
    // Formula, every pair of an assay of its own: the prior is the usual share of the classes, moved by what is known elsewhere.
    const elsewhere = (30 + 4) / 48;
    const odds = (0.2 / 0.8) * (elsewhere / (1 - elsewhere));
    expect(expectation(seen, 40, USUAL, { pairs: 6, kept: 5, usual: 0.2 }).expectedNeeded).toBeCloseTo((5 + 8 * (odds / (1 + odds))) / (6 + 8), 10);
    expect(rank(9, 8)).toBeGreaterThan(rank(9, 1));
    expect(rank(0, 0, 0.6)).toBeGreaterThan(rank(0, 0, 0.2));
    // Support goes before a lucky few.
    expect(rank(50, 45)).toBeGreaterThan(rank(3, 3));
  });

  it('puts near pairs before far ones', () => {
    const far = [{ pairs: 20, kept: 10 }];
    expect(expectation([...far, { pairs: 5, kept: 5 }], 20, USUAL).score).toBeGreaterThan(expectation([...far, { pairs: 5, kept: 0 }], 20, USUAL).score);
    expect(expectation([{ pairs: 20, kept: 18 }], 20, USUAL).expectedKept).toBeGreaterThan(expectation([{ pairs: 20, kept: 18 }], 1, USUAL).expectedKept);
  });

  it('stays a share', () => {
    for (const [pairs, kept, assays] of [[1, 0, 1], [60_000, 60_000, 1], [60_000, 0, 60_000]]) {
      const { expectedKept, score } = expectation([{ pairs: pairs!, kept: kept! }], assays!, USUAL);
      expect(expectedKept).toBeGreaterThan(0);
      expect(expectedKept).toBeLessThan(1);
      expect(score).toBeLessThan(1);
    }
  });
});
