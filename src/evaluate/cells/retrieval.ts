/** Whether a profile or an image of treated cells finds the structure of what they were treated with, and the other way round. */
import { IsoLensError, dot, rowOf } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import { meanOf, tiedRank } from '../metrics.ts';
import { measure } from '../profiles/measure.ts';
import type { Measure, Valued } from '../profiles/measure.ts';

/** Compounds that one model has not seen, in its space. All rows are of unit length. */
export interface CellsFold {
  /** (compounds, D): their structures. */
  readonly structures: Matrix;
  /** What cells looked like, (rows, D), and of which compound and under which setting (a table, a microscope) each row is; at most one row for both. */
  readonly queries: Matrix;
  readonly compoundOf: readonly number[];
  readonly settingOf: readonly string[];
  /** (M, D): structures that none of these cells saw. */
  readonly decoys: Matrix;
}

export const RANKS = [1, 5, 10] as const;

/** In so many decoys beside the right one, as CLOOME is measured. */
export const DECOYS = 99;

export interface CellsRow {
  readonly setting: string;
  readonly direction: 'cells to structure' | 'structure to cells';
  /** `pool`: the compounds of the fold; `decoys`: the right one and 99 others. */
  readonly among: 'pool' | 'decoys';
  /** Top 1, 5, 10. */
  readonly top: readonly Measure[];
  /** Expected of a random order. */
  readonly chance: readonly number[];
  /** Expected where each query is taken for that of another compound: what the candidates alone give away. */
  readonly swapped: readonly number[];
  readonly compounds: number;
  readonly queries: number;
}

interface Item {
  readonly compound: number;
  readonly setting: string;
  readonly hits: readonly number[];
  readonly chance: readonly number[];
  readonly swapped: readonly number[];
}

/** Rows for all settings together (`all`) and for each by itself. The intervals resample compounds. DATASET_INVALID where a fold has fewer than two. */
export function cellsRetrieval(folds: readonly CellsFold[], seed: number): CellsRow[] {
  let before = 0;
  const kinds = [
    ['cells to structure', 'pool', [] as Item[]], ['structure to cells', 'pool', [] as Item[]], ['cells to structure', 'decoys', [] as Item[]],
  ] as const;
  for (const fold of folds) {
    if (fold.structures.rows < 2) throw new IsoLensError('DATASET_INVALID', `Expected at least two compounds in every fold but one has ${fold.structures.rows}.`);
    const named = (items: readonly Item[]): Item[] => items.map((item) => ({ ...item, compound: before + item.compound }));
    for (const setting of new Set(fold.settingOf)) {
      const rows = [...fold.settingOf.keys()].filter((row) => fold.settingOf[row] === setting);
      const scores = rows.map((row) => Float64Array.from({ length: fold.structures.rows }, (_, c) => dot(rowOf(fold.queries, row), rowOf(fold.structures, c))));
      const compounds = rows.map((row) => fold.compoundOf[row]!);
      kinds[0][2].push(...named(amongStructures(scores, compounds, setting)));
      kinds[1][2].push(...named(amongCells(scores, compounds, setting)));
      kinds[2][2].push(...named(amongDecoys(fold, rows, scores, compounds, setting)));
    }
    before += fold.structures.rows;
  }
  const settings = [...new Set(folds.flatMap(({ settingOf }) => settingOf))];
  return (settings.length > 1 ? ['all', ...settings] : settings).flatMap((setting) => kinds.flatMap(([direction, among, items]) => {
    const own = items.filter((item) => setting === 'all' || item.setting === setting);
    return own.length === 0 ? [] : [resultOf(setting, direction, among, own, seed)];
  }));
}

function resultOf(setting: string, direction: CellsRow['direction'], among: CellsRow['among'], items: readonly Item[], seed: number): CellsRow {
  const valued = (k: number): Valued[] => items.map(({ compound, hits }) => ({ compound, value: hits[k]! }));
  const mean = (pick: (item: Item) => readonly number[], k: number): number => meanOf(items.map((item) => pick(item)[k]!));
  return {
    setting, direction, among, top: RANKS.map((_, k) => measure(valued(k), undefined, seed)),
    chance: RANKS.map((_, k) => mean(({ chance }) => chance, k)), swapped: RANKS.map((_, k) => mean(({ swapped }) => swapped, k)),
    compounds: new Set(items.map(({ compound }) => compound)).size, queries: items.length,
  };
}

