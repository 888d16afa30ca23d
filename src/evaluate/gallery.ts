/** Exact ranks in a gallery whose rows belong to classes (the skeletons of molecules): a class is as near as its nearest row. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Matrix } from '../core/index.ts';

export interface Gallery {
  /** Unit vectors. */
  readonly vectors: Matrix;
  /** Class of each row, 0 to classes - 1. */
  readonly classOf: Int32Array;
  readonly classes: number;
}

/** Queries that are compared in one pass over the gallery. */
const BLOCK = 8;
/** Cosines nearer than this are equal: the same molecule in two batches differs in the last digits. */
const EQUAL = 1e-6;

/**
 * Rank of each query's wanted class among all, best cosine first, equal ones at their mean rank.
 * queries: (n, D), unit vectors; wanted: (n).
 */
export async function rankClasses(gallery: Gallery, queries: Matrix, wanted: Int32Array, onDone: (done: number) => void = () => {}): Promise<number[]> {
  const ranks: number[] = [];
  const best = Array.from({ length: BLOCK }, () => new Float32Array(gallery.classes));
  for (let from = 0; from < queries.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, queries.rows);
    scoreBlock(gallery, queries, from, best);
    for (let q = from; q < to; q++) ranks.push(rankOf(best[q - from]!, wanted[q]!));
    onDone(to);
    await breathe();
  }
  return ranks;
}

/** best[i][c] = largest cosine of query `from` + i with a row of class c. Queries beyond the last repeat it. */
function scoreBlock({ vectors, classOf }: Gallery, queries: Matrix, from: number, best: readonly Float32Array[]): void {
  const { cols, rows } = vectors;
  const [q0, q1, q2, q3, q4, q5, q6, q7] = Array.from({ length: BLOCK }, (_, i) => {
    const row = Math.min(from + i, queries.rows - 1);
    return Float64Array.from(queries.data.subarray(row * cols, (row + 1) * cols));
  }) as Octet<Float64Array>;
  const [b0, b1, b2, b3, b4, b5, b6, b7] = best.map((one) => one.fill(-2)) as unknown as Octet<Float32Array>;
  for (let r = 0, at = 0; r < rows; r++) {
    // Eight sums at a time: the gallery is read once for eight queries.
    let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let d = 0; d < cols; d++, at++) {
      const g = vectors.data[at]!;
      s0 += g * q0[d]!;
      s1 += g * q1[d]!;
      s2 += g * q2[d]!;
      s3 += g * q3[d]!;
      s4 += g * q4[d]!;
      s5 += g * q5[d]!;
      s6 += g * q6[d]!;
      s7 += g * q7[d]!;
    }
    const c = classOf[r]!;
    if (s0 > b0[c]!) b0[c] = s0;
    if (s1 > b1[c]!) b1[c] = s1;
    if (s2 > b2[c]!) b2[c] = s2;
    if (s3 > b3[c]!) b3[c] = s3;
    if (s4 > b4[c]!) b4[c] = s4;
    if (s5 > b5[c]!) b5[c] = s5;
    if (s6 > b6[c]!) b6[c] = s6;
    if (s7 > b7[c]!) b7[c] = s7;
  }
}

type Octet<T> = [T, T, T, T, T, T, T, T];

function rankOf(best: Float32Array, wanted: number): number {
  const own = best[wanted]!;
  let better = 0;
  let equal = -1;
  for (const score of best) {
    if (score > own + EQUAL) better++;
    else if (score >= own - EQUAL) equal++;
  }
  return 1 + better + equal / 2;
}
