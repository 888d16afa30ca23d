/**
 * Ligand-based screening after Riniker & Landrum 2013, doi:10.1186/1758-2946-5-26: a few known actives, the rest of the
 * actives to be found among decoys, many repeats. Ranked by the best similarity to any query active (MAX fusion).
 */
import * as z from 'zod';
import { checkSignal, formatShare } from './define.ts';
import type { Table } from './define.ts';
import { readJson } from './files.ts';
import { bedroc, enrichmentFactor, meanOf, rocAuc } from './metrics.ts';
import { methodById, similaritiesTo } from './similarity.ts';
import type { MethodServices, Similarities } from './similarity.ts';

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
}

export interface ScreeningOptions extends MethodServices {
  /** JSON, plain or gzip. */
  readonly data: string;
  readonly method: string;
}

/** SMILES of every active of a protocol: what must not be learned from. */
export async function screeningActives(path: string): Promise<string[]> {
  const { targets } = await readJson(path, screeningSchema);
  return Object.values(targets).flatMap(({ actives }) => actives.map(([, smiles]) => smiles));
}

/** Mean over repeats, then over targets. Fingerprints are of the molecules as given: that is how the known numbers are made. */
export async function evaluateScreening(options: ScreeningOptions): Promise<ScreeningResult> {
  const { progress, signal } = options;
  const method = methodById(options.method);
  const data = await readJson(options.data, screeningSchema);
  const names = Object.keys(data.targets);
  const targets: Record<string, ScreeningResult['targets'][string]> = {};
  progress.start(`screening by ${method.id}`, names.length);
  for (const [i, name] of names.entries()) {
    checkSignal(signal);
    const target = data.targets[name]!;
    const decoys = data.decoys[target.decoys]!;
    const items = [...target.actives, ...decoys];
    const similarities = await method.prepare(items.map(([, smiles]) => smiles), 'given', options);
    const scores = scoreTarget(target, items.map(([id]) => id), similarities);
    targets[name] = { ...scores, actives: target.actives.length, decoys: decoys.length, unreadable: similarities.failed };
    progress.update(i + 1, `${name}: AUC ${formatShare(scores.auc)}`);
  }
  const mean = meanScores(Object.values(targets));
  progress.finish(`mean AUC ${formatShare(mean.auc)}, EF 1 % ${mean.ef1.toFixed(1)}`);
  return { method: method.id, targets, mean };
}

/** ids: actives, then decoys. */
function scoreTarget({ actives, repeats }: Target, ids: readonly string[], similarities: Similarities): ScreeningScores {
  const known = new Map<number, Float64Array>();
  const row = (query: number): Float64Array => {
    const found = known.get(query) ?? similaritiesTo(similarities, query);
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

export function screeningTable({ targets, mean }: ScreeningResult): Table {
  const line = (name: string, { auc, ef1, ef5, bedroc20 }: ScreeningScores): string[] => [name, formatShare(auc), ef1.toFixed(1), ef5.toFixed(1), formatShare(bedroc20)];
  return [['target', 'AUC', 'EF 1 %', 'EF 5 %', 'BEDROC(20)'], ...Object.entries(targets).map(([name, scores]) => line(name, scores)), line('mean', mean)];
}
