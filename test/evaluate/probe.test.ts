import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { fitProbe, fitProbeByValidation, isWithinEdits } from '../../src/evaluate/index.ts';
import type { Gram } from '../../src/evaluate/index.ts';

function gramOf(points: readonly (readonly number[])[]): Gram {
  const n = points.length;
  return { n, values: Float64Array.from({ length: n * n }, (_, at) => points[Math.floor(at / n)]!.reduce((sum, x, d) => sum + x * points[at % n]![d]!, 0)) };
}

describe('probe', () => {
  const rng = createRng(3);
  const points = Array.from({ length: 24 }, (_, i) => [rng.normal() + (i % 2), rng.normal() - (i % 2), rng.normal()]);
  const label = points.map((_, i) => i % 2);

  it('finds what gradient descent on the weights finds', () => {
    const penalty = 0.7;
    const { alpha, offset } = fitProbe(gramOf(points), label, penalty);
    const weights = [0, 1, 2].map((d) => points.reduce((sum, x, i) => sum + alpha[i]! * x[d]!, 0));
    const slow = [0, 0, 0];
    let slowOffset = 0;
    for (let step = 0; step < 20_000; step++) {
      const residual = points.map((x, i) => 1 / (1 + Math.exp(-(slowOffset + slow[0]! * x[0]! + slow[1]! * x[1]! + slow[2]! * x[2]!))) - label[i]!);
      for (const d of [0, 1, 2]) slow[d]! -= 0.05 * (residual.reduce((sum, r, i) => sum + r * points[i]![d]!, 0) + penalty * slow[d]!);
      slowOffset -= 0.05 * residual.reduce((sum, r) => sum + r, 0);
    }
    for (const d of [0, 1, 2]) expect(weights[d]).toBeCloseTo(slow[d]!, 6);
    expect(offset).toBeCloseTo(slowOffset, 6);
  });

  it('stays finite where the classes can be parted, or all points are one', () => {
    const parted = gramOf(label.map((l) => [l * 100, 1]));
    const { alpha } = fitProbeByValidation(parted, label);
    expect(alpha.every(Number.isFinite)).toBe(true);
    expect(fitProbeByValidation(gramOf(label.map(() => [1, 1])), label).alpha.every(Number.isFinite)).toBe(true);
  });
});

describe('edits', () => {
  /** The whole table of Wagner & Fischer. */
  function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
      row = next;
    }
    return row[b.length]!;
  }

  it('agrees with the whole table', () => {
    const rng = createRng(5);
    const text = (): string => Array.from({ length: rng.int(12) }, () => 'abc'[rng.int(3)]!).join('');
    for (let trial = 0; trial < 2000; trial++) {
      const [a, b, limit] = [text(), text(), rng.int(8)];
      expect(isWithinEdits(a, b, limit), `${a} ${b} ${limit}`).toBe(distance(a, b) <= limit);
    }
  });
});
