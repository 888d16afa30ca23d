import { percentileOf } from '../bundle/index.ts';
import type { Background } from '../bundle/index.ts';
import type { Matrix } from '../core/index.ts';

const SAMPLED_ROWS = 4096;

/** Rows of a library of `count`, spread evenly. */
export function sampledRows(count: number): number[] {
  const step = Math.max(1, Math.floor(count / SAMPLED_ROWS));
  return Array.from({ length: count === 0 ? 0 : Math.floor((count - 1) / step) + 1 }, (_, i) => i * step);
}

/** Cosine -> share of random pairs, in percent, that are less alike. */
export type PercentileScale = (cosine: number) => number;

/**
 * The scale of a query. Queries of a modality for which the bundle stores no random pairs are compared with library rows
 * spread evenly: cosines across modalities are smaller than within one, and must not be read on the same scale. sample: their vectors.
 */
export async function percentileScale(background: Background | undefined, query: Float32Array, sample: () => Promise<Matrix>): Promise<PercentileScale> {
  if (background !== undefined) return (cosine) => percentileOf(background, cosine);
  const library = await sample();
  const cosines = new Float32Array(library.rows);
  for (let i = 0; i < cosines.length; i++) {
    const offset = i * library.cols;
    let sum = 0;
    for (let c = 0; c < library.cols; c++) sum += library.data[offset + c]! * query[c]!;
    cosines[i] = sum;
  }
  cosines.sort();
  // Of n rows one cannot say more than n in n + 1.
  return (cosine) => (100 * countBelow(cosines, cosine)) / (cosines.length + 1);
}

function countBelow(sorted: Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
