import { expect, it } from 'vitest';
import { createRng, dot, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';
import { rankClasses } from '../../src/evaluate/gallery.ts';
import { plainProducts } from '../../src/evaluate/index.ts';
import { nativeProducts } from '../../src/native/index.ts';

function random(rows: number, cols: number, seed: number): Matrix {
  const rng = createRng(seed);
  return l2Normalise(matrixOf(Float32Array.from({ length: rows * cols }, () => rng.normal()), cols));
}

it('gives the ranks of a plain search over the best row of each class', async () => {
  const [rows, classes, cols] = [200, 70, 16];
  const rng = createRng(5);
  const vectors = random(rows, cols, 1);
  const classOf = Int32Array.from({ length: rows }, (_, i) => (i < classes ? i : rng.int(classes)));
  const queries = random(21, cols, 2);
  const wanted = Int32Array.from({ length: 21 }, () => rng.int(classes));
  const ranks = await rankClasses({ vectors, classOf, classes }, queries, wanted);
  for (let q = 0; q < 21; q++) {
    const best = new Map<number, number>();
    for (let r = 0; r < rows; r++) {
      const cosine = rowOf(vectors, r).reduce((sum, value, d) => sum + value * rowOf(queries, q)[d]!, 0);
      best.set(classOf[r]!, Math.max(best.get(classOf[r]!) ?? -2, cosine));
    }
    const order = [...best].sort((a, b) => b[1] - a[1]).map(([number]) => number);
    expect(ranks[q]).toBe(order.indexOf(wanted[q]!) + 1);
  }
});

it('agrees with the engine, whose products come in pieces of whole classes', async () => {
  const [rows, classes, cols] = [9000, 5000, 24];
  const rng = createRng(9);
  const vectors = random(rows, cols, 3);
  const gallery = { vectors, classOf: Int32Array.from({ length: rows }, (_, i) => (i < classes ? i : rng.int(classes))), classes };
  const queries = random(150, cols, 4);
  const wanted = Int32Array.from({ length: 150 }, () => rng.int(classes));
  const steps: number[] = [];
  const ranks = await rankClasses(gallery, queries, wanted, nativeProducts(2), (done) => steps.push(done));
  expect(ranks).toEqual(await rankClasses(gallery, queries, wanted));
  expect(steps.at(-1)).toBe(150);
});

it.each([[1, 1], [7, 3], [8, 5], [19, 40]])('multiplies %i by %i vectors as the engine does', (n, m) => {
  const [a, b] = [random(n, 33, 1), random(m, 33, 2)];
  const plain = plainProducts(a, b);
  expect(plain).toHaveLength(n * m);
  nativeProducts(1)(a, b).forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 5));
  expect(plain[n * m - 1]).toBeCloseTo(dot(rowOf(a, n - 1), rowOf(b, m - 1)), 5);
});

it('counts a class of more rows than a piece once', async () => {
  const vectors = random(6000, 8, 1);
  const classOf = Int32Array.from({ length: 6000 }, (_, i) => (i < 5000 ? 0 : i - 4999));
  const ranks = await rankClasses({ vectors, classOf, classes: 1001 }, matrixOf(rowOf(vectors, 5500).slice(), 8), Int32Array.of(501));
  expect(ranks).toEqual([1]);
});

it('puts equal classes at their mean rank', async () => {
  const vectors = matrixOf(Float32Array.from([1, 0, 1, 0, 1, 1e-8, 0, 1]), 2);
  const gallery = { vectors, classOf: Int32Array.from([0, 1, 2, 3]), classes: 4 };
  expect(await rankClasses(gallery, matrixOf(Float32Array.from([1, 0]), 2), Int32Array.from([1]))).toEqual([2]);
});
