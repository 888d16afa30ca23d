import { IsoLensError, matrixOf, median } from '../../core/index.ts';
import { pickFeatures } from './align.ts';
import type { Profiles } from './define.ts';

/** Makes the median absolute deviation of normal values their standard deviation: 1 / quantile(3/4). */
export const MAD_SCALE = 1.482602218505602;
/** A deviation below this share of the median's size is rounding of single precision. */
const FLAT = 1e-6;

export interface RobustProfiles<P extends Profiles> {
  readonly profiles: P;
  /** Plates with fewer than two controls: scaled by all of their wells, which takes a part of the effects away. */
  readonly platesWithoutControls: readonly string[];
  /** Features that do not vary among the reference wells of some plate: left out. */
  readonly flat: readonly string[];
}

/**
 * Robust z-score: each feature minus the median of the plate's negative controls, over their scaled median absolute deviation (as
 * pycytominer's RobustMAD, but without an epsilon under the line: features that do not vary there are left out, not blown up).
 * DATASET_INVALID where no feature is left.
 */
export function robustScale<P extends Profiles>(profiles: P): RobustProfiles<P> {
  const { wells, features, matrix: { data, rows, cols } } = profiles;
  const out = new Float32Array(rows * cols);
  const platesWithoutControls: string[] = [];
  const flat = new Set<string>();
  for (const [plate, all] of plateRows(wells)) {
    const controls = all.filter((row) => wells[row]!.isControl);
    if (controls.length < 2) platesWithoutControls.push(plate);
    const reference = controls.length < 2 ? all : controls;
    for (let c = 0; c < cols; c++) {
      const values = Float64Array.from(reference, (row) => data[row * cols + c]!);
      const middle = median(values);
      const deviation = MAD_SCALE * median(values.map((value) => Math.abs(value - middle)));
      if (deviation <= FLAT * Math.abs(middle)) flat.add(features[c]!);
      else for (const row of all) out[row * cols + c] = (data[row * cols + c]! - middle) / deviation;
    }
  }
  const kept = features.filter((name) => !flat.has(name));
  if (kept.length === 0) {
    const message = `Expected features that vary among the controls of every plate but all ${features.length} are flat on one; check that the wells differ.`;
    throw new IsoLensError('DATASET_INVALID', message);
  }
  return { profiles: pickFeatures({ ...profiles, matrix: matrixOf(out, cols) }, kept), platesWithoutControls, flat: [...flat] };
}

/** Rows of each plate, in the order of the table. */
export function plateRows(wells: readonly { readonly plate: string }[]): ReadonlyMap<string, readonly number[]> {
  const rows = new Map<string, number[]>();
  wells.forEach(({ plate }, row) => {
    const own = rows.get(plate);
    if (own === undefined) rows.set(plate, [row]);
    else own.push(row);
  });
  return rows;
}
