/**
 * A probe on frozen features: in each assay of a set (FS-Mol, Stanley et al. 2021), logistic regression learns from a few actives and
 * inactives and ranks the rest. Delta AUPRC is its average precision less the share of actives: what guessing would give.
 */
import { IsoLensError, createRng } from '../core/index.ts';
import type { Rng } from '../core/index.ts';
import { readAssays } from './activity.ts';
import { checkSignal, formatShare } from './define.ts';
import type { Similarities, Table } from './define.ts';
import { averagePrecision, bootstrapInterval, meanOf } from './metrics.ts';
import type { Interval } from './metrics.ts';
import { fitProbeByValidation } from './probe.ts';
import { Places, methodById, prepareMethods } from './similarity.ts';
import type { MethodServices } from './similarity.ts';

export interface FewShotResult {
  readonly method: string;
  readonly reference: string;
  readonly support: number;
  readonly seeds: number;
  /** Means over seeds. */
  readonly assays: Readonly<Record<string, { readonly n: number; readonly deltaAuprc: number; readonly referenceDeltaAuprc: number }>>;
  /** Means over assays, with 95 % intervals by resampling assays. */
  readonly deltaAuprc: number;
  readonly referenceDeltaAuprc: number;
  readonly gain: number;
  readonly deltaInterval: Interval;
  readonly referenceInterval: Interval;
  readonly gainInterval: Interval;
  /** Assays with too few actives or inactives. */
  readonly skipped: number;
  readonly unreadable: number;
}

export interface FewShotOptions extends MethodServices {
  /** Table with the columns assay, smiles and active. */
  readonly data: string;
  readonly method: string;
  /** What the method is compared with. */
  readonly reference: string;
  /** Actives, and as many inactives, to learn from. */
  readonly support: number;
  readonly seeds: number;
}

interface PlacedAssay {
  readonly id: string;
  readonly places: readonly number[];
  readonly active: readonly number[];
}

export async function evaluateFewShot(options: FewShotOptions): Promise<FewShotResult> {
  const { progress, support, seeds } = options;
  const places = new Places();
  const read = (await readAssays(options.data)).map(({ id, smiles, active }) => ({ id, active, places: smiles.map((one) => places.add(one)) }));
  const [own, reference] = await prepare([options.method, options.reference], places, options);
  const assays = read.map((assay) => usable(assay, [own, reference]));
  const large = assays.filter(({ active }) => [0, 1].every((value) => active.filter((one) => one === value).length > support));
  const results: Record<string, { n: number; deltaAuprc: number; referenceDeltaAuprc: number }> = {};
  progress.start('probes', large.length);
  for (const [i, assay] of large.entries()) {
    checkSignal(options.signal);
    // The same support for both: chance is then no part of their difference.
    const splits = Array.from({ length: seeds }, (_, seed) => splitOf(assay, support, createRng(seed + 1)));
    const mean = (similarities: Similarities): number => meanOf(splits.map((split) => probe(assay, split, similarities)));
    results[assay.id] = { n: assay.places.length, deltaAuprc: mean(own), referenceDeltaAuprc: mean(reference) };
    progress.update(i + 1);
  }
  const all = Object.values(results);
  const interval = (pick: (one: (typeof all)[number]) => number): Interval => bootstrapInterval(all.map((one) => [pick(one)]), createRng(1));
  const deltaAuprc = meanOf(all.map((one) => one.deltaAuprc));
  const referenceDeltaAuprc = meanOf(all.map((one) => one.referenceDeltaAuprc));
  progress.finish(`${formatShare(deltaAuprc)} against ${formatShare(referenceDeltaAuprc)}`);
  return {
    method: options.method, reference: options.reference, support, seeds, assays: results,
    deltaAuprc, referenceDeltaAuprc, gain: deltaAuprc - referenceDeltaAuprc,
    deltaInterval: interval((one) => one.deltaAuprc),
    referenceInterval: interval((one) => one.referenceDeltaAuprc),
    gainInterval: interval((one) => one.deltaAuprc - one.referenceDeltaAuprc),
    skipped: assays.length - large.length,
    unreadable: own.failed,
  };
}

async function prepare(ids: readonly [string, string], places: Places, options: FewShotOptions): Promise<[Similarities, Similarities]> {
  const { smiles } = places;
  options.progress.start('molecules', smiles.length);
  const prepared = await prepareMethods(ids.map(methodById), smiles, 'parent', options, (done) => options.progress.update(done));
  options.progress.finish(`${prepared[0]!.failed} cannot be read`);
  const bare = prepared.findIndex((similarities) => similarities.product === undefined);
  if (bare >= 0) throw new IsoLensError('ARGUMENT_INVALID', `Expected a method with features for a probe (embedding, a fingerprint) but "${ids[bare]!}" only compares pairs.`);
  return [prepared[0]!, prepared[1]!];
}

/** Molecules that both can read, each once. */
function usable({ id, places, active }: { id: string; places: readonly number[]; active: Uint8Array }, read: readonly Similarities[]): PlacedAssay {
  const seen = new Set<number>();
  const kept = Array.from(places.keys()).filter((i) => {
    const place = places[i]!;
    if (seen.has(place) || !read.every((one) => one.isKnown(place))) return false;
    seen.add(place);
    return true;
  });
  return { id, places: kept.map((i) => places[i]!), active: kept.map((i) => active[i]!) };
}

interface Split {
  readonly support: readonly number[];
  readonly rest: readonly number[];
}

function splitOf({ active }: PlacedAssay, support: number, rng: Rng): Split {
  const order = rng.shuffle(Array.from(active.keys()));
  const pick = (value: number): number[] => order.filter((i) => active[i] === value);
  const [inactives, actives] = [pick(0), pick(1)];
  return { support: [...actives.slice(0, support), ...inactives.slice(0, support)], rest: [...actives.slice(support), ...inactives.slice(support)] };
}

/** Delta AUPRC of one split. */
function probe({ places, active }: PlacedAssay, { support, rest }: Split, similarities: Similarities): number {
  const product = (a: number, b: number): number => similarities.product!(places[a]!, places[b]!);
  const n = support.length;
  const gram = { n, values: Float64Array.from({ length: n * n }, (_, at) => product(support[Math.floor(at / n)]!, support[at % n]!)) };
  const { alpha } = fitProbeByValidation(gram, support.map((i) => active[i]!));
  const scores = new Map(rest.map((i) => [i, support.reduce((sum, s, j) => sum + alpha[j]! * product(s, i), 0)]));
  const ranking = rest.toSorted((a, b) => scores.get(b)! - scores.get(a)! || places[a]! - places[b]!);
  return averagePrecision(ranking.map((i) => active[i]!)) - meanOf(rest.map((i) => active[i]!));
}

export function fewShotTable(result: FewShotResult): Table {
  const between = ([low, high]: Interval): string => `${low.toFixed(3)} to ${high.toFixed(3)}`;
  return [
    [`delta AUPRC, ${result.support} + ${result.support} support, ${result.seeds} seeds`, 'value', '95 % interval'],
    [result.method, result.deltaAuprc.toFixed(3), between(result.deltaInterval)],
    [result.reference, result.referenceDeltaAuprc.toFixed(3), between(result.referenceInterval)],
    ['difference', result.gain.toFixed(3), between(result.gainInterval)],
    ['assays', String(Object.keys(result.assays).length), ''],
  ];
}
