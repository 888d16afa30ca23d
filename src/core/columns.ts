/**
 * Columns of many rows in one piece of memory, as they lie in a file: a head, then each column whole, so that a scan reads what it compares
 * and nothing else, and threads share all of it without a copy.
 *
 *     8 bytes   magic
 *     u32       bytes of the JSON that follows, little-endian as everything here
 *     JSON      {"version", "count", "columns": [{"name", "type", "width", "offset", "bytes"}]}
 *     columns   (count, width) each, from a multiple of 64 bytes on
 */
import { IsoLensError } from './errors.ts';

interface Arrays {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
}

export type ColumnType = keyof Arrays;
export type ColumnArray<Type extends ColumnType = ColumnType> = Arrays[Type];

const ARRAYS: { readonly [Type in ColumnType]: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, offset: number, length: number): Arrays[Type] } } = {
  u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array,
};

/** What a column is made of, before it has a place. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  /** Values of one row. */
  readonly width: number;
}

/** A column and its place in the file. */
export interface PlacedColumn extends ColumnSpec {
  readonly offset: number;
  readonly bytes: number;
}

export interface ColumnLayout {
  /** What decides the meaning of the columns; a reader of another refuses the file. */
  readonly version: string;
  readonly count: number;
  readonly columns: readonly PlacedColumn[];
}

const MAGIC = 'ISLCOLS1';
const ALIGNMENT = 64;
/** More than any table of columns takes: what claims to be longer is no such file. */
const MOST_HEAD_BYTES = 1 << 16;

/** Bytes of one row. */
export function rowBytes({ type, width }: ColumnSpec): number {
  return ARRAYS[type].BYTES_PER_ELEMENT * width;
}

/** The file's first bytes, up to the first column, and where everything lies. */
export function layColumns(specs: readonly ColumnSpec[], count: number, version: string): { head: Uint8Array; layout: ColumnLayout; bytes: number } {
  const placed = (from: number): { columns: PlacedColumn[]; end: number } => {
    let end = from;
    const columns = specs.map(({ name, type, width }): PlacedColumn => {
      const offset = aligned(end);
      const bytes = rowBytes({ name, type, width }) * count;
      end = offset + bytes;
      return { name, type, width, offset, bytes };
    });
    return { columns, end };
  };
  // The head holds the offsets, and its own length moves them: with room for the longest numbers it fits whatever they are.
  const room = aligned(MAGIC.length + 4 + Buffer.byteLength(JSON.stringify({ version, count, columns: placed(Number.MAX_SAFE_INTEGER / 4).columns })));
  const { columns, end } = placed(room);
  const layout = { version, count, columns };
  const json = Buffer.from(JSON.stringify(layout));
  const head = Buffer.alloc(room, ' ');
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(json.length, MAGIC.length);
  json.copy(head, MAGIC.length + 4);
  return { head, layout, bytes: end };
}

/** Columns in memory that threads can share. */
export class ColumnTable {
  readonly version: string;
  readonly count: number;
  readonly buffer: ArrayBufferLike;
  private readonly columns: ReadonlyMap<string, PlacedColumn>;

  /** buffer: the whole file. BUNDLE_INCOMPATIBLE where it is none. */
  constructor(buffer: ArrayBufferLike) {
    const { version, count, columns } = readLayout(buffer);
    this.version = version;
    this.count = count;
    this.buffer = buffer;
    this.columns = new Map(columns.map((column) => [column.name, column]));
  }

  /** A table of zeros, to be filled. */
  static empty(specs: readonly ColumnSpec[], count: number, version: string): ColumnTable {
    const { head, bytes } = layColumns(specs, count, version);
    const buffer = new SharedArrayBuffer(bytes);
    new Uint8Array(buffer).set(head);
    return new ColumnTable(buffer);
  }

  /** What each column is made of, in the order of the file. */
  get specs(): readonly ColumnSpec[] {
    return [...this.columns.values()].map(({ name, type, width }) => ({ name, type, width }));
  }

  /** (count, width), over the table's own memory; refuses a column that is absent or of another make. */
  column<Type extends ColumnType>({ name, type, width }: ColumnSpec & { readonly type: Type }): ColumnArray<Type> {
    const found = this.columns.get(name);
    if (found === undefined || found.type !== type || found.width !== width) {
      const held = found === undefined ? 'none' : `${found.width} of ${found.type}`;
      throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a column "${name}" of ${width} values of ${type} a row but received ${held}; build the bundle again.`);
    }
    return new ARRAYS[type](this.buffer, found.offset, width * this.count);
  }
}

function readLayout(buffer: ArrayBufferLike): ColumnLayout {
  const bytes = Buffer.from(buffer, 0, buffer.byteLength);
  const length = bytes.length < MAGIC.length + 4 ? 0 : bytes.readUInt32LE(MAGIC.length);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC || length > Math.min(MOST_HEAD_BYTES, bytes.length)) throw unusable('it does not begin as one');
  let layout: ColumnLayout;
  try {
    layout = JSON.parse(bytes.toString('utf8', MAGIC.length + 4, MAGIC.length + 4 + length)) as ColumnLayout;
  } catch {
    throw unusable('its head is no JSON');
  }
  const whole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const fits = (column: PlacedColumn): boolean => column.type in ARRAYS && whole(column.width) && whole(column.offset) && column.offset % ALIGNMENT === 0
    && column.bytes === rowBytes(column) * layout.count && column.offset + column.bytes <= bytes.length;
  const isSound = typeof layout.version === 'string' && whole(layout.count) && Array.isArray(layout.columns) && (layout.columns as readonly PlacedColumn[]).every(fits);
  if (!isSound) throw unusable('its table of columns is not valid');
  return layout;
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function unusable(reason: string): IsoLensError {
  return new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a file of columns but ${reason}; build the bundle again.`);
}
