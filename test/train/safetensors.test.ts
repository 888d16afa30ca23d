import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/train/safetensors.ts';
import type { StoredTensor } from '../../src/train/safetensors.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();

const TENSORS: Record<string, StoredTensor> = {
  a: { data: Float32Array.of(1.5, -2, Number.MAX_VALUE, 0), shape: [2, 2] },
  'b.offsets': { data: BigInt64Array.of(0n, 3n, -(2n ** 62n)), shape: [3] },
  c: { data: Uint8Array.of(1, 2, 255), shape: [3] },
  d: { data: Int8Array.of(-1), shape: [1] },
  e: { data: Uint16Array.of(65_535, 1), shape: [1, 2] },
  f: { data: Int32Array.of(-7), shape: [] },
  empty: { data: new Float32Array(0), shape: [0, 8] },
};

describe('safetensors', () => {
  it('gives back what was written', () => {
    writeSafetensors(path('all'), TENSORS, { rows: '3', note: 'ä' });
    const { tensors, metadata } = readSafetensors(path('all'));
    expect(tensors).toEqual(TENSORS);
    expect(metadata).toEqual({ rows: '3', note: 'ä' });
    expect(existsSync(path('all.tmp'))).toBe(false);
  });

  it('follows the format: a header length, JSON, and tensors at multiples of 8 bytes', () => {
    writeSafetensors(path('layout'), TENSORS, {});
    const bytes = readFileSync(path('layout'));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
    expect(length % 8).toBe(0);
    expect(header['c']).toEqual({ dtype: 'U8', shape: [3], data_offsets: [header['c']!.data_offsets[0], header['c']!.data_offsets[0] + 3] });
    for (const [name, tensor] of Object.entries(TENSORS)) {
      const { data_offsets: [begin, end] } = header[name]!;
      expect(begin % 8, name).toBe(0);
      expect(end - begin, name).toBe(tensor.data.byteLength);
    }
  });

  it('refuses a file cut at any place, and other files', () => {
    writeSafetensors(path('whole'), TENSORS, {});
    const bytes = readFileSync(path('whole'));
    const header = 8 + Number(bytes.readBigUInt64LE(0));
    const refused = expect.objectContaining({ code: 'CHECKPOINT_INVALID' });
    for (const length of [0, 7, 8, 20, header - 1, header, header + 1, bytes.length - 16]) {
      writeFileSync(path('cut'), bytes.subarray(0, length));
      expect(() => readSafetensors(path('cut')), String(length)).toThrow(refused);
    }
    for (const text of ['', 'CCO ethanol\n', '\0\0\0\0\0\0\0\0', JSON.stringify({ a: 1 })]) {
      writeFileSync(path('other'), text);
      expect(() => readSafetensors(path('other')), text).toThrow(refused);
    }
  });

  it('refuses headers that lie', () => {
    const write = (header: unknown): void => {
      const json = Buffer.from(JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(path('lie'), Buffer.concat([length, json, Buffer.alloc(16)]));
    };
    const lies: unknown[] = [
      { a: { dtype: 'F32', shape: [4], data_offsets: [0, 17] } },
      { a: { dtype: 'F32', shape: [4], data_offsets: [16, 0] } },
      { a: { dtype: 'F32', shape: [4], data_offsets: [-4, 12] } },
      { a: { dtype: 'F32', shape: [3], data_offsets: [0, 16] } },
      { a: { dtype: 'F32', shape: [4], data_offsets: [0.5, 16] } },
      { a: { dtype: 'F13', shape: [4], data_offsets: [0, 16] } },
      { a: { dtype: 'F32', data_offsets: [0, 16] } },
      { a: { dtype: 'F32', shape: [4] } },
      { a: 3 },
      [],
      null,
    ];
    for (const lie of lies) {
      write(lie);
      expect(() => readSafetensors(path('lie')), JSON.stringify(lie)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
    }
  });

  it('round-trips whatever floats there are', () => {
    fc.assert(fc.property(fc.float32Array({ maxLength: 40 }), (data) => {
      writeSafetensors(path('any'), { x: { data, shape: [data.length] } });
      expect(readSafetensors(path('any')).tensors['x']!.data).toEqual(data);
    }), { numRuns: 30 });
  });

  it('says where it cannot write', () => {
    expect(() => writeSafetensors(path('nowhere/file'), TENSORS)).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
  });
});
