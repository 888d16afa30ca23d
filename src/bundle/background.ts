import { createRng } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { Background } from './manifest.ts';

/** Finer towards the upper end, where hits are. */
const SHARES: readonly number[] = [
  0, 0.001, 0.01, ...Array.from({ length: 18 }, (_, i) => (i + 1) * 0.05), 0.925, ...Array.from({ length: 9 }, (_, i) => 0.95 + i * 0.005),
  ...Array.from({ length: 9 }, (_, i) => 0.991 + i * 0.001), 0.9993, 0.9995, 0.9997, 0.9999, 0.99995, 0.99999, 1,
];

const DEFAULT_PAIRS = 500_000;

/** How alike two random vectors are: quantiles over pairs of different rows, all of them where they are few. */
export function backgroundOf(a: Matrix, b: Matrix, seed: number, pairs = DEFAULT_PAIRS): Background {
  const same = a.data === b.data;
  const available = same ? (a.rows * (a.rows - 1)) / 2 : a.rows * b.rows;
  if (available === 0) return { pairs: 0, shares: [], cosines: [] };
  const cosines = available <= pairs ? allPairs(a, b, same) : randomPairs(a, b, same, seed, pairs);
  cosines.sort();
  return { pairs: cosines.length, shares: [...SHARES], cosines: SHARES.map((share) => round(cosines[Math.round(share * (cosines.length - 1))]!)) };
}

/** Share of random pairs, in percent, that are less alike than this cosine; between the stored quantiles linearly. */
export function percentileOf(background: Background, cosine: number): number {
  const { shares, cosines } = background;
  if (cosines.length === 0 || cosine <= cosines[0]!) return 0;
  const above = cosines.findIndex((value) => value > cosine);
  if (above < 0) return 100;
  const below = above - 1;
  const part = (cosine - cosines[below]!) / (cosines[above]! - cosines[below]!);
  return 100 * (shares[below]! + part * (shares[above]! - shares[below]!));
}

function allPairs(a: Matrix, b: Matrix, same: boolean): Float32Array {
  const found: number[] = [];
  for (let i = 0; i < a.rows; i++) for (let j = same ? i + 1 : 0; j < b.rows; j++) found.push(cosineAt(a, i, b, j));
  return Float32Array.from(found);
}

function randomPairs(a: Matrix, b: Matrix, same: boolean, seed: number, pairs: number): Float32Array {
  const rng = createRng(seed);
  const cosines = new Float32Array(pairs);
  for (let p = 0; p < pairs; p++) {
    const i = rng.int(a.rows);
    let j = rng.int(b.rows);
    while (same && j === i) j = rng.int(b.rows);
    cosines[p] = cosineAt(a, i, b, j);
  }
  return cosines;
}

function cosineAt(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  const offsetA = i * a.cols;
  const offsetB = j * b.cols;
  for (let c = 0; c < a.cols; c++) sum += a.data[offsetA + c]! * b.data[offsetB + c]!;
  return sum;
}

function round(value: number): number {
  return Number(value.toFixed(6));
}