/** How many of the others stand above the one in this place, ties as half. */
function countAbove(scores: readonly number[] | Float64Array, place: number): number {
  return tiedRank(scores[place]!, scores.filter((_, i) => i !== place)) - 1;
}

/** So many other queries are taken in place of a query at most, evenly: with all of them the work would grow with the third power. */
const SWAPS = 40;

function othersThan<T>(all: readonly T[], own: number): T[] {
  const count = Math.min(SWAPS, all.length - 1);
  return Array.from({ length: count }, (_, i) => all[(own + 1 + Math.floor((i * (all.length - 1)) / count)) % all.length]!);
}

const hitsAt = (above: number): number[] => RANKS.map((k) => (above < k ? 1 : 0));
const chanceIn = (pool: number): number[] => RANKS.map((k) => Math.min(1, k / pool));
const meanHits = (all: readonly (readonly number[])[]): number[] => RANKS.map((_, k) => (all.length === 0 ? Number.NaN : meanOf(all.map((hits) => hits[k]!))));

/** scores[q][c]: of query q and the structure of compound c. */
function amongStructures(scores: readonly Float64Array[], compounds: readonly number[], setting: string): Item[] {
  return compounds.map((compound, q) => {
    const rank = (from: number): number[] => hitsAt(countAbove(scores[from]!, compound));
    const others = othersThan([...scores.keys()], q).map(rank);
    return { compound, setting, hits: rank(q), chance: chanceIn(scores[q]!.length), swapped: meanHits(others) };
  });
}

function amongCells(scores: readonly Float64Array[], compounds: readonly number[], setting: string): Item[] {
  return compounds.map((compound, q) => {
    const rank = (structure: number): number[] => hitsAt(countAbove(scores.map((row) => row[structure]!), q));
    const others = othersThan(compounds, q).map(rank);
    return { compound, setting, hits: rank(compound), chance: chanceIn(compounds.length), swapped: meanHits(others) };
  });
}

/** Expected over all draws of 99 decoys, with replacement: no draw decides. */
function amongDecoys({ queries, decoys }: CellsFold, rows: readonly number[], scores: readonly Float64Array[], compounds: readonly number[], setting: string): Item[] {
  if (decoys.rows === 0) return [];
  const ofDecoys = rows.map((row) => Float64Array.from({ length: decoys.rows }, (_, d) => dot(rowOf(queries, row), rowOf(decoys, d))).sort());
  return compounds.map((compound, q) => {
    const expected = (from: number): number[] => hitsByChance(shareAbove(ofDecoys[from]!, scores[from]![compound]!));
    const others = othersThan([...scores.keys()], q).map(expected);
    return { compound, setting, hits: expected(q), chance: chanceIn(DECOYS + 1), swapped: meanHits(others) };
  });
}

/** Share of ascending numbers above `own`, ties as half. */
function shareAbove(sorted: Float64Array, own: number): number {
  const firstAtLeast = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value || (!orEqual && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const [from, above] = [firstAtLeast(own, true), firstAtLeast(own, false)];
  return (sorted.length - above + (above - from) / 2) / sorted.length;
}

/** Probability that fewer than 1, 5, 10 of 99 decoys stand above, where each does with probability p. */
function hitsByChance(p: number): number[] {
  const sums: number[] = [];
  let term = (1 - p) ** DECOYS;
  let sum = 0;
  for (let i = 0; i < RANKS.at(-1)!; i++) {
    sum += term;
    sums.push(Math.min(1, sum));
    term = p === 1 ? (i + 1 === DECOYS ? 1 : 0) : (term * (DECOYS - i) * p) / ((i + 1) * (1 - p));
  }
  return RANKS.map((k) => sums[k - 1]!);
}
