/** All inner products of two sets of vectors, in plain JavaScript: what the engine's products are held against, and where there is no engine. */
import type { Matrix } from '../core/index.ts';

/** a: (n, D), b: (m, D); gives (n, m). */
export type Products = (a: Matrix, b: Matrix) => Float32Array;

/** Rows of `a` that are compared in one pass over `b`. */
const BLOCK = 8;

type Octet<T> = [T, T, T, T, T, T, T, T];

export function plainProducts(a: Matrix, b: Matrix): Float32Array {
  const { cols } = b;
  const out = new Float32Array(a.rows * b.rows);
  for (let from = 0; from < a.rows; from += BLOCK) {
    // Beyond the last row it is repeated; those products are not kept.
    const rows = Array.from({ length: BLOCK }, (_, i) => Math.min(from + i, a.rows - 1));
    const [q0, q1, q2, q3, q4, q5, q6, q7] = rows.map((row) => Float64Array.from(a.data.subarray(row * cols, (row + 1) * cols))) as Octet<Float64Array>;
    const [o0, o1, o2, o3, o4, o5, o6, o7] = rows.map((row) => row * b.rows) as Octet<number>;
    for (let r = 0, at = 0; r < b.rows; r++) {
      // Eight sums at a time: `b` is read once for eight rows.
      let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let d = 0; d < cols; d++, at++) {
        const g = b.data[at]!;
        s0 += g * q0[d]!;
        s1 += g * q1[d]!;
        s2 += g * q2[d]!;
        s3 += g * q3[d]!;
        s4 += g * q4[d]!;
        s5 += g * q5[d]!;
        s6 += g * q6[d]!;
        s7 += g * q7[d]!;
      }
      out[o7 + r] = s7;
      out[o6 + r] = s6;
      out[o5 + r] = s5;
      out[o4 + r] = s4;
      out[o3 + r] = s3;
      out[o2 + r] = s2;
      out[o1 + r] = s1;
      out[o0 + r] = s0;
    }
  }
  return out;
}
