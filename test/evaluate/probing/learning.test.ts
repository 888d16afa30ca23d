/** Split, logistic regression, neighbours and AUC, each against something slow and plain. */
import { describe, expect, it } from 'vitest';
import { createRng, matrixOf } from '../../../src/core/index.ts';
import { plainProducts } from '../../../src/evaluate/index.ts';
import { RankedScores } from '../../../src/evaluate/probing/auc.ts';
import { designOf, standardised } from '../../../src/evaluate/probing/design.ts';
import type { BitRows, DenseRows } from '../../../src/evaluate/probing/design.ts';
import { fitLogistic, logisticScores } from '../../../src/evaluate/probing/logistic-regression.ts';
import { neighbourScores } from '../../../src/evaluate/probing/neighbours.ts';
import { randomScaffoldSplit, randomSplit, scaffoldSplit } from '../../../src/evaluate/probing/split.ts';
import { GAP } from '../../../src/evaluate/probing/table.ts';

const upTo = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

function denseRows(rows: readonly (readonly number[])[]): DenseRows {
  return { kind: 'dense', matrix: matrixOf(Float32Array.from(rows.flat()), rows[0]!.length) };
}

function bitRows(rows: readonly (readonly number[])[]): BitRows {
  const set = rows.map((row) => row.flatMap((bit, i) => (bit === 1 ? [i] : [])));
  const offsets = [0];
  for (const bits of set) offsets.push(offsets.at(-1)! + bits.length);
  return { kind: 'bits', indices: Int32Array.from(set.flat()), offsets: Int32Array.from(offsets), width: rows[0]!.length };
}

