/**
 * The safetensors container (8-byte header length, JSON header, raw little-endian data), written and read for data files,
 * weights and checkpoints, so that any other tool can open them.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import * as z from 'zod';
import { IsoLensError, toIsoLensError } from '../core/index.ts';

export type TensorData = Float32Array | Uint8Array | Int8Array | Uint16Array | Int32Array | BigInt64Array;

export interface StoredTensor {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

interface ArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): TensorData;
}

const DTYPE_OF: readonly (readonly [string, ArrayType])[] = [
  ['F32', Float32Array],
  ['U8', Uint8Array],
  ['I8', Int8Array],
  ['U16', Uint16Array],
  ['I32', Int32Array],
  ['I64', BigInt64Array],
];

function dtypeOf(data: TensorData): string {
  for (const [name, type] of DTYPE_OF) if (data instanceof type) return name;
  throw new IsoLensError('DATASET_INVALID', 'Expected a typed array of a supported element type.');
}

/**
 * Writes tensors to `path` through a temporary file, fsync and rename: a reader sees the old file or the whole new one.
 * Every tensor starts at a multiple of 8 bytes, so that a reader may map it.
 */
export function writeSafetensors(path: string, tensors: Readonly<Record<string, StoredTensor>>, metadata: Readonly<Record<string, string>> = {}): void {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  const entries = Object.entries(tensors);
  for (const [name, tensor] of entries) {
    const bytes = tensor.data.byteLength;
    header[name] = { dtype: dtypeOf(tensor.data), shape: tensor.shape, data_offsets: [offset, offset + bytes] };
    offset += padded(bytes);
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Buffer.alloc(padded(json.length), ' ');
  json.copy(headerBytes);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerBytes.length));

  const temporary = `${path}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      writeAll(file, length);
      writeAll(file, headerBytes);
      for (const [, { data }] of entries) {
        writeAll(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        writeAll(file, new Uint8Array(padded(data.byteLength) - data.byteLength));
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw toIsoLensError(thrown);
  }
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const headerSchema = z.object({ __metadata__: z.record(z.string(), z.string()).optional() }).catchall(entrySchema);

/** Reads a whole file; tensors are copies and may be kept. */
export function readSafetensors(path: string): { tensors: Record<string, StoredTensor>; metadata: Record<string, string> } {
  const bytes = read(path);
  const refuse = (why: string): never => {
    throw new IsoLensError('CHECKPOINT_INVALID', `Expected a safetensors file at ${path}, but ${why}. It may be truncated; use another copy.`);
  };
  if (bytes.length < 8) return refuse('it is shorter than its header');
  const dataAt = 8 + Number(bytes.readBigUInt64LE(0));
  if (dataAt > bytes.length) return refuse('its header is longer than the file');
  const header = headerSchema.safeParse(parseJson(bytes.toString('utf8', 8, dataAt)));
  if (!header.success) return refuse('its header is not one');
  const { __metadata__: metadata = {}, ...entries } = header.data;
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(entries)) {
    const type = DTYPE_OF.find(([known]) => known === dtype)?.[1];
    if (type === undefined) return refuse(`tensor ${name} is of the unknown type ${dtype}`);
    if (begin > end || dataAt + end > bytes.length) return refuse(`tensor ${name} is outside the file`);
    if (end - begin !== shape.reduce((product, size) => product * size, type.BYTES_PER_ELEMENT)) return refuse(`tensor ${name} is not of its shape`);
    // Copied: a view would need its offset aligned, and would keep the whole file.
    const copy = new Uint8Array(bytes.subarray(dataAt + begin, dataAt + end));
    tensors[name] = { data: new type(copy.buffer), shape };
  }
  return { tensors, metadata };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw toIsoLensError(thrown, 'FILE_UNREADABLE');
  }
}

/** Undefined, which no JSON text gives, where it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done);
}
