/** Molecules that a model is judged on and must never be trained on, known by a short hash of their connectivity. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { FeatureBatch } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';

/** First 16 hex digits of SHA-256 of the first InChIKey block (14 characters: the connectivity without stereo). */
export function heldOutKey(inchiKey: string): string {
  return createHash('sha256').update(inchiKey.slice(0, 14)).digest('hex').slice(0, 16);
}

export interface HeldOut {
  readonly size: number;
  /** Of all keys: another list gives another digest. */
  readonly digest: string;
  /** True where any of the InChIKeys (whole molecule, parent) is held out. */
  has(inchiKeys: readonly string[]): boolean;
}

/** Whether a row of a batch that was computed with `inputKey`, or its parent, is held out. */
export function isRowHeldOut(heldOut: HeldOut, { molecules, inputKeys }: FeatureBatch, row: number): boolean {
  return heldOut.has([molecules[row]!.inchiKey, inputKeys![row]!]);
}

/** Reads one key a line, plain or gzipped. */
export function readHeldOut(path: string): HeldOut {
  const bytes = read(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  const keys = new Set(text.split(/\s+/).filter((line) => line.length > 0));
  for (const key of keys) {
    if (!/^[0-9a-f]{16}$/.test(key)) {
      throw new IsoLensError('DATASET_INVALID', `Expected 16 hexadecimal digits a line in ${path} but received ${JSON.stringify(key.slice(0, 40))}.`);
    }
  }
  const digest = createHash('sha256').update([...keys].sort().join('\n')).digest('hex');
  return { size: keys.size, digest, has: (inchiKeys) => inchiKeys.some((key) => keys.has(heldOutKey(key))) };
}

export const NOTHING_HELD_OUT: HeldOut = Object.freeze({ size: 0, digest: '', has: () => false });

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected keys of held-out molecules in ${path} but the file cannot be read. Give it with --held-out, or "none" to hold nothing out.`, { cause: thrown });
  }
}
