/**
 * The file of a table of replacements: one gzip stream (whose checksum guards it) of a header in JSON and columns behind it, made to
 * be held in memory whole. It holds statistics and fragments, no molecule of the data they were mined from.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { IsoLensError } from '../core/index.ts';

const FORMAT = 'isolens-replacements';
export const TABLE_VERSION = 2;
const ALIGNMENT = 8;

export interface TableHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly keptShare: number;
  readonly priorPairs: number;
  readonly assayCorrelation: number;
  /** Usual share that keeps the activity where the group is needed, by position in IONISATION_CLASSES: [from][to]. */
  readonly neededShares: readonly (readonly number[])[];
  readonly columns: Readonly<Record<string, { readonly type: ColumnType; readonly offset: number; readonly length: number }>>;
}

const COLUMN_TYPES = { u8: Uint8Array, u16: Uint16Array, i16: Int16Array, u32: Uint32Array } as const;
type ColumnType = keyof typeof COLUMN_TYPES;
export type Column = Uint8Array | Uint16Array | Int16Array | Uint32Array;

export interface TableFile {
  readonly header: TableHeader;
  readonly columns: Readonly<Record<string, Column>>;
}

export type TableFacts = Pick<TableHeader, 'keptShare' | 'priorPairs' | 'assayCorrelation' | 'neededShares'>;

export function encodeTable(facts: TableFacts, columns: Readonly<Record<string, Column>>): Uint8Array {
  const places: Record<string, TableHeader['columns'][string]> = {};
  let offset = 0;
  for (const [name, column] of Object.entries(columns)) {
    places[name] = { type: typeOf(column), offset, length: column.length };
    offset += aligned(column.byteLength);
  }
  const header: TableHeader = { format: FORMAT, version: TABLE_VERSION, ...facts, columns: places };
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const start = aligned(4 + text.length);
  const bytes = Buffer.alloc(start + offset);
  bytes.writeUInt32LE(text.length, 0);
  text.copy(bytes, 4);
  for (const [name, column] of Object.entries(columns)) bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), start + places[name]!.offset);
  return gzipSync(bytes, { level: 9 });
}

export function decodeTable(packed: Uint8Array, path: string): TableFile {
  let bytes: Buffer;
  let header: TableHeader;
  try {
    // Into memory of its own, so that columns are aligned.
    bytes = gunzipSync(packed);
    if (bytes.byteOffset % ALIGNMENT !== 0) bytes = Buffer.from(new Uint8Array(bytes).buffer);
    header = JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))) as TableHeader;
  } catch (thrown) {
    throw new IsoLensError('FILE_UNREADABLE', `Expected a table of replacements in ${path} but it is damaged or another file; take it from the package again, or mine it with "isolens mine".`, { cause: thrown });
  }
  if (header.format !== FORMAT || header.version !== TABLE_VERSION) {
    throw new IsoLensError('FILE_UNREADABLE', `Expected a table of replacements of version ${TABLE_VERSION} in ${path} but received ${header.format} ${header.version}; mine it again with "isolens mine".`);
  }
  const start = aligned(4 + bytes.readUInt32LE(0));
  const columns = Object.fromEntries(Object.entries(header.columns).map(([name, { type, offset, length }]) => [name, new COLUMN_TYPES[type](bytes.buffer as ArrayBuffer, bytes.byteOffset + start + offset, length)]));
  return { header, columns };
}

function typeOf(column: Column): ColumnType {
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Uint16Array) return 'u16';
  return column instanceof Int16Array ? 'i16' : 'u32';
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
