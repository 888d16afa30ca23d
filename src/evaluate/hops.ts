/**
 * Scaffold hops: one query, one other active that looks different, many decoys. All molecules are standardised first: where
 * actives carry charges and decoys none, charge alone would give the answer away.
 */
import * as z from 'zod';
import { formatShare } from './define.ts';
import type { Table } from './define.ts';
import { readJson } from './files.ts';
import { meanInterval, meanOf, recallAt, tiedRank, wilsonInterval } from './metrics.ts';
import type { Interval } from './metrics.ts';
import { methodById } from './similarity.ts';
import type { MethodServices, Similarities } from './similarity.ts';

const hopsSchema = z.object({
  cases: z.array(z.object({ query: z.string(), target: z.string(), decoys: z.array(z.string()).min(1) })).min(1),
});

type HopCase = z.output<typeof hopsSchema>['cases'][number];

export interface HopsResult {
  readonly method: string;
  readonly n: number;
  readonly top1: number;
  readonly top5: number;
  readonly top25: number;
  readonly meanRank: number;
  /** Mean share of decoys that rank behind the target; ties count half. */
  readonly auc: number;
  readonly top1Interval: Interval;
  readonly top5Interval: Interval;
  readonly top25Interval: Interval;
  readonly meanRankInterval: Interval;
  /** Distinct molecules that could not be read: such a query compares equally with all, such a target comes last. */
  readonly unreadable: number;
}

export interface HopsOptions extends MethodServices {
  /** JSON, plain or gzip. */
  readonly data: string;
  readonly method: string;
}

export async function evaluateHops(options: HopsOptions): Promise<HopsResult> {
  const method = methodById(options.method);
  const { cases } = await readJson(options.data, hopsSchema);
  // Most molecules are decoys of several cases: each is read once.
  const places = new Map<string, number>();
  for (const { query, target, decoys } of cases) for (const smiles of [query, target, ...decoys]) if (!places.has(smiles)) places.set(smiles, places.size);
  options.progress.start(`scaffold hops by ${method.id}`, places.size);
  const similarities = await method.prepare([...places.keys()], 'parent', options, (done) => options.progress.update(done));
  const ranks = cases.map((one) => rankTarget(one, places, similarities));
  const aucs = ranks.map((rank, i) => 1 - (rank - 1) / cases[i]!.decoys.length);
  options.progress.finish(`mean rank ${meanOf(ranks).toFixed(1)}`);
  return {
    method: method.id,
    n: ranks.length,
    top1: recallAt(ranks, 1),
    top5: recallAt(ranks, 5),
    top25: recallAt(ranks, 25),
    meanRank: meanOf(ranks),
    auc: meanOf(aucs),
    top1Interval: wilsonInterval(recallAt(ranks, 1), ranks.length),
    top5Interval: wilsonInterval(recallAt(ranks, 5), ranks.length),
    top25Interval: wilsonInterval(recallAt(ranks, 25), ranks.length),
    meanRankInterval: meanInterval(ranks),
    unreadable: similarities.failed,
  };
}

function rankTarget({ query, target, decoys }: HopCase, places: ReadonlyMap<string, number>, similarities: Similarities): number {
  const like = (smiles: string): number => similarities.between(places.get(query)!, places.get(smiles)!);
  return tiedRank(like(target), decoys.map(like));
}

export function hopsTable(result: HopsResult): Table {
  const between = ([low, high]: Interval, digits: number): string => `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
  return [
    ['measure', 'value', '95 % interval'],
    ['top 1', formatShare(result.top1), between(result.top1Interval, 3)],
    ['top 5', formatShare(result.top5), between(result.top5Interval, 3)],
    ['top 25', formatShare(result.top25), between(result.top25Interval, 3)],
    ['mean rank', result.meanRank.toFixed(1), between(result.meanRankInterval, 1)],
    ['AUC', formatShare(result.auc), ''],
    ['cases', String(result.n), ''],
  ];
}
