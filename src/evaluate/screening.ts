/**
 * Ligand-based screening after Riniker & Landrum 2013, doi:10.1186/1758-2946-5-26: a few known actives, the rest of the
 * actives to be found among decoys, many repeats. Ranked by the best similarity to any query active (MAX fusion).
 */
import * as z from 'zod';
import { createRng } from '../core/index.ts';
import { checkSignal, formatShare } from './define.ts';
import type { Similarities, Table } from './define.ts';
import { readJson } from './files.ts';
import { bedroc, bootstrapInterval, enrichmentFactor, meanOf, rocAuc } from './metrics.ts';
import type { Interval } from './metrics.ts';
import { Places, methodById, prepareMethods } from './similarity.ts';
import type { MethodServices } from './similarity.ts';

const indices = z.custom<number[]>((value) => Array.isArray(value) && value.every((index) => Number.isInteger(index) && index >= 0), 'expected a list of positions');
const molecules = z.array(z.tuple([z.string(), z.string()]));

const screeningSchema = z.object({
  targets: z.record(
    z.string(),
    z.object({
      /** [identifier, SMILES] */
      actives: molecules.min(1),
      /** Key in `decoys`. */
      decoys: z.string(),
      repeats: z.array(z.object({ queries: indices, excludedDecoys: indices.default([]) })).min(1),
    }),
  ),
  decoys: z.record(z.string(), molecules),
}).refine(({ targets, decoys }) => Object.values(targets).every((target) => decoys[target.decoys] !== undefined), { error: 'every target must name a list of decoys' });

type ScreeningData = z.output<typeof screeningSchema>;
type Target = ScreeningData['targets'][string];

export interface ScreeningScores {
  readonly auc: number;
  /** Of the first 1 % and 5 %. */
  readonly ef1: number;
  readonly ef5: number;
  readonly bedroc20: number;
}

export interface ScreeningResult {
  readonly method: string;
  readonly targets: Readonly<Record<string, ScreeningScores & { readonly actives: number; readonly decoys: number; readonly unreadable: number }>>;
  /** Over targets. */
  readonly mean: ScreeningScores;
  /** 95 % intervals of the means, by resampling targets: how much another choice of targets would change them. */
  readonly intervals: Readonly<Record<keyof ScreeningScores, Interval>>;
}

export interface ScreeningOptions extends MethodServices {
  /** JSON, plain or gzip. */
  readonly data: string;
  readonly method: string;
}

/** SMILES of all actives of a screening set, each once. */
export async function readActives(path: string): Promise<string[]> {
  const { targets } = await readJson(path, screeningSchema);
  return [...new Set(Object.values(targets).flatMap(({ actives }) => actives.map(([, smiles]) => smiles)))];
}

/** Mean over repeats, then over targets. Fingerprints are of the molecules as given: that is how the known numbers are made. */
export async function evaluateScreening({ method, ...options }: ScreeningOptions): Promise<ScreeningResult> {
  return (await evaluateScreeningBy([method], options))[0]!;
}

/** Several methods at once: the molecules are read once. Results in the order of the methods. */
export async function evaluateScreeningBy(ids: readonly string[], options: Omit<ScreeningOptions, 'method'>): Promise<ScreeningResult[]> {
  const { progress } = options;
  const methods = ids.map(methodById);
  const data = await readJson(options.data, screeningSchema);
  // Many decoys serve several targets.
  const places = new Places();
  const placesOf = (list: readonly (readonly [string, string])[]): number[] => list.map(([, smiles]) => places.add(smiles));
  const items = Object.values(data.targets).map(({ actives, decoys }) => placesOf([...actives, ...data.decoys[decoys]!]));
  progress.start(`molecules for ${ids.join(', ')}`, places.smiles.length);
  const similarities = await prepareMethods(methods, places.smiles, 'given', options, (done) => progress.update(done));
  progress.finish(`${similarities[0]?.failed ?? 0} cannot be read`);
  return methods.map(({ id }, i) => screen(id, data, items, similarities[i]!, options));
}

