/** Morphological profiles: a row a well, `Metadata_*` columns and features, as CellProfiler and pycytominer write them. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { IsoLensError, matrixOf, median, toIsoLensError } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import { textOfCell, textTable } from '../cells.ts';
import type { Cell, CellTable, Column } from '../cells.ts';
import { isParquet, parquetTable } from '../parquet/index.ts';
import { parseNamedTable } from '../table.ts';
import { profileColumns } from './columns.ts';
import type { ProfileColumns } from './columns.ts';
import type { PlateField } from '../plate-columns.ts';
import type { Profiles } from './define.ts';
import { WELL_FIELDS, readWell } from './wells.ts';
import type { Well } from './wells.ts';

export interface ReadProfiles extends Profiles {
  readonly path: string;
  /** Features with more than 5 % of their values missing or not finite, and those of one value: left out. */
  readonly droppedMissing: readonly string[];
  readonly droppedConstant: readonly string[];
  /** Other gaps: each became the median of its feature on its plate. */
  readonly filled: number;
}

export const MAX_MISSING = 0.05;
const unpack = promisify(gunzip);
/** As R, pandas and CellProfiler write what is no number. */
const NOT_A_NUMBER = /^[+-]?(nan|na|n\/a|null|none|inf|infinity)?$/i;

/**
 * Reads a comma- or tab-separated table, plain or gzip, or a Parquet file, told by its first bytes. FILE_NOT_FOUND or FILE_UNREADABLE;
 * COLUMN_MISSING without plates, wells or features; RECORD_INVALID for text in a feature, or a row without plate or well; DATASET_INVALID for
 * two rows of one well, for no row, where no feature is left, and for a Parquet file of more than 200 million cells or with lists in a column that is read.
 */
export async function readProfiles(path: string): Promise<ReadProfiles> {
  const bytes = await readFile(path).catch((thrown: unknown) => { throw unreadable(path, thrown); });
  return parseProfiles(bytes, path);
}

/** The same of a file's bytes; `path` is what errors call it. */
export async function parseProfiles(bytes: Uint8Array, path: string): Promise<ReadProfiles> {
  const table = await tableOf(bytes, path);
  const columns = profileColumns(table.header, path);
  if (table.rows === 0) throw new IsoLensError('DATASET_INVALID', `Expected rows of wells in ${path} but it has none below its header.`);
  const fields = WELL_FIELDS.filter((field) => columns.metadata[field] >= 0);
  const read = await table.columns([...fields.map((field) => columns.metadata[field]), ...columns.features.map(({ at }) => at)]);
  const wells = wellsOf(new Map<PlateField, Column>(fields.map((field, i) => [field, read[i]!])), table.rows, columns);
  checkWells(wells, path);
  const kept: { name: string; values: Float64Array }[] = [];
  const droppedMissing: string[] = [];
  const droppedConstant: string[] = [];
  let filled = 0;
  for (const [i, { name }] of columns.features.entries()) {
    const values = featureValues(read[fields.length + i]!, name, path);
    const gaps = values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
    if (gaps > MAX_MISSING * table.rows) droppedMissing.push(name);
    else {
      if (gaps > 0) fillGaps(values, wells);
      if (isConstant(values)) droppedConstant.push(name);
      else {
        kept.push({ name, values });
        filled += gaps;
      }
    }
  }
  if (kept.length === 0) {
    const left = `${droppedMissing.length} with more than 5 % missing, ${droppedConstant.length} constant`;
    throw new IsoLensError('DATASET_INVALID', `Expected features that vary in ${path} but left out all ${columns.features.length}: ${left}.`);
  }
  const matrix = matrixFromColumns(kept.map(({ values }) => values), table.rows);
  return { path, wells, features: kept.map(({ name }) => name), matrix, droppedMissing, droppedConstant, filled };
}

/** A table of 1,536 wells and 6,000 features is 120 MB; what a small file unpacks to beyond that is none. */
const MAX_UNPACKED = 512 * 1024 * 1024;