describe('splits', () => {
  const rng = createRng(5);
  const scaffolds = Array.from({ length: 500 }, () => `s${Math.floor(rng.next() ** 3 * 120)}`);
  const splits = { scaffold: () => scaffoldSplit(scaffolds), random: () => randomSplit(500, 3), randomScaffold: () => randomScaffoldSplit(scaffolds, 3) };

  it.each(Object.entries(splits))('%s: every molecule once, 80/10/10, always the same', (_, make) => {
    const { train, validation, test } = make();
    expect([...train, ...validation, ...test].sort((a, b) => a - b)).toEqual([...upTo(500)]);
    expect(train.length).toBeGreaterThan(370);
    expect(train.length).toBeLessThanOrEqual(400);
    for (const part of [validation, test]) expect(part.length).toBeGreaterThan(30);
    expect(make()).toEqual({ train, validation, test });
  });

  it.each([['scaffold', splits.scaffold], ['random scaffold', splits.randomScaffold]])('%s: no scaffold in two parts', (_, make) => {
    const parts = Object.values(make()).map((part: Int32Array) => new Set([...part].map((i) => scaffolds[i]!)));
    expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(new Set(scaffolds).size);
  });

  it('takes the largest groups first, of equal ones the later; another seed gives another split', () => {
    const { train, validation, test } = scaffoldSplit(['c', 'a', 'a', 'b', 'a', 'b', 'a', 'a', 'a', 'd']);
    expect([...train]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([[...validation], [...test]]).toEqual([[9], [0]]);
    expect(randomScaffoldSplit(scaffolds, 1).test).not.toEqual(randomScaffoldSplit(scaffolds, 2).test);
    expect(scaffoldSplit(Array.from({ length: 20 }, () => 'one')).test).toHaveLength(20);
  });
});

/** Newton's method in double precision with a dense Hessian: shares nothing with L-BFGS. Gives (d + 1), the offset last. */
function newton(rows: readonly (readonly number[])[], label: readonly number[], c: number): number[] {
  const d = rows[0]!.length;
  const x = rows.map((row) => [...row, 1]);
  let w = Array.from({ length: d + 1 }, () => 0);
  for (let round = 0; round < 60; round++) {
    const p = x.map((row) => 1 / (1 + Math.exp(-row.reduce((sum, value, i) => sum + value * w[i]!, 0))));
    const system = w.map((_, i) => [
      ...w.map((__, j) => c * x.reduce((sum, row, r) => sum + p[r]! * (1 - p[r]!) * row[i]! * row[j]!, 0) + (i === j && i < d ? 1 : 0)),
      c * x.reduce((sum, row, r) => sum + (p[r]! - label[r]!) * row[i]!, 0) + (i < d ? w[i]! : 0),
    ]);
    for (let k = 0; k <= d; k++) {
      for (let r = 0; r <= d; r++) {
        if (r === k) continue;
        const factor = system[r]![k]! / system[k]![k]!;
        for (let j = k; j <= d + 1; j++) system[r]![j]! -= factor * system[k]![j]!;
      }
    }
    w = w.map((value, i) => value - system[i]![d + 1]! / system[i]![i]!);
  }
  return w;
}

describe('logistic regression', () => {
  const rng = createRng(11);
  // Exact in single precision, as the design holds it.
  const rows = Array.from({ length: 80 }, () => Array.from({ length: 7 }, () => Math.round(rng.normal() * 64) / 64));
  const label: readonly number[] = rows.map((row) => (row[0]! - row[1]! + rng.normal() > 0.3 ? 1 : 0));
  const design = designOf(denseRows(rows), upTo(rows.length));
  const tight = { tolerance: 1e-9 };

  it.each([0.01, 1, 100])('finds what Newton\'s method finds, C = %d', (c) => {
    const fit = fitLogistic(design, label, { c, ...tight });
    const slow = newton(rows, label, c);
    [...fit.weights, fit.offset].forEach((value, i) => expect(value).toBeCloseTo(slow[i]!, 7));
    const other = fitLogistic(design, label, { c, ...tight, start: { weights: Float64Array.from({ length: 7 }, (_, i) => i - 3), offset: 4 } });
    [...other.weights].forEach((value, i) => expect(value).toBeCloseTo(slow[i]!, 7));
  });

  it('the gradient is zero at the optimum, by finite differences of the loss', () => {
    const c = 0.5;
    const fit = fitLogistic(design, label, { c, ...tight });
    expect(fit.converged).toBe(true);
    const loss = (w: readonly number[]): number => rows.reduce((sum, row, r) => {
      const score = row.reduce((total, value, i) => total + value * w[i]!, w[7]!);
      return sum + c * Math.log1p(Math.exp(label[r] === 1 ? -score : score));
    }, w.slice(0, 7).reduce((sum, value) => sum + (value * value) / 2, 0));
    const at = [...fit.weights, fit.offset];
    at.forEach((_, i) => {
      const moved = (by: number): number => loss(at.map((value, j) => (i === j ? value + by : value)));
      expect((moved(1e-4) - moved(-1e-4)) / 2e-4).toBeCloseTo(0, 5);
    });
  });

  it('closed forms: without information the offset is the log-odds; two mirrored points', () => {
    const plain = fitLogistic(designOf(denseRows(rows.map(() => [0])), upTo(80)), label, { c: 1, ...tight });
    const share = label.reduce((sum, value) => sum + value, 0) / 80;
    expect(plain.offset).toBeCloseTo(Math.log(share / (1 - share)), 8);
    expect(plain.weights[0]).toBe(0);
    // x = 1 active, x = -1 inactive: w = 2 C / (1 + exp w).
    const { weights, offset } = fitLogistic(designOf(denseRows([[1], [-1]]), upTo(2)), [1, 0], { c: 3, ...tight });
    expect(weights[0]).toBeCloseTo((2 * 3) / (1 + Math.exp(weights[0]!)), 8);
    expect(offset).toBeCloseTo(0, 8);
  });

  it('bits and the same numbers as a dense matrix give one fit; classes that can be parted stay finite', () => {
    const bits = rows.map((row) => row.map((value) => (value > 0 ? 1 : 0)));
    const sparse = fitLogistic(designOf(bitRows(bits), upTo(80)), label, { c: 1, ...tight });
    const dense = fitLogistic(designOf(denseRows(bits), upTo(80)), label, { c: 1, ...tight });
    sparse.weights.forEach((value, i) => expect(value).toBeCloseTo(dense.weights[i]!, 8));
    expect(logisticScores(designOf(bitRows(bits), Int32Array.of(3)), sparse)[0]).toBeCloseTo(bits[3]!.reduce((sum, bit, i) => sum + bit * sparse.weights[i]!, sparse.offset), 10);
    const parted = fitLogistic(designOf(denseRows(label.map((one) => [one * 1000])), upTo(80)), label, { c: 1e4 });
    expect([...parted.weights, parted.offset].every(Number.isFinite)).toBe(true);
    expect(fitLogistic(design, label, { c: 1, tolerance: 0, maxIterations: 2 })).toMatchObject({ iterations: 2, converged: false });
  });

  it('dense features are standardised by the training rows alone', () => {
    const { matrix } = standardised(denseRows([[1, 5], [3, 5], [100, 7]]), Int32Array.of(0, 1)) as DenseRows;
    expect([...matrix.data]).toEqual([-1, 0, 1, 0, 98, 0]);
  });
});

describe('neighbours', () => {
  const rng = createRng(7);
  const bits = Array.from({ length: 90 }, () => Array.from({ length: 40 }, () => (rng.next() < 0.2 ? 1 : 0)));
  const unit = bits.map(() => Array.from({ length: 6 }, () => rng.normal())).map((row) => row.map((value) => value / Math.hypot(...row)));
  const labels = [0, 1].map(() => Int8Array.from({ length: 90 }, () => [0, 1, GAP][rng.int(3)]!));
  const gallery = upTo(60);
  const queries = Int32Array.from({ length: 30 }, (_, i) => 60 + i);

  it.each([['bits', bitRows(bits), bits], ['dense', denseRows(unit), unit]] as const)('%s: as sorting every cosine', async (_, features, rows) => {
    const ks = [1, 5, 200];
    const found = await neighbourScores({ features, gallery, queries, labels, ks, products: plainProducts });
    const single = (value: number): number => Math.fround(value);
    const cosine = (a: readonly number[], b: readonly number[]): number => single(a.reduce((sum, value, i) => sum + value * b[i]!, 0) / Math.max(1e-9, Math.hypot(...a) * Math.hypot(...b)));
    queries.forEach((query, q) => labels.forEach((label, column) => ks.forEach((k, at) => {
      const near = [...gallery].filter((g) => label[g] !== GAP).map((g) => ({ g, cosine: cosine(rows[query]!, rows[g]!) }))
        // To seven digits, so that equal ones stand in the gallery's order.
        .sort((a, b) => Math.round((b.cosine - a.cosine) * 1e6) || a.g - b.g).slice(0, k);
      const weights = near.map((one) => Math.max(0, one.cosine));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const share = (values: readonly number[]): number => near.reduce((sum, one, i) => sum + values[i]! * label[one.g]!, 0);
      const expected = total > 0 ? share(weights) / total : share(near.map(() => 1)) / near.length;
      expect(found[at]![column]![q], `${query} ${column} ${k}`).toBeCloseTo(expected, 5);
    })));
  });

  it('says nothing where nothing is labelled', async () => {
    const [[scores]] = await neighbourScores({ features: bitRows(bits), gallery, queries, labels: [new Int8Array(90).fill(GAP)], ks: [1], products: plainProducts }) as [[Float64Array]];
    expect(scores.every(Number.isNaN)).toBe(true);
  });
});

describe('area under the ROC curve', () => {
  it('is the share of pairs in the right order, ties half, with weights as repetitions', () => {
    const rng = createRng(9);
    for (let trial = 0; trial < 50; trial++) {
      const scores = Array.from({ length: 20 }, () => rng.int(6));
      const label = Array.from({ length: 20 }, () => rng.int(2));
      const weights = Array.from({ length: 20 }, () => rng.int(3));
      let [right, pairs] = [0, 0];
      scores.forEach((a, i) => scores.forEach((b, j) => {
        if (label[i] !== 1 || label[j] !== 0) return;
        pairs += weights[i]! * weights[j]!;
        right += weights[i]! * weights[j]! * (a > b ? 1 : a === b ? 0.5 : 0);
      }));
      if (pairs > 0) expect(new RankedScores(scores, label).auc(weights)).toBeCloseTo(right / pairs, 12);
    }
    expect(new RankedScores([1, 1, 1], [0, 1, 1]).auc()).toBe(0.5);
    expect(new RankedScores([1, 2], [1, 1]).auc()).toBeNaN();
  });
});
