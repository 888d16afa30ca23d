/** Rows of molecules that a question lists: those to leave out, those that alone are ranked. */
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { MoleculeStore } from '../store/index.ts';
import type { SearchOptions } from './define.ts';
import { calledBy } from './naming.ts';

/** Structures are standardised, one by one; identifiers and names are only looked up. */
const MOST_EXCLUDED_STRUCTURES = 500;

/** An identifier that the library does not know ranks nothing. */
export function rowsAmong(molecules: MoleculeStore, { among }: SearchOptions): ReadonlySet<number> | undefined {
  if (among === undefined) return undefined;
  return new Set(among.flatMap((id) => molecules.findId(id)?.row ?? []));
}

/** Rows of the query itself, where it is not wanted, and of a list. What the list names and the library lacks excludes nothing. */
export async function excludedRows(molecules: MoleculeStore, chem: ChemPool, { excludeSelf, exclude = [] }: SearchOptions, inchiKey: string | null): Promise<number[]> {
  const self = excludeSelf === true && inchiKey !== null ? molecules.findInchiKey(inchiKey)?.row : undefined;
  // A name may belong to several molecules: all of them go.
  const listed = exclude.map((text) => ({ text, rows: (calledBy(molecules, text)?.molecules ?? []).map(({ row }) => row) }));
  const unknown = listed.flatMap(({ text, rows }) => (rows.length === 0 && text.trim() !== '' ? [text] : []));
  if (unknown.length > MOST_EXCLUDED_STRUCTURES) throw new IsoLensError('ARGUMENT_INVALID', `Expected at most ${MOST_EXCLUDED_STRUCTURES} structures to exclude but received ${unknown.length}; give identifiers of the library instead.`);
  const outcomes = unknown.length === 0 ? [] : await chem.standardise(unknown);
  const structures = outcomes.map((outcome) => (outcome.ok ? molecules.findInchiKey(outcome.value.inchiKey)?.row : undefined));
  return [self, ...listed.flatMap(({ rows }) => rows), ...structures].filter((row) => row !== undefined);
}
