/** What sets to measure on are made of: actives, and decoys with their properties, of which nobody knows that they act. */
import { DESCRIPTOR_NAMES, ECFP4 } from '../chem/index.ts';
import type { ChemPool, DescriptorName } from '../chem/index.ts';
import type { Progress, Rng } from '../core/index.ts';
import { readLibrary } from '../ingest/index.ts';
import type { Assay } from './activity.ts';
import { checkSignal } from './define.ts';
import type { EvaluationServices } from './define.ts';

export interface MiningOptions extends EvaluationServices {
  readonly assays: readonly Assay[];
  /** Library of decoys; undefined: the actives of the other assays. */
  readonly pool?: string | undefined;
  /** JSON file, gzipped where its name ends in .gz. */
  readonly output: string;
  readonly decoys: number;
  /** Molecules of the pool that are looked at. */
  readonly poolSize: number;
  readonly seed: number;
}

/** What decoys share with the molecule to be found, and how much of each counts as one step away. */
const MATCHED: Readonly<Partial<Record<DescriptorName, number>>> = {
  molecularWeight: 25, logP: 0.5, tpsa: 12, hBondDonors: 1, hBondAcceptors: 1, rotatableBonds: 1, rings: 1, aromaticRings: 1,
};
/** Decoys are drawn from this many times as many best matched ones, so that they are not all alike. */
const BREADTH = 3;

export interface Molecules {
  readonly smiles: string[];
  readonly connectivity: string[];
  readonly scaffold: string[];
  /** (count, DESCRIPTOR_NAMES) */
  readonly descriptors: Float32Array[];
  readonly bits: Uint8Array[];
}

/** Actives, where each of them stands by its text, and the molecules that decoys are drawn from. */
export async function readActivesAndPool(smiles: Iterable<string>, { pool: library, poolSize, chem, progress, signal }: MiningOptions, rng: Rng): Promise<{ actives: Molecules; place: ReadonlyMap<string, number>; pool: Molecules }> {
  const { given, molecules: actives } = await readMolecules([...new Set(smiles)], 'actives', chem, progress, signal);
  const pool = library === undefined ? actives : (await readMolecules(await sample(library, poolSize, rng), 'pool', chem, progress, signal)).molecules;
  return { actives, place: new Map(given.map((one, i) => [one, i])), pool };
}

/** At most `count` molecules of a library, any of them as likely. */
async function sample(path: string, count: number, rng: Rng): Promise<string[]> {
  const smiles = new Set<string>();
  for await (const item of readLibrary({ path })) if (item.kind === 'record') smiles.add(item.structure);
  return rng.shuffle([...smiles]).slice(0, count);
}

const BATCH = 2048;

async function readMolecules(smiles: readonly string[], what: string, chem: ChemPool, progress: Progress, signal: AbortSignal | undefined): Promise<{ given: string[]; molecules: Molecules }> {
  const molecules: Molecules = { smiles: [], connectivity: [], scaffold: [], descriptors: [], bits: [] };
  const given: string[] = [];
  const width = DESCRIPTOR_NAMES.length;
  progress.start(what, smiles.length);
  for (let from = 0; from < smiles.length; from += BATCH) {
    checkSignal(signal);
    const part = smiles.slice(from, from + BATCH);
    const batch = await chem.featurise(part, { descriptors: true, scaffold: true, bits: { ecfp4: ECFP4 } });
    const column = batch.bits['ecfp4']!;
    batch.rows.forEach((index, row) => {
      given.push(part[index]!);
      molecules.smiles.push(batch.molecules[row]!.parentSmiles);
      molecules.connectivity.push(batch.molecules[row]!.connectivityKey);
      molecules.scaffold.push(batch.scaffolds![row]!);
      molecules.descriptors.push(batch.descriptors!.subarray(row * width, (row + 1) * width));
      molecules.bits.push(column.data.subarray(row * column.bytes, (row + 1) * column.bytes));
    });
    progress.update(Math.min(smiles.length, from + BATCH));
  }
  progress.finish(`${given.length} of ${smiles.length}`);
  return { given, molecules };
}

/** Of a molecule to each of the pool, in steps of its properties. */
export function distancesOf(target: Float32Array, { descriptors }: Molecules): Float64Array {
  return Float64Array.from(descriptors, (own) => DESCRIPTOR_NAMES.reduce((sum, name, d) => {
    const step = MATCHED[name];
    return step === undefined ? sum : sum + Math.abs(own[d]! - target[d]!) / step;
  }, 0));
}

/** SMILES of molecules with the properties of the target, drawn from the best matched ones. */
export function matched(target: Float32Array, pool: Molecules, excluded: ReadonlySet<string>, count: number, rng: Rng): string[] {
  const distance = distancesOf(target, pool);
  const order = Array.from(pool.smiles.keys()).filter((i) => !excluded.has(pool.connectivity[i]!)).sort((a, b) => distance[a]! - distance[b]! || a - b);
  return rng.shuffle(order.slice(0, BREADTH * count)).slice(0, count).map((i) => pool.smiles[i]!);
}
