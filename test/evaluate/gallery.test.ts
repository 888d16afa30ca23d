import { expect, it } from 'vitest';
import { createRng, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';
import { rankClasses } from '../../src/evaluate/gallery.ts';

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

it('puts equal classes at their mean rank', async () => {
  const vectors = matrixOf(Float32Array.from([1, 0, 1, 0, 1, 1e-8, 0, 1]), 2);
  const gallery = { vectors, classOf: Int32Array.from([0, 1, 2, 3]), classes: 4 };
  expect(await rankClasses(gallery, matrixOf(Float32Array.from([1, 0]), 2), Int32Array.from([1]))).toEqual([2]);
});
