import { createRng, dot, l2Normalise, matrixOf, rowOf } from '../../core/index.ts';
import type { Profiles } from './define.ts';

const GROUPS = 1000;
const QUANTILE = 0.95;

/**
 * Which perturbations do something that can be seen again: the mean cosine between their wells is above that of 95 % of as many wells
 * drawn at random ("percent replicating": Way et al. 2022, doi:10.1016/j.cels.2022.10.001). `groups`: rows of the treated wells of each
 * perturbation. One well alone says nothing, and is kept.
 */
export function activeGroups({ matrix }: Pick<Profiles, 'matrix'>, groups: readonly (readonly number[])[], seed: number): boolean[] {
  const unit = l2Normalise(matrixOf(Float32Array.from(matrix.data), matrix.cols));
  const meanCosine = (rows: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) for (let j = 0; j < i; j++) sum += dot(rowOf(unit, rows[i]!), rowOf(unit, rows[j]!));
    return sum / ((rows.length * (rows.length - 1)) / 2);
  };
  const rng = createRng(seed);
  const all = groups.flat();
  const limits = new Map<number, number>();
  const limitOf = (size: number): number => {
    const known = limits.get(size);
    if (known !== undefined) return known;
    const drawn = Array.from({ length: GROUPS }, () => meanCosine(rng.shuffle([...all]).slice(0, size))).sort((a, b) => a - b);
    const limit = drawn[Math.floor(QUANTILE * GROUPS)]!;
    limits.set(size, limit);
    return limit;
  };
  return groups.map((rows) => rows.length < 2 || meanCosine(rows) > limitOf(rows.length));
}
