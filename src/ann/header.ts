import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { IsoLensError, systemErrorCode } from '../core/index.ts';
import type { LoadOptions } from './define.ts';

const MAGIC = 'isolens-ann';
const FORMAT_VERSION = 1;

/** What an index file says of itself. The file carries a checksum of this text and, through it, of everything beside it. */
const bodySchema = z.strictObject({
  magic: z.literal(MAGIC),
  version: z.literal(FORMAT_VERSION),
  backend: z.string(),
  dimension: z.int().min(1),
  count: z.int().min(0),
  parameters: z.record(z.string(), z.unknown()),
  vectorsSha256: z.string(),
  deleted: z.array(z.int().min(0)),
  /** Pairs (row, earlier equal row), flattened. */
  duplicates: z.array(z.int().min(0)),
  /** The backend's own file, where it has one. */
  payload: z.strictObject({ bytes: z.int().min(0), sha256: z.string() }).nullable(),
});

export type IndexHeader = Omit<z.output<typeof bodySchema>, 'magic' | 'version' | 'payload'>;

export function payloadPath(path: string): string {
  return `${path}.payload`;
}

/** Writes the header for a payload that lies complete beside it. Returns the files of the index. */
export async function writeHeader(path: string, header: IndexHeader, hasPayload: boolean): Promise<string[]> {
  const payload = hasPayload ? await describePayload(payloadPath(path)) : null;
  const body = JSON.stringify({ magic: MAGIC, version: FORMAT_VERSION, ...header, payload });
  await writeFile(path, `${sha256(body)}\n${body}\n`);
  return hasPayload ? [path, payloadPath(path)] : [path];
}

/** Reads and checks the header, and, unless it is proven, that the payload has the recorded size and hash. */
export async function readHeader(path: string, backend: string, { isProven = false }: LoadOptions = {}): Promise<IndexHeader> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => { throw unreadable(path, error); });
  const end = text.indexOf('\n');
  const body = text.slice(end + 1).trimEnd();
  if (end !== 64 || sha256(body) !== text.slice(0, end)) throw corrupt(path, 'its checksum does not match');
  const parsed = bodySchema.safeParse(JSON.parse(body));
  if (!parsed.success) throw corrupt(path, `it is not a version ${FORMAT_VERSION} index (${parsed.error.issues[0]?.message ?? 'unknown'})`);
  const header = parsed.data;
  if (header.backend !== backend) throw corrupt(path, `it belongs to the backend "${header.backend}", not "${backend}"`);
  if (header.payload !== null && !isProven) await checkPayload(payloadPath(path), header.payload);
  return header;
}

export function corrupt(path: string, reason: string): IsoLensError {
  return new IsoLensError('INDEX_CORRUPT', `Expected an unchanged index file at ${path}, but ${reason}; build the index again.`);
}

async function checkPayload(path: string, expected: { bytes: number; sha256: string }): Promise<void> {
  const found = await describePayload(path).catch((error: unknown) => { throw unreadable(path, error); });
  if (found.bytes !== expected.bytes) throw corrupt(path, `it has ${found.bytes} bytes instead of ${expected.bytes}`);
  if (found.sha256 !== expected.sha256) throw corrupt(path, 'its checksum does not match');
}

async function describePayload(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

function unreadable(path: string, error: unknown): IsoLensError {
  return corrupt(path, systemErrorCode(error) === 'ENOENT' ? 'it does not exist' : `it cannot be read (${String(error)})`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
