/** What the columns of a table of profiles are: by the names that CellProfiler, pycytominer and the public sets give them. */
import { IsoLensError } from '../../core/index.ts';
import { normaliseName } from '../columns.ts';

/** Normalised, without `Metadata_`, the likelier first. */
const NAMES = {
  plate: ['plate', 'assayplatebarcode', 'platebarcode', 'barcode', 'plateid'],
  well: ['well', 'wellposition', 'wellid'],
  compound: ['broadsample', 'jcp2022', 'compoundid', 'pertid', 'brdid', 'perturbation'],
  name: ['pertiname', 'compoundname', 'compound', 'name', 'pertname', 'commonname'],
  smiles: ['smiles', 'canonicalsmiles', 'isomericsmiles'],
  inchiKey: ['inchikey', 'inchikeystandard'],
  mechanism: ['moa', 'mechanismofaction', 'mechanism'],
  controlType: ['controltype'],
  treatmentType: ['perttype', 'treatmenttype', 'role'],
} as const;

export type MetadataField = keyof typeof NAMES;

/** Places of the metadata columns, -1 where there is none, and of the features. */
export interface ProfileColumns {
  readonly metadata: Readonly<Record<MetadataField, number>>;
  readonly features: readonly { readonly name: string; readonly at: number }[];
}

const METADATA_PREFIX = /^(Image_)?Metadata_/i;
/** Numbers that count or locate rows and files, and say nothing of cells. */
const BOOKKEEPING = /^(Image_)?(ImageNumber|ObjectNumber|TableNumber|Group_(Index|Number)|(FileName|PathName|URL|MD5Digest|ExecutionTime|ModuleError)_.*)$/i;

/**
 * Every named column is a feature that is neither marked as metadata, nor known by name as such, nor bookkeeping of CellProfiler. A first
 * column without a name is the row number that pandas writes. COLUMN_MISSING without a plate, a well or a feature; DATASET_INVALID
 * where two features have one name.
 */
export function profileColumns(header: readonly string[], path: string): ProfileColumns {
  const names = header.map((cell) => cell.trim());
  const bare = names.map((name) => normaliseName(name.replace(METADATA_PREFIX, '')));
  const find = (field: MetadataField): number => NAMES[field].reduce((found: number, name) => (found >= 0 ? found : bare.indexOf(name)), -1);
  const metadata = Object.fromEntries((Object.keys(NAMES) as MetadataField[]).map((field) => [field, find(field)])) as Record<MetadataField, number>;
  for (const [field, name] of [['plate', 'Metadata_Plate'], ['well', 'Metadata_Well']] as const) {
    if (metadata[field] < 0) throw missing(path, `a column of ${field}s (such as ${name})`, names);
  }
  const known = new Set(Object.values(metadata));
  const isFeature = (name: string): boolean => name !== '' && !METADATA_PREFIX.test(name) && !BOOKKEEPING.test(name);
  const features = names.map((name, at) => ({ name, at })).filter(({ name, at }) => isFeature(name) && !known.has(at));
  if (features.length === 0) throw missing(path, 'columns of features (any that does not begin with Metadata_)', names);
  const seen = new Set<string>();
  for (const { name } of features) {
    if (seen.has(name)) {
      const message = `Expected each feature once in ${path} but the column ${JSON.stringify(name)} stands there twice; remove one.`;
      throw new IsoLensError('DATASET_INVALID', message, { details: { column: name } });
    }
    seen.add(name);
  }
  return { metadata, features };
}

function missing(path: string, what: string, columns: readonly string[]): IsoLensError {
  const shown = columns.length > 12 ? `${columns.slice(0, 12).join(', ')} and ${columns.length - 12} more` : columns.join(', ') || 'none';
  return new IsoLensError('COLUMN_MISSING', `Expected ${what} in ${path} but its columns are ${shown}; rename the column or choose another table.`);
}
