/** A library whose vectors lie in clusters, as embeddings do, and what is nearest in it by comparing with every row. */
import { createRng, dot, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';
import { makeBundle } from '../bundle/make-bundle.ts';
import type { MakeOptions } from '../bundle/make-bundle.ts';

export interface Clustered {
  readonly vectors: Matrix;
  /** (rows, 12); the first, molecular weight, is spread evenly from 0 to 1000. */
  readonly descriptors: Float32Array;
  readonly queries: readonly Float32Array[];
}

const CLUSTERS = 50;

export function clustered(rows: number, dimension: number, queries = 30, seed = 5): Clustered {
  const rng = createRng(seed);
  const centres = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: dimension }, () => rng.normal()));
  const near = (): Float32Array => centres[Math.floor(rng.next() * CLUSTERS)]!.map((value) => value + 0.6 * rng.normal());
  const all = matrixOf(new Float32Array((rows + queries) * dimension), dimension);
  for (let row = 0; row < rows + queries; row++) all.data.set(near(), row * dimension);
  l2Normalise(all);
  const descriptors = new Float32Array(rows * 12);
  for (let row = 0; row < rows; row++) descriptors[row * 12] = 1000 * rng.next();
  return {
    vectors: matrixOf(all.data.slice(0, rows * dimension), dimension), descriptors,
    queries: Array.from({ length: queries }, (_, i) => rowOf(all, rows + i)),
  };
}

export function makeClustered(root: string, name: string, { vectors, descriptors }: Clustered, options: MakeOptions = {}): ReturnType<typeof makeBundle> {
  return makeBundle(root, name, { rows: vectors.rows, dimension: vectors.cols, vectors, descriptors, ...options });
}

/** The k rows of largest cosine among those of a molecular weight of at most `heaviest`. */
export function bruteForce({ vectors, descriptors }: Clustered, query: Float32Array, k: number, heaviest = Infinity): { labels: number[]; scores: number[] } {
  const all = Array.from({ length: vectors.rows }, (_, row) => row).filter((row) => descriptors[row * 12]! <= heaviest).map((row) => ({ row, score: dot(query, rowOf(vectors, row)) }));
  const best = all.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k);
  return { labels: best.map(({ row }) => row), scores: best.map(({ score }) => score) };
}
