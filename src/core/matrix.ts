/** Row-major matrix of float32: `data[r * cols + c]`. The one shape in which vectors travel between folders. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

export function matrixOf(data: Float32Array, cols: number): Matrix {
  return { data, rows: cols === 0 ? 0 : data.length / cols, cols };
}

/** A view of one row; writing to it writes to the matrix. */
export function rowOf(matrix: Matrix, row: number): Float32Array {
  return matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols);
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Scales every row to unit length in place; a zero row stays zero. Returns the same matrix. */
export function l2Normalise(matrix: Matrix): Matrix {
  for (let r = 0; r < matrix.rows; r++) {
    const row = rowOf(matrix, r);
    const norm = Math.sqrt(dot(row, row));
    if (norm > 0) for (let c = 0; c < row.length; c++) row[c]! /= norm;
  }
  return matrix;
}

/** Rows of one width under each other; without rows, of width 0. */
export function stackRows(rows: readonly Float32Array[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * cols);
  rows.forEach((row, r) => data.set(row, r * cols));
  return matrixOf(data, cols);
}

/** The mean of some rows. */
export function meanOfRows(matrix: Matrix, rows: readonly number[]): Float32Array {
  const mean = new Float32Array(matrix.cols);
  for (const row of rows) rowOf(matrix, row).forEach((value, c) => { mean[c]! += value / rows.length; });
  return mean;
}