/** items: of each target, the places of its actives, then of its decoys. */
function screen(method: string, data: ScreeningData, items: readonly (readonly number[])[], similarities: Similarities, { progress, signal }: Omit<ScreeningOptions, 'method'>): ScreeningResult {
  const targets: Record<string, ScreeningResult['targets'][string]> = {};
  progress.start(`screening by ${method}`, items.length);
  Object.entries(data.targets).forEach(([name, target], i) => {
    checkSignal(signal);
    const decoys = data.decoys[target.decoys]!;
    const scores = scoreTarget(target, [...target.actives, ...decoys].map(([id]) => id), items[i]!, similarities);
    const unreadable = items[i]!.filter((place) => !similarities.isKnown(place)).length;
    targets[name] = { ...scores, actives: target.actives.length, decoys: decoys.length, unreadable };
    progress.update(i + 1, `${name}: AUC ${formatShare(scores.auc)}`);
  });
  const mean = meanScores(Object.values(targets));
  progress.finish(`mean AUC ${formatShare(mean.auc)}, EF 1 % ${mean.ef1.toFixed(1)}`);
  return { method, targets, mean, intervals: intervalsOf(Object.values(targets)) };
}

function intervalsOf(scores: readonly ScreeningScores[]): ScreeningResult['intervals'] {
  const interval = (pick: (one: ScreeningScores) => number): Interval => bootstrapInterval(scores.map((one) => [pick(one)]), createRng(1));
  return { auc: interval((one) => one.auc), ef1: interval((one) => one.ef1), ef5: interval((one) => one.ef5), bedroc20: interval((one) => one.bedroc20) };
}

/** ids and places: actives, then decoys. */
function scoreTarget({ actives, repeats }: Target, ids: readonly string[], places: readonly number[], similarities: Similarities): ScreeningScores {
  const known = new Map<number, Float64Array>();
  const row = (query: number): Float64Array => {
    const found = known.get(query) ?? Float64Array.from(places, (place) => similarities.between(places[query]!, place));
    known.set(query, found);
    return found;
  };
  const order = placesByDescendingId(ids);
  return meanScores(
    repeats.map(({ queries, excludedDecoys }) => {
      const excluded = new Set([...queries, ...excludedDecoys.map((index) => actives.length + index)]);
      const best = fuse(queries.map(row));
      // Equal scores stand in the descending order of their identifiers, as in the published platform.
      const ranking = Array.from(ids.keys()).filter((i) => !excluded.has(i)).sort((a, b) => best[b]! - best[a]! || order[a]! - order[b]!);
      const active = Uint8Array.from(ranking, (i) => (i < actives.length ? 1 : 0));
      return { auc: rocAuc(active), ef1: enrichmentFactor(active, 0.01), ef5: enrichmentFactor(active, 0.05), bedroc20: bedroc(active, 20) };
    }),
  );
}

/** Best of several similarities, item by item. */
function fuse(rows: readonly Float64Array[]): Float64Array {
  const best = Float64Array.from(rows[0] ?? []);
  for (const row of rows.slice(1)) for (let i = 0; i < best.length; i++) best[i] = Math.max(best[i]!, row[i]!);
  return best;
}

function placesByDescendingId(ids: readonly string[]): Int32Array {
  const places = new Int32Array(ids.length);
  Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? 1 : ids[a]! > ids[b]! ? -1 : 0)).forEach((i, place) => (places[i] = place));
  return places;
}

function meanScores(scores: readonly ScreeningScores[]): ScreeningScores {
  const mean = (pick: (one: ScreeningScores) => number): number => meanOf(scores.map(pick));
  return { auc: mean((one) => one.auc), ef1: mean((one) => one.ef1), ef5: mean((one) => one.ef5), bedroc20: mean((one) => one.bedroc20) };
}

export function screeningTable({ targets, mean, intervals }: ScreeningResult): Table {
  const line = (name: string, { auc, ef1, ef5, bedroc20 }: ScreeningScores): string[] => [name, formatShare(auc), ef1.toFixed(1), ef5.toFixed(1), formatShare(bedroc20)];
  const bound = (at: 0 | 1): ScreeningScores => ({ auc: intervals.auc[at], ef1: intervals.ef1[at], ef5: intervals.ef5[at], bedroc20: intervals.bedroc20[at] });
  return [
    ['target', 'AUC', 'EF 1 %', 'EF 5 %', 'BEDROC(20)'], ...Object.entries(targets).map(([name, scores]) => line(name, scores)),
    line('mean', mean), line('95 % from', bound(0)), line('to', bound(1)),
  ];
}
