import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { IsoLensError } from '../core/index.ts';
import type { ReadItem, ReadOptions, ReaderDefinition } from './define.ts';
import { named, splitLines } from './lines.ts';
import { csv, tsv } from './readers/delimited.ts';
import { jsonl } from './readers/jsonl.ts';
import { parquet } from './readers/parquet.ts';
import { sdf } from './readers/sdf.ts';
import { smi } from './readers/smi.ts';

/** Every reader of text. */
export const LINE_READERS = [smi, csv, tsv, sdf, jsonl] as const;
/** Every reader; a file format more is one line here, or above. */
export const READERS = [...LINE_READERS, parquet] as const;

export type LineReaderId = (typeof LINE_READERS)[number]['id'];
export type ReaderId = (typeof READERS)[number]['id'];

export interface LibrarySource {
  /** A path, or '-' for `stdin`. */
  readonly path: string;
  /** A reader's id; absent: by the extension (before .gz). Needed for '-'. */
  readonly format?: string | undefined;
  readonly stdin?: Readable | undefined;
}

export interface LibraryReadOptions extends ReadOptions {
  /** Leaves out records before this ordinal: how a run resumes. */
  readonly start?: number | undefined;
  /** Told the bytes taken from the file (compressed, where it is) so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Streams the records of a library in their order. Gzip is recognised by its first bytes, whatever the name. */
export async function* readLibrary(source: LibrarySource, options: LibraryReadOptions = {}): AsyncGenerator<ReadItem> {
  const reader = readerFor(source);
  const start = options.start ?? 0;
  let ordinal = 0;
  const items = 'read' in reader ? reader.read(splitLines(named(source.path, openBytes(source, options.onBytes))), options) : reader.readFile(filePath(source, reader), options);
  for await (const item of items) {
    if (ordinal >= start) yield { ...item, ordinal };
    ordinal++;
  }
}

export function readerFor(source: LibrarySource): ReaderDefinition {
  const accepted = READERS.flatMap((reader) => reader.extensions).join(' ');
  if (source.format !== undefined) {
    const found = READERS.find((reader) => reader.id === source.format);
    if (found !== undefined) return found;
    throw new IsoLensError('FILE_FORMAT_UNKNOWN', `Expected a format (${READERS.map((reader) => reader.id).join(', ')}) but received ${JSON.stringify(source.format)}.`);
  }
  if (source.path === '-') throw new IsoLensError('ARGUMENT_INVALID', `Expected a format for the standard input; name one of ${READERS.map((reader) => reader.id).join(', ')}.`);
  const name = source.path.toLowerCase().replace(/\.gz$/, '');
  const found = READERS.find((reader) => reader.extensions.some((extension) => name.endsWith(extension)));
  if (found !== undefined) return found;
  throw new IsoLensError('FILE_FORMAT_UNKNOWN', `Expected a file named with one of ${accepted} (those of text also .gz) but received ${source.path}; name its format.`);
}

function filePath({ path }: LibrarySource, { id }: ReaderDefinition): string {
  if (path !== '-') return path;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a file for the format ${id}, which is read in any order, but received standard input; save it first.`);
}

async function* openBytes(source: LibrarySource, onBytes: ((bytes: number) => void) | undefined): AsyncGenerator<Uint8Array> {
  const input = source.path === '-' ? source.stdin : createReadStream(source.path, { highWaterMark: 1 << 18 });
  if (input === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected the standard input to be given for the path "-".');
  const counted = counting(input, onBytes);
  const head = await counted.next();
  if (head.done === true) return;
  const first = head.value;
  const whole = prepend(first, counted);
  if (first[0] !== 0x1f || first[1] !== 0x8b) return yield* whole;
  // The callback keeps a broken archive from becoming an unhandled error; the iteration below throws it.
  yield* pipeline(whole, createGunzip(), () => {});
}

async function* counting(input: Readable, onBytes: ((bytes: number) => void) | undefined): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of input as AsyncIterable<Uint8Array | string>) {
    const data = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    total += data.length;
    onBytes?.(total);
    yield data;
  }
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
