/** Columns of a Parquet file as plain values. The decoder believes what a torn file claims of its sizes: `decoder.ts` runs this in a process of its own. */
import { parquetRead } from 'hyparquet';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Cell, Column } from '../cells.ts';

/** Columns are decoded so many cells at a time: plain arrays take several times the room of what is kept. */
const BATCH_CELLS = 4e6;
const MAX_BATCH = 64;
/** Pages are a megabyte as a rule; 200 million cells of eight bytes are 1.6 GB in all. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;
const MAX_BYTES = 2 ** 31;

/** The named columns, in that order, some at a time; `rows` values each. */
export async function* readColumns(bytes: Uint8Array, metadata: FileMetaData, names: readonly string[], rows: number): AsyncGenerator<Column[]> {
  const file: AsyncBuffer = { byteLength: bytes.byteLength, slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer };
  const size = Math.min(MAX_BATCH, Math.max(1, Math.floor(BATCH_CELLS / Math.max(1, rows))));
  const bounded = boundedCompressors();
  for (let from = 0; from < names.length; from += size) {
    const wanted = names.slice(from, from + size);
    const values = new Map(wanted.map((name) => [name, { data: new Array<unknown>(rows), seen: 0 }]));
    await parquetRead({
      file, metadata, columns: wanted, compressors: bounded,
      onChunk: ({ columnName, columnData, rowStart }) => {
        const column = values.get(columnName)!;
        for (let i = 0; i < columnData.length; i++) column.data[rowStart + i] = columnData[i];
        column.seen += columnData.length;
      },
    });
    yield Array.from(values, ([name, { data, seen }]) => {
      if (seen !== rows || data.length !== rows) throw new Error(`the column ${name} has ${seen} values in place of ${rows}`);
      return columnOf(data);
    });
  }
}

/** The same decompressors, which refuse what unpacks to more than any table does before room is made for it. */
function boundedCompressors(): typeof compressors {
  let total = 0;
  return Object.fromEntries(Object.entries(compressors).map(([codec, unpack]) => [codec, (input: Uint8Array, length: number): Uint8Array => {
    total += length;
    if (length > MAX_PAGE_BYTES || total > MAX_BYTES) throw new Error(`a page unpacks to ${length} bytes, all pages to ${total}`);
    return unpack(input, length);
  }]));
}

/** Numbers where there is nothing but numbers and gaps, which are NaN. */
function columnOf(values: readonly unknown[]): Column {
  const isNumeric = values.every((value) => typeof value === 'number' || value === null || value === undefined);
  return isNumeric ? Float64Array.from(values, (value) => value ?? Number.NaN) : values.map(cellOf);
}

/** Truths and dates as pandas writes them into CSV. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return JSON.stringify(value);
}
