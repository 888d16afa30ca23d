/**
 * The unit of work that survives a killed run: a fixed range of records, finished. Its file appears whole or not at all, and
 * carries a hash of itself.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../../bundle/index.ts';
import type { ColumnRows } from '../../bundle/index.ts';
import { rowBytes } from '../../core/index.ts';
import type { ErrorCode } from '../../core/index.ts';
import { MOLECULE_COLUMNS } from '../../score/index.ts';
import type { Properties } from '../../store/index.ts';

/** Records of the library, rejects included, in one shard: some two seconds of work on two cores. */
export const SHARD_RECORDS = 2048;

export interface ShardEntry {
  readonly ordinal: number;
  readonly id: string;
  readonly names: readonly string[];
  readonly smiles: string;
  readonly inchiKey: string;
  readonly scaffold: string;
  readonly properties: Properties;
}

export interface Reject {
  readonly ordinal: number;
  readonly line: number;
  readonly id: string | null;
  readonly input: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What was read and yet lost something. */
export interface Notices {
  /** Molecules whose CXSMILES block was not used. */
  readonly cxsmiles: number;
  /** Cells that were cut, by column. */
  readonly shortened: Readonly<Record<string, number>>;
  /** Molecules of which a tower had nothing to read, by tower. */
  readonly blank: Readonly<Record<string, number>>;
}

export interface Shard {
  /** Records read, rejects included. */
  readonly records: number;
  readonly entries: readonly ShardEntry[];
  readonly rejects: readonly Reject[];
  readonly notices: Notices;
  /** The bytes of MOLECULE_COLUMNS, entry by entry. */
  readonly columns: ColumnRows;
  /** (entries, galleries, dimension), unit vectors */
  readonly vectors: Float32Array;
}

const MAGIC = 'ISLSHRD5';
const HASH_BYTES = 32;

export function shardPath(directory: string, index: number): string {
  return join(directory, `shard-${String(index).padStart(6, '0')}.bin`);
}

export async function writeShard(directory: string, index: number, shard: Shard): Promise<void> {
  const { records, entries, rejects, notices, columns, vectors } = shard;
  const json = Buffer.from(JSON.stringify({ records, entries, rejects, notices, values: vectors.length }));
  const head = Buffer.alloc(MAGIC.length + 4);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(json.length, MAGIC.length);
  const body = Buffer.concat([head, json, ...MOLECULE_COLUMNS.map(({ name }) => columns[name]!), new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength)]);
  await writeAtomic(shardPath(directory, index), Buffer.concat([body, sha256(body)]));
}

/** undefined where the file is absent or not whole: the shard is then made again. */
export async function readShard(directory: string, index: number): Promise<Shard | undefined> {
  const file = await readFile(shardPath(directory, index)).catch(() => undefined);
  if (file === undefined || file.length < MAGIC.length + 4 + HASH_BYTES) return undefined;
  const body = file.subarray(0, file.length - HASH_BYTES);
  if (body.toString('latin1', 0, MAGIC.length) !== MAGIC || !sha256(body).equals(file.subarray(file.length - HASH_BYTES))) return undefined;
  const jsonEnd = MAGIC.length + 4 + body.readUInt32LE(MAGIC.length);
  const head = JSON.parse(body.toString('utf8', MAGIC.length + 4, jsonEnd)) as Omit<Shard, 'columns' | 'vectors'> & { values: number };
  const { records, entries, rejects, notices } = head;
  let at = jsonEnd;
  const columns = Object.fromEntries(MOLECULE_COLUMNS.map((column) => [column.name, body.subarray(at, (at += rowBytes(column) * entries.length))]));
  const vectors = new Float32Array(head.values);
  new Uint8Array(vectors.buffer).set(body.subarray(at, at + vectors.byteLength));
  return { records, entries, rejects, notices, columns, vectors };
}

/** Both together. */
export function addNotices(a: Notices, b: Notices): Notices {
  return { cxsmiles: a.cxsmiles + b.cxsmiles, shortened: addCounts(a.shortened, b.shortened), blank: addCounts(a.blank, b.blank) };
}

function addCounts(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export const NO_NOTICES: Notices = Object.freeze({ cxsmiles: 0, shortened: {}, blank: {} });

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
