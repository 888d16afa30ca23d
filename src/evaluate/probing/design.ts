/** Features of molecules as the matrices that linear models and neighbours work on: dense vectors, or bits of which few are set. */
import { matrixOf } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';

/** Set bits of every row: row r has indices[offsets[r] .. offsets[r + 1]], ascending. */
export interface BitRows {
  readonly kind: 'bits';
  readonly indices: Int32Array;
  readonly offsets: Int32Array;
  readonly width: number;
}

/** (rows, cols): embeddings of unit length, or features of any. */
export interface DenseRows {
  readonly kind: 'dense';
  readonly matrix: Matrix;
}

export type Features = BitRows | DenseRows;

export function widthOf(features: Features): number {
  return features.kind === 'bits' ? features.width : features.matrix.cols;
}

/** Some rows X (n, d) of a set of features, seen by an optimiser. */
export interface Design {
  readonly rows: number;
  readonly width: number;
  /** out (n) = X w; w: (d). */
  times(w: Float64Array, out: Float64Array): void;
  /** out (d) += X' r; r: (n). */
  addTransposed(r: Float64Array, out: Float64Array): void;
}

/** Rows of `features` at `positions`. */
export function designOf(features: Features, positions: Int32Array): Design {
  return features.kind === 'bits' ? bitDesign(features, positions) : denseDesign(features.matrix, positions);
}

function denseDesign({ data, cols }: Matrix, positions: Int32Array): Design {
  return {
    rows: positions.length,
    width: cols,
    times: (w, out) => {
      for (let r = 0; r < positions.length; r++) {
        const at = positions[r]! * cols;
        // Four sums, because one would wait for each addition to finish.
        let [s0, s1, s2, s3] = [0, 0, 0, 0];
        let c = 0;
        for (; c < cols - 3; c += 4) {
          s0 += data[at + c]! * w[c]!;
          s1 += data[at + c + 1]! * w[c + 1]!;
          s2 += data[at + c + 2]! * w[c + 2]!;
          s3 += data[at + c + 3]! * w[c + 3]!;
        }
        for (; c < cols; c++) s0 += data[at + c]! * w[c]!;
        out[r] = s0 + s1 + s2 + s3;
      }
    },
    addTransposed: (factors, out) => {
      for (let r = 0; r < positions.length; r++) {
        const at = positions[r]! * cols;
        const factor = factors[r]!;
        for (let c = 0; c < cols; c++) out[c]! += factor * data[at + c]!;
      }
    },
  };
}

function bitDesign({ indices, offsets, width }: BitRows, positions: Int32Array): Design {
  return {
    rows: positions.length,
    width,
    times: (w, out) => {
      for (let r = 0; r < positions.length; r++) {
        let sum = 0;
        for (let i = offsets[positions[r]!]!, end = offsets[positions[r]! + 1]!; i < end; i++) sum += w[indices[i]!]!;
        out[r] = sum;
      }
    },
    addTransposed: (factors, out) => {
      for (let r = 0; r < positions.length; r++) {
        const factor = factors[r]!;
        for (let i = offsets[positions[r]!]!, end = offsets[positions[r]! + 1]!; i < end; i++) out[indices[i]!]! += factor;
      }
    },
  };
}

/**
 * Dense features with mean 0 and variance 1 over the training rows, so that one penalty means the same for each of them; what
 * does not vary there becomes 0. Bits stay as they are: rare ones would be blown up.
 */
export function standardised(features: Features, train: Int32Array): Features {
  if (features.kind === 'bits') return features;
  const { data, cols, rows } = features.matrix;
  const mean = new Float64Array(cols);
  const variance = new Float64Array(cols);
  for (const row of train) for (let c = 0; c < cols; c++) mean[c]! += data[row * cols + c]! / train.length;
  for (const row of train) for (let c = 0; c < cols; c++) variance[c]! += (data[row * cols + c]! - mean[c]!) ** 2 / train.length;
  const scale = variance.map((value) => (value > SMALLEST_VARIANCE ? 1 / Math.sqrt(value) : 0));
  const out = new Float32Array(data.length);
  for (let row = 0, at = 0; row < rows; row++) for (let c = 0; c < cols; c++, at++) out[at] = (data[at]! - mean[c]!) * scale[c]!;
  return { kind: 'dense', matrix: matrixOf(out, cols) };
}

/** Below this a single-precision embedding does not vary, it is rounded. */
const SMALLEST_VARIANCE = 1e-12;
