/**
 * Makes a set of scaffold hops from measured assays: two actives of one assay that look different (ECFP4 Tanimoto below a limit,
 * another Murcko scaffold), among decoys whose properties are those of the one to be found. Everything follows from the seed.
 */
import { ECFP4 } from '../chem/index.ts';
import { IsoLensError, createRng } from '../core/index.ts';
import { matched, readActivesAndPool } from './decoys.ts';
import type { MiningOptions, Molecules } from './decoys.ts';
import { checkSignal } from './define.ts';
import { writeJson } from './files.ts';
import { BitTable } from './tables.ts';

export interface MineHopsOptions extends MiningOptions {
  readonly casesPerAssay: number;
  readonly maxTanimoto: number;
}

export interface MineHopsResult {
  readonly cases: number;
  readonly assays: number;
  /** Pairs that would have done. */
  readonly pairs: number;
  /** Decoys are drawn from this many. */
  readonly pool: number;
}

export async function mineHops(options: MineHopsOptions): Promise<MineHopsResult> {
  const { assays, progress, signal } = options;
  const rng = createRng(options.seed);
  const { actives, place, pool } = await readActivesAndPool(assays.flatMap(({ smiles, active }) => smiles.filter((_, i) => active[i] === 1)), options, rng);
  const cases: { query: string; target: string; decoys: string[]; group: string }[] = [];
  let pairs = 0;
  let used = 0;
  progress.start('cases', assays.length);
  for (const [i, assay] of assays.entries()) {
    checkSignal(signal);
    const known = [...new Set(assay.smiles.flatMap((smiles, at) => (assay.active[at] === 1 && place.has(smiles) ? [place.get(smiles)!] : [])))];
    const found = hopsOf(known, actives, options.maxTanimoto);
    pairs += found.length;
    const chosen = rng.shuffle(found).slice(0, options.casesPerAssay);
    if (chosen.length > 0) used++;
    const excluded = new Set(known.map((one) => actives.connectivity[one]!));
    for (const pair of chosen) {
      const [query, target] = rng.shuffle([...pair]) as [number, number];
      const decoys = matched(actives.descriptors[target]!, pool, excluded, options.decoys, rng);
      cases.push({ query: actives.smiles[query]!, target: actives.smiles[target]!, decoys, group: assay.id });
    }
    progress.update(i + 1);
  }
  progress.finish(`${cases.length} of ${pairs} pairs from ${used} assays`);
  if (cases.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected two actives of one assay that look different but there are none.`);
  await writeJson(options.output, { made: { seed: options.seed, maxTanimoto: options.maxTanimoto, decoys: options.decoys, pool: pool.smiles.length }, cases });
  return { cases: cases.length, assays: used, pairs, pool: pool.smiles.length };
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
