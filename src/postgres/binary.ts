/** Rows in the binary format of COPY (PostgreSQL manual, COPY, "Binary Format"): big-endian, each field with its length before it. */

export const COPY_HEAD = Buffer.concat([Buffer.from('PGCOPY\n\xFF\r\n\0', 'latin1'), Buffer.alloc(8)]);
export const COPY_TAIL = Buffer.from([0xff, 0xff]);
/** Of the type `text`, in pg_type. */
const TEXT_OID = 25;

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** One row of any fields. */
export function copyRow(fields: readonly Uint8Array[]): Buffer {
  const row = Buffer.allocUnsafe(fields.reduce((sum, field) => sum + 4 + field.length, 2));
  let end = row.writeInt16BE(fields.length, 0);
  for (const field of fields) {
    end = row.writeInt32BE(field.length, end);
    row.set(field, end);
    end += field.length;
  }
  return row;
}

export function int4(value: number): Buffer {
  const field = Buffer.allocUnsafe(4);
  field.writeInt32BE(value);
  return field;
}

export function float4(value: number): Buffer {
  const field = Buffer.allocUnsafe(4);
  field.writeFloatBE(value);
  return field;
}

export function bool(value: boolean): Buffer {
  return Buffer.from([value ? 1 : 0]);
}

/** A bit string of `length`; the first bit of a byte is its highest. */
export function bitString(bytes: Uint8Array, length: number): Buffer {
  return Buffer.concat([int4(length), bytes]);
}

/** What PostgreSQL takes as text: it has no NUL, and no half of a surrogate pair. */
export function text(value: string): Buffer {
  return Buffer.from(value.replaceAll(/[\0\p{Cs}]/gu, '\uFFFD'));
}

/** The JSON of a value, as the type `json` takes it: escapes of NUL and of half a surrogate pair stay as they are. */
export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function textArray(values: readonly string[]): Buffer {
  if (values.length === 0) return Buffer.concat([int4(0), int4(0), int4(TEXT_OID)]);
  const items = values.map(text).flatMap((item) => [int4(item.length), item]);
  return Buffer.concat([int4(1), int4(0), int4(TEXT_OID), int4(values.length), int4(1), ...items]);
}

/** vector: (D) in any range of 32 bits; rounded to the nearest of 16 bits, of two equally near ones to the even. */
export function halfvec(vector: Float32Array): Buffer {
  const field = Buffer.allocUnsafe(4 + 2 * vector.length);
  field.writeInt16BE(vector.length, 0);
  field.writeInt16BE(0, 2);
  vector.forEach((value, i) => field.writeUInt16BE(half(value), 4 + 2 * i));
  return field;
}

/** The bits of a number as IEEE 754 binary16. */
export function half(value: number): number {
  FLOAT[0] = value;
  const bits = BITS[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) return sign | (exponent === 143 && fraction !== 0 ? 0x7e00 : 0x7c00);
  if (exponent < -10) return sign;
  // Below the smallest normal number the leading one is written out. A carry of the fraction goes into the exponent, as it should.
  return exponent <= 0 ? sign | rounded(fraction | 0x800000, 14 - exponent) : sign | ((exponent << 10) + rounded(fraction, 13));
}

function rounded(bits: number, shift: number): number {
  const [middle, low, kept] = [2 ** (shift - 1), bits % 2 ** shift, bits >>> shift];
  return low > middle || (low === middle && kept % 2 === 1) ? kept + 1 : kept;
}
