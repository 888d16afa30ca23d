/** Tables of measured activities: who is active in which assay. */
import { IsoLensError } from '../core/index.ts';
import { parseTable } from '../ingest/index.ts';
import { readText } from './files.ts';

export interface Assay {
  readonly id: string;
  readonly smiles: readonly string[];
  /** 1 active, 0 inactive; parallel to `smiles`. */
  readonly active: Uint8Array;
}

/** Columns of a comma-separated file by their names; refuses a file that lacks one. */
export async function readColumns<Name extends string>(path: string, names: readonly Name[]): Promise<Record<Name, string>[]> {
  const [header = [], ...rows] = parseTable(await readText(path), { delimiter: ',', quoted: true });
  const missing = names.find((name) => !header.includes(name));
  if (missing !== undefined) throw new IsoLensError('COLUMN_MISSING', `Expected the columns ${names.join(', ')} in ${path} but its first line has ${header.join(', ') || 'none'}.`);
  const at = names.map((name) => header.indexOf(name));
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[at[i]!] ?? ''])) as Record<Name, string>);
}

/** Assays of a table with the columns assay, smiles and active, in the order of the file. */
export async function readAssays(path: string): Promise<Assay[]> {
  const assays = new Map<string, { smiles: string[]; active: number[] }>();
  for (const { assay, smiles, active } of await readColumns(path, ['assay', 'smiles', 'active'])) {
    const value = Number(active);
    if (active === '' || (value !== 0 && value !== 1)) throw new IsoLensError('DATASET_INVALID', `Expected 0 or 1 in the column active of ${path} but received ${JSON.stringify(active)}.`);
    const found = assays.get(assay) ?? { smiles: [], active: [] };
    assays.set(assay, found);
    found.smiles.push(smiles);
    found.active.push(value);
  }
  return Array.from(assays, ([id, { smiles, active }]) => ({ id, smiles, active: Uint8Array.from(active) }));
}
