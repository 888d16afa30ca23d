/** Measured activities as a data file: which row of the training data was measured in which assay, and whether it was active. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { IsoLensError, shareOf } from '../core/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { writeSafetensors } from './safetensors.ts';
import { readTable } from './sources.ts';

export interface WrittenMeasurements {
  readonly path: string;
  readonly measurements: number;
  readonly assays: number;
}

interface Measured {
  readonly row: number;
  readonly assay: number;
  readonly active: number;
  agreed: boolean;
}

/** SMILES that training on these measurements leaves out: of the assays left out, and of the tables that it is measured on; by file. */
export function moleculesLeftOut({ file, molecule, assay, leaveOut, measuredOn }: NonNullable<Recipe['measurements']>, dataFolder: string): { readonly name: string; readonly smiles: string[] }[] {
  const distinct = (rows: readonly string[][]): string[] => [...new Set(rows.map(([smiles]) => smiles!))];
  const own = leaveOut === 0 ? [] : readTable(join(dataFolder, file), [molecule, assay]).filter(([, name]) => shareOf(name!) < leaveOut);
  return [
    { name: `the assays of ${basename(file)} that scores are fitted on`, smiles: distinct(own) },
    ...measuredOn.map((table) => ({ name: basename(table), smiles: distinct(readTable(join(dataFolder, table), [molecule])) })),
  ].filter(({ smiles }) => smiles.length > 0);
}

/**
 * `rows`: SMILES as the table gives them to rows of the training data; measurements of other molecules are left out. A molecule
 * counts once in an assay, whatever its spellings; one that was found active and inactive there says nothing and is left out.
 */
export function writeMeasurements(wish: NonNullable<Recipe['measurements']>, dataFolder: string, path: string, rows: ReadonlyMap<string, number>): WrittenMeasurements {
  const table = readTable(join(dataFolder, wish.file), [wish.molecule, wish.assay, wish.active]);
  const assays = new Map<string, number>();
  const outcomes = new Map<number, Measured>();
  table.forEach(([smiles, name, outcome], i) => {
    const value = Number(outcome);
    if (outcome === '' || (value !== 0 && value !== 1)) throw new IsoLensError('DATASET_INVALID', `Expected 1 or 0 in column "${wish.active}" of ${wish.file} but record ${i + 1} holds ${JSON.stringify(outcome)}.`);
    const at = rows.get(smiles!);
    if (at === undefined || shareOf(name!) < wish.leaveOut) return;
    if (!assays.has(name!)) assays.set(name!, assays.size);
    const number = assays.get(name!)!;
    // Rows are below 2^31: a key is a whole number that a double holds.
    const key = number * 2 ** 31 + at;
    const known = outcomes.get(key);
    if (known === undefined) outcomes.set(key, { row: at, assay: number, active: value, agreed: true });
    else if (known.active !== value) known.agreed = false;
  });
  const kept = [...outcomes.values()].filter(({ agreed }) => agreed);
  const [row, assay, active] = [kept.map((one) => one.row), kept.map((one) => one.assay), kept.map((one) => one.active)];
  const columns = { row: Int32Array.from(row), assay: Int32Array.from(assay), active: Uint8Array.from(active) };
  const digest = createHash('sha256');
  for (const column of Object.values(columns)) digest.update(column);
  const tensors = Object.fromEntries(Object.entries(columns).map(([name, data]) => [name, { data, shape: [data.length] }]));
  writeSafetensors(path, tensors, { fingerprint: digest.digest('hex') });
  return { path, measurements: row.length, assays: new Set(assay).size };
}
