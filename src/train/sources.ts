/** Where training molecules come from: plain lists of SMILES, read whole (a few hundred thousand lines fit in memory). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { IsoLensError, createRng } from '../core/index.ts';
import { parseTable } from '../ingest/index.ts';
import type { Recipe, RecipeSource } from '../recipes/index.ts';

/** What a recipe of any kind says about its molecules. */
export type MoleculeSources = Pick<Recipe, 'sources' | 'counterIonShare' | 'pictures' | 'measurements' | 'validationMolecules'> & { readonly training: Pick<Recipe['training'], 'seed'> };

export interface SourceCount {
  readonly file: string;
  /** Distinct SMILES in the file. */
  readonly distinct: number;
  /** Of these, how many this run takes. */
  readonly taken: number;
}

export interface SourceMolecules {
  /** Distinct SMILES over all sources, shuffled by the seed. */
  readonly smiles: string[];
  /** How often an epoch visits each. */
  readonly repeats: Uint8Array;
  readonly counts: readonly SourceCount[];
}

/** Reads every source; a molecule that stands in several belongs to the first. */
export function readSources(sources: readonly RecipeSource[], folder: string, seed: number): SourceMolecules {
  const repeatOf = new Map<string, number>();
  const counts: SourceCount[] = [];
  for (const source of sources) {
    const distinct = [...new Set(readColumn(join(folder, source.file), source.column))];
    const wanted = distinct.filter((smiles) => !repeatOf.has(smiles));
    const taken = source.limit === undefined ? wanted : createRng(seed).shuffle(wanted).slice(0, source.limit);
    for (const smiles of taken) repeatOf.set(smiles, source.repeat);
    counts.push({ file: source.file, distinct: distinct.length, taken: taken.length });
  }
  const smiles = createRng(seed).shuffle([...repeatOf.keys()]);
  return { smiles, repeats: Uint8Array.from(smiles, (one) => repeatOf.get(one)!), counts };
}

function readColumn(path: string, column: string | undefined): string[] {
  if (column === undefined) return readText(path).split(/\r?\n/).map((line) => line.split(/\s/, 1)[0]!).filter((smiles) => smiles !== '');
  return readTable(path, [column]).map(([smiles]) => smiles!).filter((smiles) => smiles !== '');
}

/** The named columns of a table, record by record. */
export function readTable(path: string, columns: readonly string[]): string[][] {
  const delimiter = /\.tsv(\.gz)?$/.test(path) ? '\t' : ',';
  // The Repurposing Hub's files begin with lines of remarks marked by "!".
  const table = parseTable(readText(path), { delimiter, quoted: delimiter !== '\t' }).filter((record) => !record[0]!.startsWith('!'));
  const places = columns.map((column) => {
    const at = table[0]?.indexOf(column) ?? -1;
    if (at < 0) throw new IsoLensError('COLUMN_MISSING', `Expected a column "${column}" in ${path} but its columns are ${table[0]?.join(', ') ?? 'none'}.`);
    return at;
  });
  return table.slice(1).map((record) => places.map((at) => record[at]?.trim() ?? ''));
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected training molecules in ${path} but the file cannot be read. Give the data folder with --data.`, { cause: thrown });
  }
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
}
