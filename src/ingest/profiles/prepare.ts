/** From profiles as they were measured to the numbers that an encoder reads; a query goes the way that training went. */
import { IsoLensError, matrixOf } from '../../core/index.ts';
import { commonFeatures, pickFeatures } from './align.ts';
import type { Profiles } from './define.ts';
import type { ReadProfiles } from './read.ts';
import { plateRows, robustScale } from './robust.ts';
import { sphere } from './sphere.ts';

export interface Preparation {
  /** Whitened by the table's controls after the z-scores. */
  readonly whiten: boolean;
  /** Largest size of a number. */
  readonly clip: number;
}

/**
 * Robust z-scores by each plate's controls, of the features that all tables have; each table whitened by its own controls; clipped.
 * DATASET_INVALID where no feature is common, or where a plate has fewer than two controls.
 */
export function prepareTables<P extends Profiles>(tables: readonly P[], preparation: Preparation): P[] {
  for (const table of tables) checkControls(table);
  const scaled = commonFeatures(commonFeatures(tables).map((table) => robustScale(table).profiles));
  return scaled.map((table) => finished(table, preparation));
}

/**
 * One table with the features of an encoder, in their order. A feature that varies too little in this table to be scaled is 0, as in a control.
 * DATASET_INVALID names features that the table lacks.
 */
export function prepareFor<P extends Profiles & Partial<Pick<ReadProfiles, 'path' | 'droppedConstant' | 'droppedMissing'>>>(table: P, features: readonly string[], preparation: Preparation): P & { readonly flat: readonly string[] } {
  checkControls(table);
  const dropped = new Set([...(table.droppedConstant ?? []), ...(table.droppedMissing ?? [])]);
  const has = new Set(table.features);
  const missing = features.filter((name) => !has.has(name) && !dropped.has(name));
  if (missing.length > 0) {
    const shown = missing.length > 5 ? `${missing.slice(0, 5).join(', ')} and ${missing.length - 5} more` : missing.join(', ');
    throw new IsoLensError('DATASET_INVALID', `Expected the ${features.length} features of the encoder in ${table.path ?? 'the table'} but it lacks ${shown}; compute profiles with the pipeline of the profiles that the encoder was trained on.`, { details: { missing } });
  }
  const { profiles } = robustScale(pickFeatures(table, features.filter((name) => has.has(name))));
  const usable = new Set(profiles.features);
  const flat = features.filter((name) => !usable.has(name));
  return { ...finished(widened(profiles, features), preparation), flat };
}

/** Without controls nothing tells an effect from what the plate does. */
function checkControls({ wells, ...rest }: Profiles & { readonly path?: string }): void {
  for (const [plate, rows] of plateRows(wells)) {
    const controls = rows.filter((row) => wells[row]!.isControl).length;
    if (controls >= 2) continue;
    const where = rest.path === undefined ? '' : ` of ${rest.path}`;
    throw new IsoLensError('DATASET_INVALID', `Expected at least two wells of negative controls on plate ${plate}${where} but it has ${controls}; mark them in a column such as Metadata_control_type (negcon), and keep them in the table.`, { details: { plate, controls } });
  }
}

function widened<P extends Profiles>(profiles: P, features: readonly string[]): P {
  const { data, rows, cols } = profiles.matrix;
  const at = new Map(profiles.features.map((name, c) => [name, c]));
  const out = new Float32Array(rows * features.length);
  features.forEach((name, c) => {
    const from = at.get(name);
    if (from !== undefined) for (let row = 0; row < rows; row++) out[row * features.length + c] = data[row * cols + from]!;
  });
  return { ...profiles, features, matrix: matrixOf(out, features.length) };
}

function finished<P extends Profiles>(table: P, { whiten, clip }: Preparation): P {
  const { matrix, ...rest } = whiten ? sphere(table).profiles : table;
  return { ...rest, matrix: matrixOf(matrix.data.map((value) => Math.max(-clip, Math.min(clip, value))), matrix.cols) } as P;
}
