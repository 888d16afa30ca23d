/** Measured activities as a data file: which row of the training data was measured in which assay, and whether it was active. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Recipe } from '../recipes/index.ts';
import { isLeftOut, readMeasuredTable } from './measurement-tables.ts';
import type { MeasuredRecord, MeasuredTable } from './measurement-tables.ts';
import { writeSafetensors } from './safetensors.ts';
import { readTable } from './sources.ts';
import { targetsOf } from './targets.ts';

type Wish = NonNullable<Recipe['measurements']>;

/** What became of the records of one table. */
export interface TableCounts {
  readonly records: number;
  /** Records passed over, by the reason; of assays left out; of molecules that are not trained on; of a molecule found active and inactive in one assay. */
  readonly passed: Readonly<Record<string, number>>;
  readonly leftOut: number;
  readonly notTrainedOn: number;
  readonly contradictory: number;
  /** What is trained on: measurements of distinct molecules, and assays with two actives or more. */
  readonly measurements: number;
  readonly assays: number;
  /** Assays with fewer than two actives: nothing is drawn for them. */
  readonly loneActive: number;
  /** Of the assays: those that were found to belong to a target of another table. */
  readonly linked: number;
  /** Assays of targets that are left out. */
  readonly ofTargetsLeftOut: number;
}

export interface WrittenMeasurements {
  readonly path: string;
  readonly measurements: number;
  readonly assays: number;
  readonly targets: number;
  /** By file: tables of different folders may be named alike. */
  readonly tables: Readonly<Record<string, TableCounts>>;
}

/** What is known of the molecules of the training data, by their SMILES as the tables give them. */
export interface KnownMolecules {
  /** Rows of those that are trained on. */
  readonly rows: ReadonlyMap<string, number>;
  /** InChIKeys of all that can be read. */
  readonly keys: ReadonlyMap<string, string>;
}

/** In words, for people who watch a run. */
export function describeTable({ records, passed, leftOut, notTrainedOn, contradictory, measurements, assays, loneActive, linked, ofTargetsLeftOut }: TableCounts): string {
  const why = Object.entries({
    ...passed, 'of assays left out': leftOut, 'of molecules that are not trained on': notTrainedOn, 'of molecules that were active and inactive in one assay': contradictory,
  }).filter(([, number]) => number > 0).map(([reason, number]) => `${number} ${reason}`);
  const less = [
    ...(loneActive === 0 ? [] : [`assays with fewer than two actives: ${loneActive}`]), ...(ofTargetsLeftOut === 0 ? [] : [`assays of targets left out: ${ofTargetsLeftOut}`]),
    ...(linked === 0 ? [] : [`assays found to belong to a target of another table: ${linked}`]),
  ];
  return [`${measurements} measurements in ${assays} assays of ${records} records`, ...(why.length === 0 ? [] : [`passed over: ${why.join(', ')}`]), ...less].join('; ');
}

/** SMILES that training on these measurements leaves out: of the assays left out, and of the tables that it is measured on; by file. */
export function moleculesLeftOut({ tables, measuredOn }: Wish, dataFolder: string): { readonly name: string; readonly smiles: string[] }[] {
  return [
    ...tables.filter(({ leaveOut }) => leaveOut > 0).map((wish) => {
      const { name, records } = readMeasuredTable(wish, dataFolder);
      return { name: `the assays of ${name} that are left out`, smiles: [...new Set(records.filter(({ assay }) => isLeftOut(wish, assay)).map(({ smiles }) => smiles))] };
    }),
    ...measuredOn.map(({ file, molecule }) => ({ name: basename(file), smiles: [...new Set(readTable(join(dataFolder, file), [molecule]).map(([smiles]) => smiles!))] })),
  ].filter(({ smiles }) => smiles.length > 0);
}

/** Targets that training leaves out, with what is known of each. */
export function targetsLeftOut({ tables }: Wish, dataFolder: string): { readonly id: string; readonly smiles: string[]; readonly active: Uint8Array }[] {
  const found = new Map<string, MeasuredRecord[]>();
  for (const wish of tables.filter(({ isOfTargets }) => isOfTargets)) {
    for (const record of readMeasuredTable(wish, dataFolder).records) {
      if (!isLeftOut(wish, record.assay)) continue;
      const known = found.get(record.assay);
      if (known === undefined) found.set(record.assay, [record]);
      else known.push(record);
    }
  }
  return Array.from(found, ([id, records]) => ({ id, smiles: records.map(({ smiles }) => smiles), active: Uint8Array.from(records, ({ active }) => Number(active)) }));
}

/** One assay of one table, on the rows that are trained on. */
interface Assay {
  readonly name: string;
  readonly outcomes: Map<number, boolean>;
  readonly contradictory: Set<number>;
}

/**
 * A molecule counts once in an assay, whatever its spellings; one that was found active and inactive there says nothing and is left
 * out. Assays of equal target are positives of each other: see `targetsOf`.
 */
