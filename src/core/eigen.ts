/** Eigenvalues in no order; `vectors`: (n, n), row k the unit eigenvector of `values[k]`. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 60;

/**
 * Eigen decomposition of a symmetric matrix `a`: (n, n), row-major, which is left as it is. Cyclic Jacobi (Golub & Van Loan, 4th ed.,
 * algorithm 8.5.3): slow beside tridiagonalisation but short and exact to the last digits; meant for some hundred rows.
 */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  const work = Float64Array.from(a);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const total = work.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(work, n) > total * 1e-30; sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(work, vectors, n, p, q);
  }
  return { values: Float64Array.from({ length: n }, (_, i) => work[i * n + i]!), vectors };
}

/** One rotation that makes a[p][q] zero; both sides of the matrix are kept, so that rows lie side by side in memory. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const app = a[p * n + p]!;
  const aqq = a[q * n + q]!;
  for (let k = 0; k < n; k++) {
    const x = a[p * n + k]!;
    const y = a[q * n + k]!;
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
    const u = vectors[p * n + k]!;
    const v = vectors[q * n + k]!;
    vectors[p * n + k] = c * u - s * v;
    vectors[q * n + k] = s * u + c * v;
  }
  for (let k = 0; k < n; k++) {
    a[k * n + p] = a[p * n + k]!;
    a[k * n + q] = a[q * n + k]!;
  }
  a[p * n + p] = app - t * apq;
  a[q * n + q] = aqq + t * apq;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += a[i * n + j]! ** 2;
  return sum;
}
