/** Tables of measured activities as they lie in the data folder: records of a molecule, an assay and an outcome, whatever their form. */
import { basename, join } from 'node:path';
import { IsoLensError, shareOf } from '../core/index.ts';
import type { MeasurementTableWish } from '../recipes/index.ts';
import { readTable } from './sources.ts';

export interface MeasuredRecord {
  readonly smiles: string;
  readonly assay: string;
  readonly active: boolean;
}

export interface MeasuredTable {
  readonly wish: MeasurementTableWish;
  /** How messages call it. */
  readonly name: string;
  readonly records: readonly MeasuredRecord[];
  /** Records that were passed over, by the reason. */
  readonly passed: Readonly<Record<string, number>>;
}

type Column = MeasurementTableWish['molecule'];

/** Records without a molecule, an assay or an outcome are counted and passed over. */
export function readMeasuredTable(wish: MeasurementTableWish, dataFolder: string): MeasuredTable {
  const { file, molecule, assay, outcome, only } = wish;
  const table = readTable(join(dataFolder, file), [columnOf(molecule), columnOf(assay), outcome.column, ...only.map(({ column }) => column)]);
  const [smilesOf, assayOf] = [reader(molecule, dataFolder), reader(assay, dataFolder)];
  const records: MeasuredRecord[] = [];
  const passed: Record<string, number> = {};
  const pass = (why: string): void => void (passed[why] = (passed[why] ?? 0) + 1);
  table.forEach(([given, set, value, ...others], i) => {
    const other = only.find(({ is }, at) => !is.includes(others[at]!));
    if (other !== undefined) return pass(`of another ${other.column} than ${other.is.join(', ')}`);
    const active = outcomeOf(wish, value!, i);
    const smiles = smilesOf(given!);
    const name = assayOf(set!);
    if (smiles === '') pass('without a molecule');
    else if (name === '') pass('without an assay');
    else if (typeof active === 'string') pass(active);
    else records.push({ smiles, assay: name, active });
  });
  return { wish, name: basename(file), records, passed };
}

/** Whether an assay, or a target, is left to the fit of scores and to measurements of what is new. */
export function isLeftOut({ leaveOut }: Pick<MeasurementTableWish, 'leaveOut'>, assay: string): boolean {
  return shareOf(assay) < leaveOut;
}

/** Whether it was active, or why that cannot be said. */
function outcomeOf({ file, outcome }: MeasurementTableWish, text: string, record: number): boolean | string {
  const value = Number(text);
  if ('activeFrom' in outcome) {
    if (text === '' || !Number.isFinite(value)) return 'without a value';
    return value >= outcome.activeFrom || (value >= outcome.inactiveBelow ? 'between active and inactive' : false);
  }
  if ('activeUpTo' in outcome) {
    if (text === '' || !Number.isFinite(value)) return 'without a value';
    if (value <= 0) return 'with a concentration of 0 or less';
    return value <= outcome.activeUpTo || (value <= outcome.inactiveAbove ? 'between active and inactive' : false);
  }
  if (text === '') return 'without a label';
  if (value === 0 || value === 1) return value === 1;
  throw new IsoLensError('DATASET_INVALID', `Expected 1 or 0 in column "${outcome.column}" of ${file} but record ${record + 1} holds ${JSON.stringify(text)}.`);
}

function columnOf(column: Column): string {
  return typeof column === 'string' ? column : column.column;
}

/** What a cell of the column stands for; itself where the other table knows nothing of it. */
function reader(column: Column, dataFolder: string): (cell: string) => string {
  if (typeof column === 'string') return (cell) => cell;
  const { until, in: elsewhere } = column;
  if (elsewhere === undefined) return (cell) => before(cell, until);
  const known = new Map(readTable(join(dataFolder, elsewhere.table), [elsewhere.key, elsewhere.value]).map(([key, value]) => [key!, before(value!, elsewhere.until)]));
  return (cell) => known.get(before(cell, until)) || before(cell, until);
}

function before(text: string, until: string | undefined): string {
  const at = until === undefined ? -1 : text.indexOf(until);
  return at < 0 ? text : text.slice(0, at);
}
