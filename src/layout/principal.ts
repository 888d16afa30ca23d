/** The plane of largest spread: where a layout starts, and what it must be better than. */
import type { Matrix } from '../core/index.ts';
import { rowOf } from '../core/index.ts';

const ROUNDS = 60;

export interface Plane {
  /** (dimension) */
  readonly mean: Float64Array;
  /** Two unit vectors, at right angles, the one of larger spread first. */
  readonly axes: readonly [Float64Array, Float64Array];
}

/** By power iteration, which never writes the (dimension, dimension) covariance down. */
export function principalPlane(vectors: Matrix): Plane {
  const mean = meanOf(vectors);
  const first = strongest(vectors, mean, undefined);
  return { mean, axes: [first, strongest(vectors, mean, first)] };
}

/** (rows, 2) */
export function projected(vectors: Matrix, { mean, axes }: Plane): Float64Array {
  const points = new Float64Array(vectors.rows * 2);
  for (let r = 0; r < vectors.rows; r++) {
    const row = rowOf(vectors, r);
    let [x, y] = [0, 0];
    for (let c = 0; c < row.length; c++) {
      const value = row[c]! - mean[c]!;
      x += value * axes[0][c]!;
      y += value * axes[1][c]!;
    }
    points[2 * r] = x;
    points[2 * r + 1] = y;
  }
  return points;
}

function meanOf(vectors: Matrix): Float64Array {
  const mean = new Float64Array(vectors.cols);
  for (let r = 0; r < vectors.rows; r++) {
    const row = rowOf(vectors, r);
    for (let c = 0; c < row.length; c++) mean[c]! += row[c]! / vectors.rows;
  }
  return mean;
}

/** `other`: an axis to stay at right angles to. */
function strongest(vectors: Matrix, mean: Float64Array, other: Float64Array | undefined): Float64Array {
  const { rows, cols } = vectors;
  // No axis of real data is at right angles to this one, and it is the same every time.
  let axis = Float64Array.from({ length: cols }, (_, c) => Math.cos(1 + c * 1.7));
  for (let round = 0; round < ROUNDS; round++) {
    if (other !== undefined) removePart(axis, other);
    normalise(axis);
    const next = new Float64Array(cols);
    for (let r = 0; r < rows; r++) {
      const row = rowOf(vectors, r);
      let along = 0;
      for (let c = 0; c < cols; c++) along += (row[c]! - mean[c]!) * axis[c]!;
      for (let c = 0; c < cols; c++) next[c]! += along * (row[c]! - mean[c]!);
    }
    // Vectors that are all equal have no spread at all: any axis will do.
    if (next.every((value) => value === 0)) break;
    axis = next;
  }
  if (other !== undefined) removePart(axis, other);
  normalise(axis);
  return axis;
}

function removePart(axis: Float64Array, other: Float64Array): void {
  let along = 0;
  for (let c = 0; c < axis.length; c++) along += axis[c]! * other[c]!;
  for (let c = 0; c < axis.length; c++) axis[c]! -= along * other[c]!;
}

function normalise(axis: Float64Array): void {
  let sum = 0;
  for (const value of axis) sum += value * value;
  if (sum > 0) for (let c = 0; c < axis.length; c++) axis[c]! /= Math.sqrt(sum);
}
