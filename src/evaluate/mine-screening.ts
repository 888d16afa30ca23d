/**
 * Makes a screening protocol (see `screening.ts`) from sets of actives: of each target some known actives as queries, the others to be
 * found among decoys with their properties. Everything follows from the seed.
 */
import { IsoLensError, createRng } from '../core/index.ts';
import type { Rng } from '../core/index.ts';
import { distancesOf, readActivesAndPool } from './decoys.ts';
import type { MiningOptions, Molecules } from './decoys.ts';
import { checkSignal } from './define.ts';
import { writeJson } from './files.ts';

export interface MineScreeningOptions extends MiningOptions {
  /** Targets at most, drawn evenly. */
  readonly targets: number;
  /** Actives of a target at most; one with fewer than twice the queries is passed over. */
  readonly actives: number;
  readonly queries: number;
  readonly repeats: number;
}

export interface MineScreeningResult {
  readonly targets: number;
  /** Passed over: too few actives. */
  readonly tooFew: number;
  readonly actives: number;
  /** Decoys are drawn from this many. */
  readonly pool: number;
}

export async function mineScreening(options: MineScreeningOptions): Promise<MineScreeningResult> {
  const { progress, signal, seed, queries, repeats } = options;
  const rng = createRng(seed);
  const sets = options.assays.map(({ id, smiles, active }) => ({ id, actives: rng.shuffle([...new Set(smiles.filter((_, i) => active[i] === 1))]) }));
  const large = sets.filter(({ actives }) => actives.length >= 2 * queries);
  const chosen = rng.shuffle([...large]).slice(0, options.targets).sort((a, b) => (a.id < b.id ? -1 : 1));
  const { actives, place, pool } = await readActivesAndPool(chosen.flatMap((set) => set.actives), options, rng);
  const targets: Record<string, unknown> = {};
  const decoys: Record<string, unknown> = {};
  let count = 0;
  progress.start('targets', chosen.length);
  chosen.forEach(({ id, actives: own }, i) => {
    checkSignal(signal);
    const known = distinct(own.flatMap((smiles) => place.get(smiles) ?? []), actives);
    const members = known.slice(0, options.actives);
    progress.update(i + 1);
    if (members.length < 2 * queries) return;
    count += members.length;
    targets[id] = {
      actives: members.map((at) => [`A${at}`, actives.smiles[at]!]), decoys: id,
      repeats: Array.from({ length: repeats }, () => ({ queries: rng.shuffle([...members.keys()]).slice(0, queries) })),
    };
    const excluded = new Set(known.map((at) => actives.connectivity[at]!));
    decoys[id] = decoysOf(members.map((at) => actives.descriptors[at]!), pool, excluded, options.decoys, rng).map((at) => [`D${at}`, pool.smiles[at]!]);
  });
  const made = Object.keys(targets).length;
  progress.finish(`${made} targets, ${count} actives`);
  if (made === 0) throw new IsoLensError('DATASET_INVALID', `Expected a target with at least ${2 * queries} actives but there is none.`);
  await writeJson(options.output, { made: { seed, queries, repeats, decoys: options.decoys, pool: pool.smiles.length }, targets, decoys });
  return { targets: made, tooFew: sets.length - large.length + chosen.length - made, actives: count, pool: pool.smiles.length };
}

/** Each skeleton once. */
function distinct(places: readonly number[], { connectivity }: Molecules): number[] {
  const seen = new Set<string>();
  return places.filter((at) => !seen.has(connectivity[at]!) && seen.add(connectivity[at]!));
}

/** Places of decoys: the actives in turn each take the molecule of the pool whose properties are nearest to theirs. */
function decoysOf(actives: readonly Float32Array[], pool: Molecules, excluded: ReadonlySet<string>, count: number, rng: Rng): number[] {
  const free = distinct([...pool.smiles.keys()], pool).filter((at) => !excluded.has(pool.connectivity[at]!));
  if (free.length < count) throw new IsoLensError('DATASET_INVALID', `Expected at least ${count} molecules in the pool of decoys but received ${free.length}; give a larger library, or fewer --decoys.`);
  const orders = actives.map((descriptors) => {
    const distance = distancesOf(descriptors, pool);
    return { order: Int32Array.from(free).sort((a, b) => distance[a]! - distance[b]! || a - b), next: 0 };
  });
  const taken = new Set<number>();
  while (taken.size < count) {
    for (const one of rng.shuffle([...orders])) {
      while (taken.has(one.order[one.next]!)) one.next++;
      if (taken.size < count) taken.add(one.order[one.next]!);
    }
  }
  return [...taken];
}