export function writeMeasurements({ tables }: Wish, dataFolder: string, path: string, known: KnownMolecules): WrittenMeasurements {
  const read = tables.map((wish) => readMeasuredTable(wish, dataFolder));
  const targets = activeSets(read.filter(({ wish }) => wish.isOfTargets), known.keys);
  const columns = { row: [] as number[], assay: [] as number[], active: [] as number[], target: [] as number[], weight: [] as number[] };
  const numbers = new Map<string, number>();
  const counts: Record<string, TableCounts> = {};
  for (const table of read) {
    const { wish, records, passed } = table;
    const unnamed = new Map([...activeSets([table], known.keys)].filter(([assay]) => !wish.isOfTargets && !targets.has(assay)));
    const links = targetsOf(unnamed, targets);
    const { assays, leftOut, notTrainedOn } = gather(table, known.rows);
    const kept = assays.filter((assay) => count(assay, true) >= 2);
    const targetOf = (assay: string): string | undefined => links.get(assay) ?? (targets.has(assay) ? assay : undefined);
    const used = kept.filter((assay) => !isNewTarget(read, targetOf(assay.name)));
    let measurements = 0;
    for (const { name: assay, outcomes } of used) {
      // Where no target is known, the name of the table stands before the assay's: another table may name one alike.
      const target = targetOf(assay) ?? `${wish.file}\n${assay}`;
      if (!numbers.has(target)) numbers.set(target, numbers.size);
      for (const [row, active] of outcomes) {
        columns.row.push(row);
        columns.assay.push(columns.target.length);
        columns.active.push(active ? 1 : 0);
        measurements++;
      }
      columns.target.push(numbers.get(target)!);
      columns.weight.push(wish.weight);
    }
    counts[wish.file] = {
      records: records.length + Object.values(passed).reduce((sum, one) => sum + one, 0), passed, leftOut, notTrainedOn,
      contradictory: assays.reduce((sum, one) => sum + one.contradictory.size, 0),
      measurements, assays: used.length, loneActive: assays.length - kept.length, linked: used.filter((assay) => links.has(assay.name)).length, ofTargetsLeftOut: kept.length - used.length,
    };
  }
  write(path, columns);
  return { path, measurements: columns.row.length, assays: columns.target.length, targets: numbers.size, tables: counts };
}

/** Whether a target is one of those left out. */
function isNewTarget(tables: readonly MeasuredTable[], target: string | undefined): boolean {
  return target !== undefined && tables.some(({ wish }) => wish.isOfTargets && isLeftOut(wish, target));
}

function gather({ wish, records }: MeasuredTable, rows: ReadonlyMap<string, number>): { readonly assays: Assay[]; readonly leftOut: number; readonly notTrainedOn: number } {
  const assays = new Map<string, Assay>();
  let leftOut = 0;
  let notTrainedOn = 0;
  for (const { smiles, assay: name, active } of records) {
    const row = rows.get(smiles);
    if (isLeftOut(wish, name)) leftOut++;
    else if (row === undefined) notTrainedOn++;
    else {
      let assay = assays.get(name);
      if (assay === undefined) assays.set(name, (assay = { name, outcomes: new Map(), contradictory: new Set() }));
      if ((assay.outcomes.get(row) ?? active) !== active) assay.contradictory.add(row);
      assay.outcomes.set(row, active);
    }
  }
  for (const { outcomes, contradictory } of assays.values()) for (const row of contradictory) outcomes.delete(row);
  return { assays: [...assays.values()], leftOut, notTrainedOn };
}

function count({ outcomes }: Assay, wanted: boolean): number {
  return [...outcomes.values()].filter((active) => active === wanted).length;
}

/** Skeletons of the actives of each assay, also of those that are left out: targets are recognised by them. */
function activeSets(tables: readonly MeasuredTable[], keys: KnownMolecules['keys']): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>();
  for (const { smiles, assay, active } of tables.flatMap(({ records }) => records)) {
    const key = active ? keys.get(smiles) : undefined;
    if (key === undefined) continue;
    const known = sets.get(assay);
    if (known === undefined) sets.set(assay, new Set([key.slice(0, 14)]));
    else known.add(key.slice(0, 14));
  }
  return sets;
}

function write(path: string, { row, assay, active, target, weight }: Readonly<Record<'row' | 'assay' | 'active' | 'target' | 'weight', readonly number[]>>): void {
  const columns = { row: Int32Array.from(row), assay: Int32Array.from(assay), active: Uint8Array.from(active), target: Int32Array.from(target), weight: Float32Array.from(weight) };
  const digest = createHash('sha256');
  for (const column of Object.values(columns)) digest.update(column);
  const tensors = Object.fromEntries(Object.entries(columns).map(([name, data]) => [name, { data, shape: [data.length] }]));
  writeSafetensors(path, tensors, { fingerprint: digest.digest('hex') });
}
