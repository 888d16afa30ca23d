/** Rows of molecules that a question lists: those to leave out, those that alone are ranked. */
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { SearchOptions } from './define.ts';
import type { MoleculeSource } from './library.ts';
import { calledBy } from './naming.ts';

/** Structures are standardised, one by one; identifiers and names are only looked up. */
const MOST_EXCLUDED_STRUCTURES = 500;

/** An identifier that the library does not know ranks nothing. */
export async function rowsAmong(molecules: MoleculeSource, { among }: SearchOptions): Promise<ReadonlySet<number> | undefined> {
  if (among === undefined) return undefined;
  return new Set((await molecules.rowsOfIds(among)).filter((row) => row !== undefined));
}

/** Rows of the query itself, where it is not wanted, and of a list. What the list names and the library lacks excludes nothing. */
export async function excludedRows(molecules: MoleculeSource, chem: ChemPool, { excludeSelf, exclude = [] }: SearchOptions, inchiKey: string | null): Promise<number[]> {
  const self = excludeSelf === true && inchiKey !== null ? (await molecules.findInchiKey(inchiKey))?.row : undefined;
  // A name may belong to several molecules: all of them go.
  const listed = await Promise.all(exclude.map(async (text) => ({ text, rows: ((await calledBy(molecules, text))?.molecules ?? []).map(({ row }) => row) })));
  const unknown = listed.flatMap(({ text, rows }) => (rows.length === 0 && text.trim() !== '' ? [text] : []));
  if (unknown.length > MOST_EXCLUDED_STRUCTURES) throw new IsoLensError('ARGUMENT_INVALID', `Expected at most ${MOST_EXCLUDED_STRUCTURES} structures to exclude but received ${unknown.length}; give identifiers of the library instead.`);
  const outcomes = unknown.length === 0 ? [] : await chem.standardise(unknown);
  const structures = await Promise.all(outcomes.map(async (outcome) => (outcome.ok ? (await molecules.findInchiKey(outcome.value.inchiKey))?.row : undefined)));
  return [self, ...listed.flatMap(({ rows }) => rows), ...structures].filter((row) => row !== undefined);
}
