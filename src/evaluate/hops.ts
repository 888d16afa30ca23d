/**
 * Scaffold hops: one query, one other active that looks different, many decoys. All molecules are standardised first: where
 * actives carry charges and decoys none, charge alone would give the answer away.
 */
import * as z from 'zod';
import { createRng } from '../core/index.ts';
import { formatShare } from './define.ts';
import type { Similarities, Table } from './define.ts';
import { readJson } from './files.ts';
import { bootstrapInterval, meanOf, recallAt, tiedRank } from './metrics.ts';
import type { Interval } from './metrics.ts';
import { Places, methodById, prepareMethods } from './similarity.ts';
import type { MethodServices } from './similarity.ts';

/** `group`: what a case has in common with others (its assay); intervals are by resampling groups, or cases where there are none. */
const hopsSchema = z.object({
  cases: z.array(z.object({ query: z.string(), target: z.string(), decoys: z.array(z.string()).min(1), group: z.string().optional() })).min(1),
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
  readonly aucInterval: Interval;
  /** Distinct molecules that could not be read: such a query compares equally with all, such a target comes last. */
  readonly unreadable: number;
}

export interface HopsOptions extends MethodServices {
  /** JSON, plain or gzip. */
  readonly data: string;
  readonly method: string;
}

export async function evaluateHops({ method, ...options }: HopsOptions): Promise<HopsResult> {
  return (await evaluateHopsBy([method], options))[0]!;
}

/** Several methods at once: the molecules are read once. Results in the order of the methods. */
export async function evaluateHopsBy(ids: readonly string[], options: Omit<HopsOptions, 'method'>): Promise<HopsResult[]> {
  const methods = ids.map(methodById);
  const { cases } = await readJson(options.data, hopsSchema);
  // Most molecules are decoys of several cases: each is read once.
  const places = new Places();
  const placed = cases.map(({ query, target, decoys }): PlacedCase => ({ query: places.add(query), target: places.add(target), decoys: decoys.map((smiles) => places.add(smiles)) }));
  const groups = groupsOf(cases);
  options.progress.start(`scaffold hops by ${ids.join(', ')}`, places.smiles.length);
  const similarities = await prepareMethods(methods, places.smiles, 'parent', options, (done) => options.progress.update(done));
  const results = methods.map(({ id }, i) => rank(id, placed, groups, similarities[i]!));
  options.progress.finish(results.map(({ method, auc }) => `${method} AUC ${formatShare(auc)}`).join(', '));
  return results;
}

function rank(method: string, cases: readonly PlacedCase[], groups: readonly (readonly number[])[], similarities: Similarities): HopsResult {
  const ranks = cases.map((one) => rankTarget(one, similarities));
  const aucs = ranks.map((of, i) => 1 - (of - 1) / cases[i]!.decoys.length);
  const interval = (values: readonly number[]): Interval => bootstrapInterval(groups.map((group) => group.map((i) => values[i]!)), createRng(1));
  const within = (k: number): number[] => ranks.map((of) => (of <= k ? 1 : 0));
  return {
    method,
    n: ranks.length,
    top1: recallAt(ranks, 1),
    top5: recallAt(ranks, 5),
    top25: recallAt(ranks, 25),
    meanRank: meanOf(ranks),
    auc: meanOf(aucs),
    top1Interval: interval(within(1)),
    top5Interval: interval(within(5)),
    top25Interval: interval(within(25)),
    meanRankInterval: interval(ranks),
    aucInterval: interval(aucs),
    unreadable: similarities.failed,
  };
}

/** Positions in the list of distinct molecules. */
interface PlacedCase {
  readonly query: number;
  readonly target: number;
  readonly decoys: readonly number[];
}

function rankTarget({ query, target, decoys }: PlacedCase, similarities: Similarities): number {
  return tiedRank(similarities.between(query, target), decoys.map((decoy) => similarities.between(query, decoy)));
}

/** Positions of the cases of each group; a case without one is its own. */
function groupsOf(cases: readonly HopCase[]): number[][] {
  const groups = new Map<string, number[]>();
  cases.forEach(({ group }, i) => {
    const key = group ?? `case ${i}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  return [...groups.values()];
}

export function hopsTable(result: HopsResult): Table {
  const between = ([low, high]: Interval, digits: number): string => `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
  return [
    ['measure', 'value', '95 % interval'],
    ['top 1', formatShare(result.top1), between(result.top1Interval, 3)],
    ['top 5', formatShare(result.top5), between(result.top5Interval, 3)],
    ['top 25', formatShare(result.top25), between(result.top25Interval, 3)],
    ['mean rank', result.meanRank.toFixed(1), between(result.meanRankInterval, 1)],
    ['AUC', formatShare(result.auc), between(result.aucInterval, 3)],
    ['cases', String(result.n), ''],
  ];
}
