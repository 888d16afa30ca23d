/**
 * The safetensors container (8-byte header length, JSON header, raw little-endian data), written and read for data files,
 * weights and checkpoints, so that any other tool can open them.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { IsoLensError, toIsoLensError } from '../core/index.ts';

export type TensorData = Float32Array | Uint8Array | Int8Array | Uint16Array | Int32Array | BigInt64Array;

export interface StoredTensor {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

const DTYPE_OF: readonly [string, new (buffer: ArrayBuffer) => TensorData][] = [
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

/** Reads a whole file; tensors are copies and may be kept. */
export function readSafetensors(path: string): { tensors: Record<string, StoredTensor>; metadata: Record<string, string> } {
  const bytes = readFileSync(path);
  const refuse = (why: string): never => {
    throw new IsoLensError('CHECKPOINT_INVALID', `Expected a safetensors file at ${path}, but ${why}. It may be truncated; use another copy.`);
  };
  if (bytes.length < 8) refuse('it is shorter than its header');
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) refuse('its header is longer than the file');
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as typeof header;
  } catch {
    return refuse('its header is not JSON');
  }
  const tensors: Record<string, StoredTensor> = {};
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = entry as unknown as Record<string, string>;
      continue;
    }
    const [begin, end] = entry.data_offsets;
    const type = DTYPE_OF.find(([dtype]) => dtype === entry.dtype)?.[1];
    if (type === undefined || end > bytes.length - 8 - headerLength || begin > end) return refuse(`tensor ${name} is outside the file`);
    const copy = new Uint8Array(end - begin);
    copy.set(bytes.subarray(8 + headerLength + begin, 8 + headerLength + end));
    tensors[name] = { data: new type(copy.buffer), shape: entry.shape };
  }
  return { tensors, metadata };
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done);
}
