/** A map on disk: head, then two 16-bit numbers a molecule, little-endian, 0 to 65,535 for 0 to 1. */
import { IsoLensError } from '../core/index.ts';

export const MAP_FILE = 'map.bin';

const MAGIC = 'ISLMAP01';
const HEAD_BYTES = MAGIC.length + 4;
const STEPS = 65_535;

/** points: (rows, 2) from 0 to 1. */
export function encodeMap(points: Float32Array): Buffer {
  const file = Buffer.alloc(HEAD_BYTES + points.length * 2);
  file.write(MAGIC, 'latin1');
  file.writeUInt32LE(points.length / 2, MAGIC.length);
  points.forEach((value, i) => file.writeUInt16LE(Math.round(Math.min(1, Math.max(0, value)) * STEPS), HEAD_BYTES + i * 2));
  return file;
}

/** (count, 2) from 0 to 1; refuses with BUNDLE_CORRUPT what is no map of so many molecules. */
export function decodeMap(file: Buffer, count: number): Float32Array {
  const isMap = file.length >= HEAD_BYTES && file.toString('latin1', 0, MAGIC.length) === MAGIC;
  const found = isMap ? file.readUInt32LE(MAGIC.length) : undefined;
  if (found !== count || file.length !== HEAD_BYTES + count * 4) {
    const what = `${found ?? 'something else'} in ${file.length} bytes`;
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected a map of ${count} molecules but found ${what}; build the bundle again.`);
  }
  return Float32Array.from({ length: count * 2 }, (_, i) => file.readUInt16LE(HEAD_BYTES + i * 2) / STEPS);
}
