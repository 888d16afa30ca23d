/**
 * Makes a set of scaffold hops from measured assays: two actives of one assay that look different (ECFP4 Tanimoto below a limit,
 * another Murcko scaffold), among decoys whose properties are those of the one to be found. Everything follows from the seed.
 */
import { gzipSync } from 'node:zlib';
import { writeFile } from 'node:fs/promises';
import { DESCRIPTOR_NAMES, ECFP4 } from '../chem/index.ts';
import type { ChemPool, DescriptorName } from '../chem/index.ts';
import { IsoLensError, createRng } from '../core/index.ts';
import type { Progress, Rng } from '../core/index.ts';
import { readLibrary } from '../ingest/index.ts';
import { readAssays } from './activity.ts';
import { checkSignal } from './define.ts';
import type { EvaluationServices } from './define.ts';
import { BitTable } from './tables.ts';

export interface MineHopsOptions extends EvaluationServices {
  /** Table with the columns assay, smiles and active. */
  readonly data: string;
  /** Library of decoys. */
  readonly pool: string;
  /** JSON file, gzipped where its name ends in .gz. */
  readonly output: string;
  readonly casesPerAssay: number;
  readonly decoys: number;
  /** Molecules of the pool that are looked at. */
  readonly poolSize: number;
  readonly maxTanimoto: number;
  readonly seed: number;
}

export interface MineHopsResult {
  readonly cases: number;
  readonly assays: number;
  /** Pairs that would have done. */
  readonly pairs: number;
  /** Decoys are drawn from this many. */
  readonly pool: number;
}

/** What decoys share with the molecule to be found, and how much of each counts as one step away. */
const MATCHED: Readonly<Partial<Record<DescriptorName, number>>> = {
  molecularWeight: 25, logP: 0.5, tpsa: 12, hBondDonors: 1, hBondAcceptors: 1, rotatableBonds: 1, rings: 1, aromaticRings: 1,
};
/** Decoys are drawn from this many times as many best matched ones, so that they are not all alike. */
const BREADTH = 3;

interface Molecules {
  readonly smiles: string[];
  readonly connectivity: string[];
  readonly scaffold: string[];
  /** (count, DESCRIPTOR_NAMES) */
  readonly descriptors: Float32Array[];
  readonly bits: Uint8Array[];
}

export async function mineHops(options: MineHopsOptions): Promise<MineHopsResult> {
  const { chem, progress, signal, output } = options;
  const rng = createRng(options.seed);
  const assays = await readAssays(options.data);
  const actives = await readMolecules([...new Set(assays.flatMap(({ smiles, active }) => smiles.filter((_, i) => active[i] === 1)))], 'actives', chem, progress, signal);
  const pool = await readMolecules(await sample(options.pool, options.poolSize, rng), 'pool', chem, progress, signal);
  const place = new Map(actives.given.map((smiles, i) => [smiles, i]));
  const cases: { query: string; target: string; decoys: string[]; group: string }[] = [];
  let pairs = 0;
  let used = 0;
  progress.start('cases', assays.length);
  for (const [i, assay] of assays.entries()) {
    checkSignal(signal);
    const known = [...new Set(assay.smiles.flatMap((smiles, at) => (assay.active[at] === 1 && place.has(smiles) ? [place.get(smiles)!] : [])))];
    const found = hopsOf(known, actives.molecules, options.maxTanimoto);
    pairs += found.length;
    const chosen = rng.shuffle(found).slice(0, options.casesPerAssay);
    if (chosen.length > 0) used++;
    const excluded = new Set(known.map((one) => actives.molecules.connectivity[one]!));
    for (const pair of chosen) {
      const [query, target] = rng.shuffle([...pair]) as [number, number];
      const decoys = matched(actives.molecules.descriptors[target]!, pool.molecules, excluded, options.decoys, rng);
      cases.push({ query: actives.molecules.smiles[query]!, target: actives.molecules.smiles[target]!, decoys, group: assay.id });
    }
    progress.update(i + 1);
  }
  progress.finish(`${cases.length} of ${pairs} pairs from ${used} assays`);
  if (cases.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected two actives of one assay that look different in ${options.data} but there are none.`);
  const text = JSON.stringify({ made: { seed: options.seed, maxTanimoto: options.maxTanimoto, decoys: options.decoys, pool: pool.given.length }, cases });
  await writeFile(output, output.endsWith('.gz') ? gzipSync(text) : text);
  return { cases: cases.length, assays: used, pairs, pool: pool.given.length };
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

function hopsOf(known: readonly number[], { scaffold, connectivity, bits }: Molecules, maxTanimoto: number): [number, number][] {
  const table = new BitTable(known.length, ECFP4.bits);
  known.forEach((one, i) => table.set(i, bits[one]!));
  const pairs: [number, number][] = [];
  known.forEach((a, i) => {
    for (let j = i + 1; j < known.length; j++) {
      const b = known[j]!;
      const isHop = scaffold[a] !== '' && scaffold[b] !== '' && scaffold[a] !== scaffold[b] && connectivity[a] !== connectivity[b];
      if (isHop && table.between(i, j) < maxTanimoto) pairs.push([a, b]);
    }
  });
  return pairs;
}

/** SMILES of molecules with the properties of the target, drawn from the best matched ones. */
function matched(target: Float32Array, pool: Molecules, excluded: ReadonlySet<string>, count: number, rng: Rng): string[] {
  const distance = pool.descriptors.map((own) => DESCRIPTOR_NAMES.reduce((sum, name, d) => {
    const step = MATCHED[name];
    return step === undefined ? sum : sum + Math.abs(own[d]! - target[d]!) / step;
  }, 0));
  const order = Array.from(pool.smiles.keys()).filter((i) => !excluded.has(pool.connectivity[i]!)).sort((a, b) => distance[a]! - distance[b]! || a - b);
  return rng.shuffle(order.slice(0, BREADTH * count)).slice(0, count).map((i) => pool.smiles[i]!);
}
