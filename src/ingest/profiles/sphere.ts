import { IsoLensError, matrixOf, symmetricEigen } from '../../core/index.ts';
import type { Profiles } from './define.ts';

export interface SphereOptions {
  /** Weight, 0 to 1, of an even spread in the covariance (default: by Ledoit & Wolf, from the controls themselves). */
  readonly shrinkage?: number;
}

export interface SpheredProfiles<P extends Profiles> {
  readonly profiles: P;
  readonly shrinkage: number;
  /** What was whitened: the negative controls, or all wells where there are fewer than two. */
  readonly reference: 'controls' | 'wells';
}

/** With less, directions in which the controls do not vary at all would get endless weight. */
const MIN_SHRINKAGE = 1e-6;

/**
 * Whitening by the controls: what varies among wells without a compound (position, staining, cell count) is scaled down until all
 * directions vary alike. Ando et al. 2019, doi:10.1101/161422 ("typical variation normalisation"); ZCA, so that features keep their names.
 * Plates have few controls beside many features, so the covariance S becomes (1 - a) S + a m I, m the mean variance, with the `a`
 * of Ledoit & Wolf 2004, doi:10.1016/S0047-259X(03)00096-4. Directions in which no control varies are scaled by (a m)^-1/2.
 */
export function sphere<P extends Profiles>(profiles: P, options: SphereOptions = {}): SpheredProfiles<P> {
  const { wells, matrix: { data, rows, cols } } = profiles;
  const controls = wells.flatMap(({ isControl }, row) => (isControl ? [row] : []));
  const reference = controls.length >= 2 ? controls : wells.map((_, row) => row);
  if (reference.length < 2) throw new IsoLensError('DATASET_INVALID', `Expected at least two wells to whiten by but received ${reference.length}.`);
  const mean = new Float64Array(cols);
  for (const row of reference) for (let c = 0; c < cols; c++) mean[c]! += data[row * cols + c]! / reference.length;
  const centred = reference.map((row) => Float64Array.from(mean, (value, c) => data[row * cols + c]! - value));
  const { values, vectors, shrinkage, meanVariance } = spread(centred, cols, options.shrinkage);
  const base = shrinkage * meanVariance;
  const gains = values.map((value) => 1 / Math.sqrt((1 - shrinkage) * value + base) - 1 / Math.sqrt(base));
  const out = new Float32Array(rows * cols);
  const x = new Float64Array(cols);
  const y = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < cols; c++) x[c] = data[row * cols + c]! - mean[c]!;
    for (let c = 0; c < cols; c++) y[c] = x[c]! / Math.sqrt(base);
    vectors.forEach((vector, k) => {
      const along = gains[k]! * product(vector, x);
      for (let c = 0; c < cols; c++) y[c]! += along * vector[c]!;
    });
    out.set(y, row * cols);
  }
  return { profiles: { ...profiles, matrix: matrixOf(out, cols) }, shrinkage, reference: controls.length >= 2 ? 'controls' : 'wells' };
}

interface Spread {
  /** Variances above 0 and their unit directions. */
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
  readonly shrinkage: number;
  readonly meanVariance: number;
}

/** x: (n, d), centred. Of the two products x x' and x' x, which share their eigenvalues, the smaller one is taken apart. */
function spread(x: readonly Float64Array[], d: number, wanted: number | undefined): Spread {
  const n = x.length;
  const columns = n > d ? Array.from({ length: d }, (_, c) => Float64Array.from(x, (row) => row[c]!)) : x;
  const size = columns.length;
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) gram[i * size + j] = gram[j * size + i] = product(columns[i]!, columns[j]!) / n;
  }
  const { values, vectors } = symmetricEigen(gram, size);
  const meanVariance = values.reduce((sum, value) => sum + value, 0) / d;
  if (!(meanVariance > 0)) throw new IsoLensError('DATASET_INVALID', 'Expected controls that differ from each other but all are equal; profiles cannot be whitened by them.');
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  const kept = [...values.keys()].filter((k) => values[k]! > largest * 1e-12);
  const directions = kept.map((k) => {
    const vector = vectors.subarray(k * size, (k + 1) * size);
    return n > d ? vector : unit(combine(x, vector, d));
  });
  const shrinkage = Math.max(MIN_SHRINKAGE, wanted ?? ledoitWolf(x, gram, meanVariance, d));
  return { values: kept.map((k) => values[k]!), vectors: directions, shrinkage, meanVariance };
}

/** x: (n, d), centred; gram: either product over n, whose squares sum to those of the covariance. */
function ledoitWolf(x: readonly Float64Array[], gram: Float64Array, meanVariance: number, d: number): number {
  const squares = gram.reduce((sum, value) => sum + value * value, 0);
  const distance = squares - d * meanVariance * meanVariance;
  const noise = x.reduce((sum, row) => sum + product(row, row) ** 2, 0) / (x.length * x.length) - squares / x.length;
  return distance <= 0 ? 1 : Math.min(1, Math.max(0, noise / distance));
}

function combine(x: readonly Float64Array[], weights: Float64Array, d: number): Float64Array {
  const sum = new Float64Array(d);
  x.forEach((row, i) => { for (let c = 0; c < d; c++) sum[c]! += weights[i]! * row[c]!; });
  return sum;
}

function unit(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(product(vector, vector));
  return vector.map((value) => value / norm);
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
