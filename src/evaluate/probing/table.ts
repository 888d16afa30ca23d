/** Tables of molecules with columns of labels: 1, 0, or nothing where it was not measured. */
import { IsoLensError } from '../../core/index.ts';
import { isSmilesColumn, parseTable } from '../../ingest/index.ts';
import { readText } from '../files.ts';

/** Not measured. */
export const GAP = -1;

export interface LabelTable {
  readonly smilesColumn: string;
  /** Names of the label columns. */
  readonly columns: readonly string[];
  readonly smiles: readonly string[];
  /** One array a column, parallel to `smiles`: 1, 0 or GAP. */
  readonly labels: readonly Int8Array[];
  /** Columns that hold no labels; always empty where the label columns were named. */
  readonly otherColumns: readonly string[];
}

export interface LabelTableOptions {
  readonly smilesColumn?: string | undefined;
  /** Absent: every column of which each cell is 0, 1 or empty. */
  readonly labels?: readonly string[] | undefined;
}

/** How MoleculeNet and others name the column beside the names that libraries use. */
const FURTHER_SMILES_NAMES = ['mol', 'drug'];
/** How tables write that nothing was measured. */
const GAPS = ['', 'na', 'nan', 'n/a', 'none', 'null', '?'];

/**
 * Reads a comma- or tab-separated table, plain or gzipped, whose first line names the columns.
 * COLUMN_MISSING where a column is not there, DATASET_INVALID where a label is none or the table holds no molecule.
 */
export async function readLabelTable(path: string, options: LabelTableOptions = {}): Promise<LabelTable> {
  const text = await readText(path);
  const first = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const [header = [], ...rows] = parseTable(text, { delimiter: first.includes('\t') ? '\t' : ',', quoted: true });
  const names = header.map((name) => name.trim());
  if (rows.length === 0) {
    const found = header.length === 0 ? 'no line' : 'the first line alone';
    throw new IsoLensError('DATASET_INVALID', `Expected a line of column names and molecules below it in ${path} but it has ${found}.`);
  }
  const smilesColumn = smilesColumnOf(path, names, options.smilesColumn);
  const { columns, otherColumns } = labelColumnsOf(path, names, rows, smilesColumn, options.labels);
  const at = names.indexOf(smilesColumn);
  return {
    smilesColumn, columns, otherColumns,
    smiles: rows.map((row) => (row[at] ?? '').trim()),
    labels: columns.map((name) => (
      Int8Array.from(cellsOf(rows, names.indexOf(name)), (cell, i) => labelOf(cell) ?? refuseLabel(path, name, cell, i))
    )),
  };
}

function smilesColumnOf(path: string, names: readonly string[], wanted: string | undefined): string {
  const found = wanted === undefined
    ? names.find(isSmilesColumn) ?? names.find((name) => FURTHER_SMILES_NAMES.includes(name.toLowerCase()))
    : names.find((name) => name === wanted);
  if (found !== undefined) return found;
  const expected = wanted === undefined ? 'a column of SMILES' : `the column ${JSON.stringify(wanted)}`;
  throw new IsoLensError('COLUMN_MISSING', `Expected ${expected} in ${path} but its columns are ${listed(names)}; name it with --smiles-column.`);
}

function labelColumnsOf(
  path: string, names: readonly string[], rows: readonly (readonly string[])[], smilesColumn: string, wanted: readonly string[] | undefined,
): { columns: readonly string[]; otherColumns: readonly string[] } {
  const missing = wanted?.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const expected = `Expected the column ${JSON.stringify(missing)} in ${path} but its columns are ${listed(names)}`;
    throw new IsoLensError('COLUMN_MISSING', `${expected}; name one of these with --labels.`);
  }
  if (wanted?.includes(smilesColumn) === true) {
    const expected = `Expected a column of labels but ${JSON.stringify(smilesColumn)} holds the SMILES`;
    throw new IsoLensError('ARGUMENT_INVALID', `${expected}; name another with --labels.`);
  }
  if (wanted !== undefined) return { columns: [...new Set(wanted)], otherColumns: [] };
  const others = names.filter((name) => name !== smilesColumn);
  // A column in which some cells are labels is a mistake in the table, or a number: which of the two is for a person to say.
  const columns = others.filter((name) => cellsOf(rows, names.indexOf(name)).some((cell) => (labelOf(cell) ?? GAP) !== GAP));
  if (columns.length > 0) return { columns, otherColumns: others.filter((name) => !columns.includes(name)) };
  throw new IsoLensError('DATASET_INVALID', `Expected a column of labels (0, 1 or empty) in ${path} but none of its columns is one: ${listed(names)}.`);
}

function cellsOf(rows: readonly (readonly string[])[], at: number): string[] {
  return rows.map((row) => (row[at] ?? '').trim());
}

function labelOf(cell: string): 0 | 1 | typeof GAP | undefined {
  if (GAPS.includes(cell.toLowerCase())) return GAP;
  const value = Number(cell);
  return value === 0 || value === 1 ? value : undefined;
}

function refuseLabel(path: string, name: string, cell: string, row: number): never {
  const expected = `Expected 0, 1 or nothing in the column ${JSON.stringify(name)} of ${path} but record ${row + 1} has ${JSON.stringify(cell)}`;
  throw new IsoLensError('DATASET_INVALID', `${expected}; choose the columns of labels with --labels, or turn the values into classes first.`);
}

const MOST_LISTED = 30;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).map((name) => JSON.stringify(name)).join(', ');
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}
