/** Columns of a Parquet file as plain values. The decoder believes what a torn file claims of its sizes: `decoder.ts` runs this in a process of its own. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { IsoLensError } from '../../core/index.ts';
import type { Cell, Column } from '../cells.ts';
import type { GroupsReply } from './groups.ts';

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

/** The most that is held of one row group, as plain arrays: some hundred bytes a cell. */
const MAX_GROUP_CELLS = 16e6;

/** The header, then each row group whole; columns of lists and groups are left out. For the decoder's process, as above. */
export async function* readGroups(path: string): AsyncGenerator<GroupsReply> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const top = parquetSchema(metadata).children;
  const header = top.filter(({ children, element }) => children.length === 0 && element.repetition_type !== 'REPEATED').map(({ element }) => element.name);
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw new IsoLensError('DATASET_INVALID', `Expected each column once in the file but ${JSON.stringify(twice)} stands there twice; remove one.`);
  yield { kind: 'header', header };
  let from = 0;
  for (const { num_rows: count } of metadata.row_groups) {
    const rows = Number(count);
    if (rows * header.length > MAX_GROUP_CELLS) {
      throw new IsoLensError('DATASET_INVALID', `Expected row groups of at most ${MAX_GROUP_CELLS / 1e6} million cells in the file but one has ${rows} rows and ${header.length} columns; write it with smaller row groups, such as 100,000 rows.`);
    }
    const columns = new Map(header.map((name) => [name, new Array<unknown>(rows)]));
    const seen = new Map<string, number>();
    await parquetRead({
      file, metadata, columns: header, compressors: boundedCompressors(), rowStart: from, rowEnd: from + rows,
      onChunk: ({ columnName, columnData, rowStart }) => {
        const column = columns.get(columnName)!;
        for (let i = 0; i < columnData.length; i++) {
          const at = rowStart - from + i;
          if (at >= 0 && at < rows) column[at] = columnData[i];
        }
        seen.set(columnName, (seen.get(columnName) ?? 0) + columnData.length);
      },
    });
    const short = header.find((name) => (seen.get(name) ?? 0) < rows);
    if (short !== undefined) throw new Error(`the column ${short} has ${seen.get(short) ?? 0} values in place of ${rows}`);
    yield { kind: 'group', rows, columns: Array.from(columns.values(), columnOf) };
    from += rows;
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
