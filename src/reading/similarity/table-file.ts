/**
 * A reading table as one file, little-endian: magic (8 bytes), version, rows, entries (uint32 each), 0 (uint32), then keys
 * (entries, uint16), lengths (rows, uint16) and counts (entries, uint8). Whether the content is what was written is for the
 * digests of the bundle that lists the file.
 */
import { IsoLensError } from '../../core/index.ts';
import { ReadingTable } from './table.ts';
import type { ReadingTableBuilder } from './table.ts';

/** Name of the file in a bundle. */
export const READINGS_FILE = 'readings.bin';

const MAGIC = 'ISOPATHS';
/** Another version is another layout, or other features: tables and queries of two versions are not to be compared. */
export const READING_TABLE_VERSION = 1;
const HEADER_BYTES = 24;

/** The parts of the file, to be written one after the other: a million molecules are not copied for it. */
export function tableParts(columns: ReturnType<ReadingTableBuilder['parts']>): Uint8Array[] {
  const lengthOf = (parts: readonly { readonly length: number }[]): number => parts.reduce((sum, { length }) => sum + length, 0);
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode(MAGIC));
  [READING_TABLE_VERSION, lengthOf(columns.lengths), lengthOf(columns.keys)].forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  return [header, ...columns.keys.map(bytesOf), ...columns.lengths.map(bytesOf), ...columns.counts];
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function encodeTable({ columns: { lengths, keys, counts } }: ReadingTable): Uint8Array {
  return new Uint8Array(Buffer.concat(tableParts({ lengths: [lengths], keys: [keys], counts: [counts] })));
}

/** `bytes` is shared with the table where it is aligned, and must not change. */
export function decodeTable(bytes: Uint8Array): ReadingTable {
  if (bytes.length < HEADER_BYTES || new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected a table of readings (${MAGIC}) but the file of ${bytes.length} bytes is something else.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [version, rows, entries] = [8, 12, 16].map((at) => view.getUint32(at, true)) as [number, number, number];
  if (version !== READING_TABLE_VERSION) {
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a table of readings of version ${READING_TABLE_VERSION} but found ${version}; build the bundle again.`);
  }
  const expected = HEADER_BYTES + 3 * entries + 2 * rows;
  if (bytes.length !== expected) throw corrupt(`${expected} bytes of ${rows} molecules`, `${bytes.length}`);
  const lengths = words(bytes, HEADER_BYTES + 2 * entries, rows);
  const sum = lengths.reduce((total, length) => total + length, 0);
  if (sum !== entries) throw corrupt(`${entries} entries`, `rows of ${sum} altogether`);
  return new ReadingTable({ lengths, keys: words(bytes, HEADER_BYTES, entries), counts: bytes.subarray(expected - entries) });
}

function words(bytes: Uint8Array, from: number, count: number): Uint16Array {
  const at = bytes.byteOffset + from;
  if (at % 2 === 0) return new Uint16Array(bytes.buffer, at, count);
  return new Uint16Array(bytes.slice(from, from + 2 * count).buffer);
}

function corrupt(expected: string, found: string): IsoLensError {
  return new IsoLensError('BUNDLE_CORRUPT', `Expected a table of readings with ${expected} but found ${found}; build the bundle again.`);
}
