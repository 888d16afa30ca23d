/** What the index misses, and what that saves: measured on the library's own molecules. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { median } from '../core/index.ts';
import type { SearchEngine } from './engine.ts';

export interface RecallOptions {
  readonly queries: number;
  readonly k: number;
  readonly efSearch?: number | undefined;
  /** No query is begun after this time: exact search over millions takes long. */
  readonly budgetMs: number;
  /** Ends the measurement early. */
  readonly left?: AbortSignal | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

export interface Recall {
  /** Rows that were asked for. */
  readonly queries: number;
  readonly recall: number;
  /** Medians, to the microsecond. */
  readonly indexMs: number;
  readonly exactMs: number;
}

/** Evenly spread, in the order of rows. */
export function spreadRows(count: number, wanted: number): number[] {
  const rows = Math.min(count, wanted);
  return Array.from({ length: rows }, (_, i) => Math.floor((i * count) / rows));
}

/** Lets others have the thread between two searches: one takes some milliseconds, an exact one perhaps some tens. */
export async function measureRecall(engine: SearchEngine, { queries, k, efSearch, budgetMs, left, now }: RecallOptions): Promise<Recall> {
  const started = now();
  const times = { index: [] as number[], exact: [] as number[] };
  let [found, wanted] = [0, 0];
  for (const row of inMixedOrder(spreadRows(engine.manifest.count, queries))) {
    if (left?.aborted === true || (times.exact.length > 0 && now() - started > budgetMs)) break;
    const vector = await engine.vectorOf(row);
    const timed = async (into: number[], exact: boolean): Promise<Int32Array> => {
      const begun = now();
      const { labels } = await engine.nearest(vector, { k, exact, efSearch });
      into.push(now() - begun);
      return labels;
    };
    const expected = new Set(await timed(times.exact, true));
    await nextTurn();
    for (const label of await timed(times.index, false)) if (expected.has(label)) found++;
    wanted += expected.size;
    await nextTurn();
  }
  const recall = wanted === 0 ? 1 : found / wanted;
  return { queries: times.exact.length, recall, indexMs: middleOf(times.index), exactMs: middleOf(times.exact) };
}

/** Every seventh, then every seventh of the rest: what was asked when time runs out is still spread over the library. */
function inMixedOrder(rows: readonly number[]): number[] {
  const step = 7;
  const everyStep = (first: number): number[] => rows.filter((_row, i) => i % step === first);
  return Array.from({ length: step }, (_, first) => everyStep(first)).flat();
}

function middleOf(times: readonly number[]): number {
  return times.length === 0 ? 0 : Number(median(times).toFixed(3));
}
