/** Which features say something of their own: as pycytominer's feature_select with its default settings. */
import type { Matrix } from '../../core/index.ts';

export interface SelectOptions {
  /** Least ratio of the second most frequent value to the most frequent one. */
  readonly minFrequencyRatio?: number;
  /** Least ratio of distinct values to wells. */
  readonly minDistinct?: number;
  /** Of two features that correlate (Pearson) above this, one goes. */
  readonly maxCorrelation?: number;
}

export interface Selection {
  /** Columns that stay, ascending. */
  readonly kept: readonly number[];
  readonly lowVariance: number;
  readonly correlated: number;
}

/** `variance_threshold`, then `correlation_threshold` among what it leaves. matrix: (wells, features). */
export function selectFeatures(matrix: Matrix, { minFrequencyRatio = 0.05, minDistinct = 0.01, maxCorrelation = 0.9 }: SelectOptions = {}): Selection {
  const varied = Array.from({ length: matrix.cols }, (_, c) => c).filter((c) => varies(columnOf(matrix, c), minFrequencyRatio, minDistinct));
  const kept = uncorrelated(varied.map((c) => standardised(columnOf(matrix, c))), maxCorrelation).map((at) => varied[at]!);
  return { kept, lowVariance: matrix.cols - varied.length, correlated: varied.length - kept.length };
}

function varies(values: Float64Array, minFrequencyRatio: number, minDistinct: number): boolean {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first = 0, second = 0] = [...counts.values()].sort((a, b) => b - a);
  return second > 0 && second / first >= minFrequencyRatio && counts.size / values.length >= minDistinct;
}

/**
 * Of each pair above the limit the feature goes that correlates more with all others (sum of absolute correlations; at equal sums the
 * later one). The pairs are judged independently, as pycytominer does: a feature may go for one that goes itself. Signed: a
 * feature and its mirror image both stay.
 */
function uncorrelated(columns: readonly Float64Array[], limit: number): number[] {
  const count = columns.length;
  const sums = new Float64Array(count);
  const above: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    sums[i]! += 1;
    for (let j = 0; j < i; j++) {
      let r = 0;
      for (let k = 0; k < columns[i]!.length; k++) r += columns[i]![k]! * columns[j]![k]!;
      sums[i]! += Math.abs(r);
      sums[j]! += Math.abs(r);
      if (r > limit) above.push([j, i]);
    }
  }
  const gone = new Set(above.map(([a, b]) => (sums[a]! > sums[b]! ? a : b)));
  return [...columns.keys()].filter((i) => !gone.has(i));
}

function columnOf({ data, rows, cols }: Matrix, c: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => data[r * cols + c]!);
}

/** Mean 0 and length 1, so that products are correlations. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const norm = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => (norm === 0 ? 0 : (value - mean) / norm));
}
