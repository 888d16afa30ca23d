import { IsoLensError, matrixOf } from '../../core/index.ts';
import type { Profiles } from './define.ts';

/** The profiles with exactly the `wanted` features, in that order. DATASET_INVALID names features that are missing or not wanted. */
export function alignFeatures<P extends Profiles>(profiles: P, wanted: readonly string[]): P {
  const has = new Set(profiles.features);
  const wants = new Set(wanted);
  const missing = wanted.filter((name) => !has.has(name));
  const extra = profiles.features.filter((name) => !wants.has(name));
  if (wants.size < wanted.length) throw new IsoLensError('ARGUMENT_INVALID', 'Expected each wanted feature once but received some twice.');
  if (missing.length > 0 || extra.length > 0) {
    const parts = [...(missing.length > 0 ? [`lack ${listed(missing)}`] : []), ...(extra.length > 0 ? [`have ${listed(extra)} in addition`] : [])];
    const message = `Expected profiles of ${wanted.length} given features but these ${parts.join(' and ')}; compute both with one pipeline.`;
    throw new IsoLensError('DATASET_INVALID', message, { details: { missing, extra } });
  }
  return pickFeatures(profiles, wanted);
}

/** Every table with the features that all have, in the order of the first. DATASET_INVALID where there is none. */
export function commonFeatures<P extends Profiles>(tables: readonly P[]): P[] {
  const sets = tables.map(({ features }) => new Set(features));
  const shared = (tables[0]?.features ?? []).filter((name) => sets.every((set) => set.has(name)));
  if (tables.length > 0 && shared.length === 0) {
    const firsts = tables.map(({ features }) => features[0]).join(', the other with ');
    throw new IsoLensError('DATASET_INVALID', `Expected tables with features in common but they have none: one begins with ${firsts}.`);
  }
  return tables.map((table) => pickFeatures(table, shared));
}

/** Some of the features, by name; every one must be there. */
export function pickFeatures<P extends Profiles>(profiles: P, names: readonly string[]): P {
  const places = new Map(profiles.features.map((name, at) => [name, at]));
  const from = names.map((name) => places.get(name)!);
  const { rows, cols, data } = profiles.matrix;
  const picked = new Float32Array(rows * from.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < from.length; c++) picked[r * from.length + c] = data[r * cols + from[c]!]!;
  return { ...profiles, features: [...names], matrix: matrixOf(picked, from.length) };
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
