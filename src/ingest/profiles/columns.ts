/** Which columns of a table of profiles are metadata, and which are features. */
import { IsoLensError } from '../../core/index.ts';
import { isMetadata, plateColumns } from '../plate-columns.ts';
import type { PlateField } from '../plate-columns.ts';

/** Places of the metadata columns, -1 where there is none, and of the features. */
export interface ProfileColumns {
  readonly metadata: Readonly<Record<PlateField, number>>;
  readonly features: readonly { readonly name: string; readonly at: number }[];
}

/** Numbers that count or locate rows and files, and say nothing of cells. */
const BOOKKEEPING = /^(Image_)?(ImageNumber|ObjectNumber|TableNumber|Group_(Index|Number)|(FileName|PathName|URL|MD5Digest|ExecutionTime|ModuleError)_.*)$/i;

/**
 * Every named column is a feature that is neither marked as metadata, nor known by name as such, nor bookkeeping of CellProfiler. A first
 * column without a name is the row number that pandas writes. COLUMN_MISSING without a plate, a well or a feature; DATASET_INVALID
 * where two features have one name.
 */
export function profileColumns(header: readonly string[], path: string): ProfileColumns {
  const names = header.map((cell) => cell.trim());
  const metadata = plateColumns(names);
  for (const [field, name] of [['plate', 'Metadata_Plate'], ['well', 'Metadata_Well']] as const) {
    if (metadata[field] < 0) throw missing(path, `a column of ${field}s (such as ${name})`, names);
  }
  const known = new Set(Object.values(metadata));
  const isFeature = (name: string): boolean => name !== '' && !isMetadata(name) && !BOOKKEEPING.test(name);
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