async function tableOf(given: Uint8Array, path: string): Promise<CellTable> {
  const isZipped = given[0] === 0x1f && given[1] === 0x8b;
  const bytes = isZipped ? await unpack(given, { maxOutputLength: MAX_UNPACKED }).catch((thrown: unknown) => { throw unreadable(path, thrown); }) : given;
  return isParquet(bytes) ? parquetTable(bytes, path) : textTable(parse(new TextDecoder().decode(bytes), path));
}

function wellsOf(columnOf: ReadonlyMap<PlateField, Column>, rows: number, columns: ProfileColumns): Well[] {
  return Array.from({ length: rows }, (_, row) => readWell((field) => textOfCell(columnOf.get(field)?.[row]), columns));
}

function unreadable(path: string, thrown: unknown): IsoLensError {
  const { code, message } = toIsoLensError(thrown, 'FILE_UNREADABLE');
  return new IsoLensError(code, `Expected a table of profiles in ${path} but it cannot be read (${message}); check the path.`, { cause: thrown });
}

function parse(text: string, path: string): string[][] {
  try {
    return parseNamedTable(text);
  } catch (thrown) {
    const { message } = toIsoLensError(thrown, 'FILE_UNREADABLE');
    throw new IsoLensError('FILE_UNREADABLE', `Expected a comma- or tab-separated table in ${path} but it cannot be parsed: ${message}`, { cause: thrown });
  }
}

function checkWells(wells: readonly Well[], path: string): void {
  const rowOf = new Map<string, number>();
  wells.forEach(({ plate, well }, row) => {
    if (plate === '' || well === '') {
      const message = `Expected a plate and a well in every row of ${path} but row ${row + 1} has no ${plate === '' ? 'plate' : 'well'}.`;
      throw new IsoLensError('RECORD_INVALID', message, { details: { row: row + 1 } });
    }
    const key = JSON.stringify([plate, well]);
    const before = rowOf.get(key);
    if (before !== undefined) {
      const found = `rows ${before + 1} and ${row + 1} are both well ${well} of plate ${plate}`;
      const message = `Expected one row for each well in ${path} but ${found}; aggregate cells or sites to wells first.`;
      throw new IsoLensError('DATASET_INVALID', message, { details: { plate, well } });
    }
    rowOf.set(key, row);
  });
}

/** NaN where there is no finite number of single precision. */
function featureValues(column: Column, name: string, path: string): Float64Array {
  return Float64Array.from<Cell>(column, (cell, row) => {
    const text = typeof cell === 'string' ? cell.trim() : cell;
    if (typeof text === 'string' && NOT_A_NUMBER.test(text)) return Number.NaN;
    const value = Math.fround(Number(text));
    if (Number.isFinite(value)) return value;
    if (typeof text !== 'string' || !Number.isNaN(value)) return Number.NaN;
    const found = `row ${row + 1} has ${JSON.stringify(text.slice(0, 40))}`;
    const message = `Expected numbers in the feature ${JSON.stringify(name)} of ${path} but ${found}; call a column that is no feature Metadata_${name}.`;
    throw new IsoLensError('RECORD_INVALID', message, { details: { column: name, row: row + 1 } });
  });
}

/** The median of the plate, or of all plates where the whole plate is missing. */
function fillGaps(values: Float64Array, wells: readonly Well[]): void {
  const present = (isWanted: (row: number) => boolean): Float64Array => values.filter((value, row) => !Number.isNaN(value) && isWanted(row));
  const overall = median(present(() => true));
  const medians = new Map<string, number>();
  for (const { plate } of wells) {
    if (medians.has(plate)) continue;
    const own = present((row) => wells[row]!.plate === plate);
    medians.set(plate, own.length === 0 ? overall : median(own));
  }
  values.forEach((value, row) => { if (Number.isNaN(value)) values[row] = medians.get(wells[row]!.plate)!; });
}

function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}

function matrixFromColumns(columns: readonly Float64Array[], rows: number): Matrix {
  const data = new Float32Array(rows * columns.length);
  columns.forEach((values, c) => { for (let r = 0; r < rows; r++) data[r * columns.length + c] = values[r]!; });
  return matrixOf(data, columns.length);
}
