import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';

describe('createRng', () => {
  it('gives the same sequence for the same seed, on every machine', () => {
    const rng = createRng(7);
    const first = [rng.next(), rng.next(), rng.next()];
    // Stored: data files, splits and weights depend on these very numbers.
    expect(first.map((x) => Math.round(x * 2 ** 32))).toEqual([1_107_360_437, 179_633_292, 2_841_767_865]);
    expect([createRng(7).next(), createRng(8).next()]).toEqual([first[0], expect.not.closeTo(first[0]!, 6)]);
  });

  it('is uniform, and normal where asked', () => {
    const rng = createRng(1);
    const uniform = Array.from({ length: 20_000 }, () => rng.next());
    const normal = Array.from({ length: 20_000 }, () => rng.normal());
    const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    const variance = (xs: readonly number[]): number => mean(xs.map((x) => x * x)) - mean(xs) ** 2;
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(mean(uniform)).toBeCloseTo(0.5, 1.5);
    expect(variance(uniform)).toBeCloseTo(1 / 12, 2);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(variance(normal)).toBeCloseTo(1, 1);
    expect(normal.every(Number.isFinite)).toBe(true);
  });

  it('shuffles to a permutation in which every place is as likely', () => {
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    const rng = createRng(3);
    for (let trial = 0; trial < 4000; trial++) rng.shuffle([0, 1, 2, 3]).forEach((item, place) => counts[item]![place]!++);
    for (const row of counts) for (const count of row) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('draws integers below n, each of them', () => {
    const rng = createRng(5);
    expect([...new Set(Array.from({ length: 200 }, () => rng.int(5)))].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  });
});
