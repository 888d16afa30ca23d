/** What the footer of a Parquet file says of its table; no page of data is read for it. */
import { parquetMetadata, parquetSchema } from 'hyparquet';
import type { FileMetaData } from 'hyparquet';
import { IsoLensError, toIsoLensError } from '../../core/index.ts';

export interface ParquetFooter {
  readonly metadata: FileMetaData;
  readonly rows: number;
  /** Top-level columns, in the order of the file. */
  readonly names: readonly string[];
  /** Those that hold lists, maps or groups in place of one value a row. */
  readonly nested: ReadonlySet<string>;
}

/** A plate of 1,536 wells and 6,000 features has 9 million; beyond this, a table is none of wells. */
const MAX_CELLS = 200e6;

/** Parquet files begin with PAR1, whatever they are called. */
export function isParquet(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x41 && bytes[2] === 0x52 && bytes[3] === 0x31;
}

/** FILE_UNREADABLE where the footer is cut off or torn; DATASET_INVALID for more than 200 million cells, or two columns of one name. */
export function readFooter(bytes: Uint8Array, path: string): ParquetFooter {
  const footer = parsed(bytes, path);
  const { names, rows } = footer;
  if (rows * names.length > MAX_CELLS) {
    const message = `Expected a table of at most ${MAX_CELLS / 1e6} million cells in ${path} but it has ${rows} rows and ${names.length} columns; split it by plate.`;
    throw new IsoLensError('DATASET_INVALID', message, { details: { rows, columns: names.length } });
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return footer;
  const message = `Expected each column once in ${path} but ${JSON.stringify(twice)} stands there twice; remove one.`;
  throw new IsoLensError('DATASET_INVALID', message, { details: { column: twice } });
}

export function unreadableParquet(path: string, thrown: unknown): IsoLensError {
  const { message } = toIsoLensError(thrown, 'FILE_UNREADABLE');
  return new IsoLensError('FILE_UNREADABLE', `Expected a whole Parquet file in ${path} but it cannot be read (${message}); write or copy it again.`, { cause: thrown });
}

function parsed(bytes: Uint8Array, path: string): ParquetFooter {
  try {
    const metadata = parquetMetadata(bytes, { geoparquet: false });
    const columns = parquetSchema(metadata).children;
    const inGroups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    if (Number(metadata.num_rows) !== inGroups) throw new Error(`its footer counts ${metadata.num_rows} rows, its row groups ${inGroups}`);
    const nested = columns.filter(({ children, element }) => children.length > 0 || element.repetition_type === 'REPEATED');
    return { metadata, rows: inGroups, names: columns.map(({ element }) => element.name), nested: new Set(nested.map(({ element }) => element.name)) };
  } catch (thrown) {
    throw unreadableParquet(path, thrown);
  }
}
