/** One perturbation of a table of profiles, as an encoder reads it. */
import { IsoLensError, meanOfRows } from '../../core/index.ts';
import { prepareFor } from './prepare.ts';
import type { Preparation } from './prepare.ts';
import type { ReadProfiles } from './read.ts';
import type { Well } from './wells.ts';

export interface ProfileQuery {
  /** Mean over its wells. */
  readonly vector: Float32Array;
  /** What it is called: the compound, its name, its SMILES, or the well. */
  readonly name: string;
  readonly wells: number;
  /** Sentences. */
  readonly warnings: readonly string[];
}

/** More than this share of flat features is no profile of that encoder. */
const MAX_FLAT = 0.5;

/**
 * `wanted` names a perturbation by identifier, name, SMILES, InChIKey or well ("B03", or "PLATE:B03"); it may be absent where the table holds
 * one alone. NOT_FOUND where nothing is called so; ARGUMENT_INVALID where it must be named; DATASET_INVALID as of prepareFor.
 */
export function profileQuery(table: ReadProfiles, { features, ...preparation }: Preparation & { readonly features: readonly string[] }, wanted?: string): ProfileQuery {
  const rows = wanted === undefined ? onlyOne(table) : rowsCalled(table, wanted);
  const { matrix, flat } = prepareFor(table, features, preparation);
  if (flat.length > MAX_FLAT * features.length) {
    throw new IsoLensError('DATASET_INVALID', `Expected features that vary among the controls of ${table.path} but ${flat.length} of the encoder's ${features.length} do not; give the whole plate with its controls.`, { details: { flat: flat.length } });
  }
  return {
    vector: meanOfRows(matrix, rows), name: nameOf(table.wells[rows[0]!]!), wells: rows.length,
    warnings: flat.length === 0 ? [] : [`${flat.length} of ${features.length} features do not vary in this table and were taken for those of a control.`],
  };
}

function nameOf({ name, compound, smiles, plate, well }: Well): string {
  return name ?? compound ?? smiles ?? `${plate}:${well}`;
}

function onlyOne({ wells, path }: ReadProfiles): number[] {
  const treated = [...wells.keys()].filter((row) => !wells[row]!.isControl);
  const names = [...new Set(treated.map((row) => nameOf(wells[row]!)))];
  if (names.length === 1) return treated;
  const shown = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected the name of one perturbation of ${path} but received none; it holds ${names.length === 0 ? 'controls alone' : shown}.`);
}

function rowsCalled({ wells, path }: ReadProfiles, wanted: string): number[] {
  const asked = wanted.trim().toLowerCase();
  const isCalled = ({ name, compound, smiles, inchiKey, plate, well }: Well): boolean => (
    [name, compound, inchiKey, well, `${plate}:${well}`].some((one) => one?.toLowerCase() === asked) || smiles === wanted.trim()
  );
  const rows = [...wells.keys()].filter((row) => isCalled(wells[row]!));
  if (rows.length > 0) return rows;
  throw new IsoLensError('NOT_FOUND', `Expected a perturbation of ${path}, by identifier, name, SMILES, InChIKey or well, but received ${JSON.stringify(wanted.slice(0, 100))}; nothing there is called so.`);
}
