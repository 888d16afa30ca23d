/** What is decided about a picture that was read: what of it is asked, what is told, and the table that readings are compared with. */
import { join } from 'node:path';
import { openMapped } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { READINGS_FILE, decodeTable } from '../reading/index.ts';
import type { ReadingTable } from '../reading/index.ts';
import type { PictureReading, PictureVia, SearchOptions } from './define.ts';
import type { SearchLibrary } from './library.ts';
import type { ReadStructure } from './picture.ts';

/** Below this chance a picture's nearest molecule is said to be another. */
export const UNLIKELY = 0.2;
export const UNLIKELY_TEXT = 'The nearest molecule is probably not the drawn one: the library may not hold it.';

/** Modes that need a molecule search by what was read. */
export function viaOf(via: PictureVia | undefined, { mode }: SearchOptions): PictureVia {
  return via ?? (mode === undefined || mode === 'similarity' ? 'both' : 'reading');
}

/** A reading that fails leaves the picture as a whole; anything else is an error. */
export function notUnreadable(thrown: unknown): undefined {
  if (thrown instanceof IsoLensError && (thrown.code === 'DRAWING_UNREADABLE' || thrown.code === 'SMILES_TOO_COMPLEX')) return undefined;
  throw thrown;
}

/** A reading this sure that the library does not seem to hold is a molecule of its own. */
const SURE = 0.5;

export function verdict(chance: number | null, { confidence, molecule }: ReadStructure): string[] {
  if (chance === null || chance >= UNLIKELY) return [];
  if (molecule !== undefined && confidence >= SURE) return ['The drawn molecule is probably not in the library; search by the reading for candidates like it.'];
  return [UNLIKELY_TEXT];
}

export function toldReading({ reading, molecule, confidence }: ReadStructure): PictureReading {
  return { smiles: molecule?.parentSmiles ?? null, inchiKey: molecule?.inchiKey ?? null, molfile: reading.molfile, confidence: Number(confidence.toFixed(3)) };
}

/** What readings are compared with; absent in bundles of earlier versions. */
export async function openReadings({ directory, manifest }: Pick<SearchLibrary, 'directory' | 'manifest'>): Promise<ReadingTable | undefined> {
  const listed = manifest.files.find(({ path }) => path === READINGS_FILE);
  if (listed === undefined) return undefined;
  const table = decodeTable(new Uint8Array(await openMapped(join(directory, READINGS_FILE), listed.bytes)));
  if (table.count === manifest.count) return table;
  throw new IsoLensError('BUNDLE_CORRUPT', `Expected ${manifest.count} molecules in ${READINGS_FILE} of "${manifest.name}" but found ${table.count}; build the bundle again.`);
}
