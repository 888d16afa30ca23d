/** Mines a table of replacements from measured activities: cut, pair, count, write. Each stage leaves parts from which a killed run goes on. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STANDARDISER_VERSION, valueOf } from '../../chem/index.ts';
import type { ChemPool } from '../../chem/index.ts';
import type { Progress } from '../../core/index.ts';
import type { Measurement } from '../define.ts';
import { TABLE_FILE } from '../table.ts';
import { aggregateAll, strengthOf } from './aggregate.ts';
import type { Strength, Thresholds } from './aggregate.ts';
import { readMeasurements } from './measurements.ts';
import type { MeasurementTable } from './measurements.ts';
import { CutStore, PART_SIZES, cutAll } from './molecules.ts';
import type { PartSizes } from './molecules.ts';
import { blockCount, pairAll } from './pairs.ts';
import type { PairCounts } from './pairs.ts';
import { tableBytes } from './write-table.ts';
import { WorkFolder, digestOf } from './work-folder.ts';

export interface ExcludedMolecules {
  /** How messages and the provenance call them. */
  readonly name: string;
  /** True where any of the InChIKeys (whole molecule, parent) belongs to them. */
  has(inchiKeys: readonly string[]): boolean;
  /** Of all keys: another list gives another digest. */
  readonly digest: string;
}

export interface MineOptions {
  readonly measurements: AsyncIterable<Measurement>;
  readonly excluded: readonly ExcludedMolecules[];
  /** Share of the assays, by a hash of their names, whose molecules are among the excluded ones. */
  readonly leftOutShare: number;
  readonly chem: ChemPool;
  /** Folder of the table. */
  readonly output: string;
  /** Folder of the parts. */
  readonly work: string;
  readonly cuts: number;
  readonly variable: number;
  readonly thresholds: Thresholds;
  readonly parts?: PartSizes;
  /** Facts for the provenance file: command, date, source and its licence. */
  readonly info: Readonly<Record<string, unknown>>;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface MineReport {
  readonly assays: number;
  /** Distinct SMILES. */
  readonly molecules: number;
  readonly unreadable: number;
  /** Molecules left out, by list. */
  readonly excluded: Readonly<Record<string, number>>;
  readonly pairs: PairCounts;
  readonly distinct: number;
  readonly seenThrice: number;
  readonly shipped: number;
  readonly fragments: number;
  readonly strength: Strength;
  readonly bytes: number;
}

export const PROVENANCE_FILE = 'provenance.json';

export async function mineReplacements(options: MineOptions): Promise<MineReport> {
  const { chem, cuts, variable, leftOutShare, thresholds, parts = PART_SIZES, progress, signal } = options;
  progress.start('reading measurements');
  const table = await readMeasurements(options.measurements);
  progress.finish(`${table.molecule.length} of ${table.smiles.length} molecules in ${table.assays.length} assays`);
  const work = new WorkFolder(options.work);
  const shards = await cutAll(table.smiles, work, { chem, request: { cuts, variable }, size: parts.molecules, progress, signal });
  const store = new CutStore(work, shards, parts.molecules);
  const left = leaveOut(table, store, options.excluded);
  for (const [name, count] of Object.entries(left.counts)) progress.warn(`${count} molecules of ${name} are left out`);
  const digest = digestOf(table.digest, parts, shards, options.excluded.map((list) => list.digest));
  const pairs = await pairAll(work, { table, digest, store, size: parts.assays, leftOut: left.out, progress, signal });
  const { rows, agreement, distinct, seenThrice } = await aggregateAll(work, { digest, blocks: blockCount(table, parts.assays), thresholds, progress, signal });
  const strength = strengthOf(agreement);
  const bytes = await tableBytes(rows, strength, store, async (fragments) => (await chem.ionise(fragments, signal === undefined ? {} : { signal })).map(valueOf));
  const fragments = new Set(rows.flatMap((row) => [row.from, row.to])).size;
  const report: MineReport = { assays: table.assays.length, molecules: table.smiles.length, unreadable: left.unreadable, excluded: left.counts, pairs, distinct, seenThrice, shipped: rows.length, fragments, strength, bytes: bytes.byteLength };
  mkdirSync(options.output, { recursive: true });
  publish(join(options.output, TABLE_FILE), bytes);
  publish(join(options.output, PROVENANCE_FILE), `${JSON.stringify({ ...options.info, settings: { cuts, variable, leftOutShare, thresholds, standardiser: STANDARDISER_VERSION }, counts: report }, null, 1)}\n`);
  work.remove();
  return report;
}

/** Of the table in a folder: 0 where its provenance does not say. */
export function leftOutShareOf(folder: string): number {
  try {
    const { settings } = JSON.parse(readFileSync(join(folder, PROVENANCE_FILE), 'utf8')) as { settings?: { leftOutShare?: unknown } };
    return typeof settings?.leftOutShare === 'number' ? settings.leftOutShare : 0;
  } catch {
    return 0;
  }
}

function publish(path: string, data: string | Uint8Array): void {
  writeFileSync(`${path}.tmp`, data);
  renameSync(`${path}.tmp`, path);
}

interface LeftOut {
  readonly out: Uint8Array;
  readonly counts: Readonly<Record<string, number>>;
  readonly unreadable: number;
}

function leaveOut({ smiles }: MeasurementTable, store: CutStore, lists: readonly ExcludedMolecules[]): LeftOut {
  const out = new Uint8Array(smiles.length);
  const counts: Record<string, number> = Object.fromEntries(lists.map(({ name }) => [name, 0]));
  let unreadable = 0;
  for (let molecule = 0; molecule < smiles.length; molecule++) {
    const found = store.get(molecule);
    if (found === undefined) {
      unreadable++;
      continue;
    }
    const keys = [found.batch.inchiKeys[found.at]!, found.batch.inputKeys[found.at]!];
    for (const list of lists) {
      if (!list.has(keys)) continue;
      counts[list.name]!++;
      out[molecule] = 1;
    }
  }
  return { out, counts, unreadable };
}
