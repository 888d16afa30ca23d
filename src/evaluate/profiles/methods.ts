/** How profiles are prepared before they are compared by their cosine. */
import { IsoLensError } from '../../core/index.ts';
import { commonFeatures, pickFeatures, robustScale, selectFeatures, sphere } from '../../ingest/index.ts';
import type { Profiles, Well } from '../../ingest/index.ts';

/** A way to prepare profiles, and the wells that may be asked of what it gives. */
export interface ProfilePart {
  /** Each table by itself, but all with the same features in the end. Told: what it had to leave out, or do otherwise. */
  apply(tables: readonly Profiles[]): Prepared | Promise<Prepared>;
  /** A model that was trained on a well must not be asked by it. */
  asks(well: Well): boolean;
}

export interface Prepared {
  readonly tables: readonly Profiles[];
  readonly remarks: readonly string[];
}

export interface ProfileMethod<Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  apply(tables: readonly Profiles[]): Prepared;
}

/** A method in parts that ask different wells: models, each of which was trained without those that are asked of it; or one part alone. */
export interface ProfileModels {
  readonly id: string;
  readonly parts: readonly ProfilePart[];
}

/** Adding a way to prepare profiles is one entry here. */
export const PROFILE_METHODS = [
  { id: 'raw', summary: 'As they stand in the table.', apply: (tables) => ({ tables: commonFeatures(tables), remarks: [] }) },
  { id: 'robust', summary: "Robust z-scores by each plate's negative controls.", apply: robust },
  {
    id: 'selected', summary: 'Robust z-scores of the features that vary and do not correlate above .9 in the first table.',
    apply: (tables) => {
      const scaled = robust(tables);
      const [first] = scaled.tables;
      if (first === undefined) return scaled;
      const names = selectFeatures(first.matrix).kept.map((c) => first.features[c]!);
      if (names.length === 0) {
        throw new IsoLensError('DATASET_INVALID', `Expected some of ${first.features.length} features to stay after selection but none does.`);
      }
      return {
        tables: scaled.tables.map((table) => pickFeatures(table, names)),
        remarks: [...scaled.remarks, `features not selected: ${first.features.length - names.length} of ${first.features.length}`],
      };
    },
  },
  {
    id: 'sphered', summary: "Robust z-scores, whitened by the table's negative controls.",
    apply: (tables) => {
      const scaled = robust(tables);
      const whitened = scaled.tables.map((table) => sphere(table));
      return {
        tables: whitened.map(({ profiles }) => profiles),
        remarks: [...scaled.remarks, ...whitened.map(({ reference, shrinkage }) => `whitened by ${reference}, shrinkage ${shrinkage.toPrecision(2)}`)],
      };
    },
  },
] as const satisfies readonly ProfileMethod[];

function robust(tables: readonly Profiles[]): Prepared {
  const scaled = commonFeatures(tables).map((table) => robustScale(table));
  const flat = scaled.reduce((sum, one) => sum + one.flat.length, 0);
  const bare = scaled.flatMap(({ platesWithoutControls }) => platesWithoutControls);
  return {
    tables: commonFeatures(scaled.map(({ profiles }) => profiles)),
    remarks: [
      ...(flat > 0 ? [`features without spread among controls, left out: ${flat}`] : []),
      ...(bare.length > 0 ? [`plates with fewer than two controls, scaled by all of their wells: ${bare.join(', ')}`] : []),
    ],
  };
}

export function profileMethod(id: string): ProfileMethod {
  const found: ProfileMethod | undefined = PROFILE_METHODS.find((method) => method.id === id);
  if (found !== undefined) return found;
  const known = PROFILE_METHODS.map((method) => method.id).join(', ');
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a method for profiles (${known}) but received ${JSON.stringify(id)}.`);
}
