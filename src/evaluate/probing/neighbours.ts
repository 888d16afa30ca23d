/** Nearest neighbours by cosine: what a space says without any fitting. */
import { setImmediate as breathe } from 'node:timers/promises';
import { l2Normalise, matrixOf } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import type { Products } from '../products.ts';
import type { BitRows, DenseRows, Features } from './design.ts';
import { GAP } from './table.ts';

/** Cosines of queries with a gallery; both are positions in one set of features. Gives (queries, gallery). */
type Cosines = (queries: Int32Array) => Float32Array;

const QUERIES = 64;

/** Dense rows meet in the matrix product, brought to unit length; bits by lists of the rows that have each of them. */
function cosinesWith(features: Features, gallery: Int32Array, products: Products): Cosines {
  return features.kind === 'dense' ? denseCosines(features, gallery, products) : bitCosines(features, gallery);
}

function denseCosines({ matrix: { data, cols } }: DenseRows, gallery: Int32Array, products: Products): Cosines {
  const unitRows = (positions: Int32Array): Matrix => {
    const out = new Float32Array(positions.length * cols);
    positions.forEach((position, r) => out.set(data.subarray(position * cols, (position + 1) * cols), r * cols));
    return l2Normalise(matrixOf(out, cols));
  };
  const held = unitRows(gallery);
  return (queries) => products(unitRows(queries), held);
}

function bitCosines({ indices, offsets, width }: BitRows, gallery: Int32Array): Cosines {
  const holders: number[][] = Array.from({ length: width }, () => []);
  gallery.forEach((position, g) => {
    for (let i = offsets[position]!; i < offsets[position + 1]!; i++) holders[indices[i]!]!.push(g);
  });
  const lists = holders.map((list) => Int32Array.from(list));
  const lengthOf = (position: number): number => Math.sqrt(Math.max(1, offsets[position + 1]! - offsets[position]!));
  const lengths = Float64Array.from(gallery, lengthOf);
  return (queries) => {
    const out = new Float32Array(queries.length * gallery.length);
    queries.forEach((position, q) => {
      const own = out.subarray(q * gallery.length, (q + 1) * gallery.length);
      for (let i = offsets[position]!; i < offsets[position + 1]!; i++) for (const g of lists[indices[i]!]!) own[g]!++;
      const length = lengthOf(position);
      for (let g = 0; g < own.length; g++) own[g]! /= length * lengths[g]!;
    });
    return out;
  };
}

export interface NeighbourOptions {
  readonly features: Features;
  readonly gallery: Int32Array;
  readonly queries: Int32Array;
  /** One array a label column over all positions: 1, 0 or GAP. */
  readonly labels: readonly Int8Array[];
  /** Ascending. */
  readonly ks: readonly number[];
  readonly products: Products;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores by the k nearest of the gallery that have a label: the share of actives among them, each counting by its cosine (never
 * less than 0). Equally near ones come in the gallery's order. `result[k][column]`: (queries), NaN where no neighbour has a label.
 */
export async function neighbourScores(options: NeighbourOptions): Promise<Float64Array[][]> {
  const { features, gallery, queries, labels, ks, products, signal } = options;
  const cosines = cosinesWith(features, gallery, products);
  const scores = ks.map(() => labels.map(() => new Float64Array(queries.length)));
  for (let from = 0; from < queries.length; from += QUERIES) {
    signal?.throwIfAborted();
    const block = queries.subarray(from, from + QUERIES);
    const found = cosines(block);
    block.forEach((_, q) => {
      const own = found.subarray(q * gallery.length, (q + 1) * gallery.length);
      const order = nearestFirst(own);
      labels.forEach((label, column) => vote(order, own, gallery, label, ks, (k, score) => (scores[k]![column]![from + q] = score)));
    });
    await breathe();
  }
  return scores;
}

/** 2^21: positions stand below, the order of the cosines above, and a double holds both. */
const SHIFT = 2_097_152;

/** Places in the gallery, nearest first. Sorted as numbers, which takes a tenth of sorting by a comparison. */
function nearestFirst(cosines: Float32Array): Int32Array {
  // The bits of a positive float rise with it: 2 - cosine lies between 1 and 3.
  const distance = cosines.map((cosine) => 2 - cosine);
  const bits = new Uint32Array(distance.buffer, distance.byteOffset, distance.length);
  const keys = Float64Array.from(bits, (value, g) => value * SHIFT + g).sort();
  return Int32Array.from(keys, (key) => key % SHIFT);
}

function vote(
  order: Int32Array, cosines: Float32Array, gallery: Int32Array, label: Int8Array, ks: readonly number[], tell: (k: number, score: number) => void,
): void {
  let [seen, weight, active, plain, next] = [0, 0, 0, 0, 0];
  // Neighbours at a right angle say nothing by their cosine: the plain share stands in.
  const score = (): number => (weight > 0 ? active / weight : plain / seen);
  for (const g of order) {
    const value = label[gallery[g]!]!;
    if (value === GAP) continue;
    const cosine = Math.max(0, cosines[g]!);
    seen++;
    weight += cosine;
    active += cosine * value;
    plain += value;
    if (seen < ks[next]!) continue;
    tell(next++, score());
    if (next === ks.length) return;
  }
  // Fewer neighbours than asked for: all there are.
  for (; next < ks.length; next++) tell(next, seen === 0 ? Number.NaN : score());
}
