/**
 * Do wells of one compound look alike, more than like a well without any? Mean average precision as copairs computes it: Kalinin et al. 2025,
 * doi:10.1038/s41467-025-60306-2.
 */
import { createRng, dot, l2Normalise, matrixOf, rowOf } from '../../core/index.ts';
import type { Matrix, Rng } from '../../core/index.ts';
import { plateRows } from '../../ingest/index.ts';
import type { Profiles } from '../../ingest/index.ts';
import { averagePrecision, meanOf } from '../metrics.ts';
import { wellsOfCompounds } from './compounds.ts';

export interface CompoundRetrieval {
  readonly compound: number;
  /** Mean over its wells as queries. */
  readonly averagePrecision: number;
  /** The same of a random ranking. */
  readonly chance: number;
  /** Share of random rankings that do as well or better. */
  readonly p: number;
  /** After Benjamini & Hochberg over all compounds, at a false discovery rate of 5 %. */
  readonly isSignificant: boolean;
}

export interface ReplicateRetrieval {
  readonly compounds: readonly CompoundRetrieval[];
  /** Compounds of a single well. */
  readonly single: number;
  /** Wells whose plate has no negative control. */
  readonly withoutControls: number;
}

const FALSE_DISCOVERIES = 0.05;

/**
 * Every well of a compound is a query; positives are the other wells of the compound, on any plate, negatives the control wells of
 * the query's plate; ranked by cosine, a negative first where two are equal. `prepared`: the same wells, prepared by different halves
 * of the controls, over which the precisions are averaged. `chance` keeps the random rankings between calls.
 */
export function replicateRetrieval(prepared: readonly Profiles[], compoundOf: Int32Array, chance: Chance): ReplicateRetrieval {
  const spaces = prepared.map(spaceOf);
  let single = 0;
  let withoutControls = 0;
  const scored: Omit<CompoundRetrieval, 'isSignificant'>[] = [];
  for (const [compound, wells] of wellsOfCompounds(compoundOf)) {
    if (wells.length < 2) {
      single++;
      continue;
    }
    const precisions: number[] = [];
    const shapes: [positives: number, all: number][] = [];
    for (const query of wells) {
      const rankings = spaces.flatMap((space) => rankingOf(space, query, wells) ?? []);
      if (rankings.length === 0) withoutControls++;
      for (const { ranking } of rankings) {
        precisions.push(averagePrecision(ranking));
        shapes.push([wells.length - 1, ranking.length]);
      }
    }
    if (precisions.length === 0) continue;
    const score = meanOf(precisions);
    const expected = meanOf(shapes.map(([positives, all]) => chance.mean(positives, all)));
    scored.push({ compound, averagePrecision: score, p: chance.pValue(score, shapes), chance: expected });
  }
  const limit = discoveryLimit(scored.map(({ p }) => p), FALSE_DISCOVERIES);
  return { compounds: scored.map((one) => ({ ...one, isSignificant: one.p <= limit })), single, withoutControls };
}

/** Unit profiles, and the controls of each well's plate. */
interface Space {
  readonly unit: Matrix;
  readonly controlsOf: (row: number) => readonly number[];
}

interface Scored {
  readonly score: number;
  readonly isReplicate: boolean;
}

function spaceOf({ wells, matrix }: Profiles): Space {
  const controls = new Map([...plateRows(wells)].map(([plate, rows]) => [plate, rows.filter((row) => wells[row]!.isControl)]));
  return { unit: l2Normalise(matrixOf(Float32Array.from(matrix.data), matrix.cols)), controlsOf: (row) => controls.get(wells[row]!.plate)! };
}

/** Whether each well, the likest to the query first, is a replicate; undefined where the plate has no control. */
function rankingOf({ unit, controlsOf }: Space, query: number, wells: readonly number[]): { readonly ranking: readonly boolean[] } | undefined {
  const negatives = controlsOf(query);
  if (negatives.length === 0) return undefined;
  const asked = rowOf(unit, query);
  const scored = (row: number, isReplicate: boolean): Scored => ({ score: dot(asked, rowOf(unit, row)), isReplicate });
  const all = [...negatives.map((row) => scored(row, false)), ...wells.filter((row) => row !== query).map((row) => scored(row, true))];
  return { ranking: all.sort((a, b) => b.score - a.score).map(({ isReplicate }) => isReplicate) };
}

/**
 * Average precisions of random rankings. As in copairs the wells of a compound that have equally many positives and negatives share one
 * random ranking: they are alike, and independent ones would make chance look steadier than it is. Unlike there, a
 * random ranking that does equally well counts against the compound.
 */
export class Chance {
  private readonly permutations: number;
  private readonly seed: number;
  private readonly known = new Map<string, Float64Array>();
  private readonly means = new Map<string, number>();

  constructor(permutations: number, seed: number) {
    this.permutations = permutations;
    this.seed = seed;
  }

  pValue(score: number, shapes: readonly (readonly [positives: number, all: number])[]): number {
    const rankings = shapes.map(([positives, all]) => this.precisions(positives, all));
    let better = 0;
    for (let i = 0; i < this.permutations; i++) {
      let sum = 0;
      for (const one of rankings) sum += one[i]!;
      // Sums of equal terms differ in their last digits.
      if (sum / rankings.length >= score - 1e-12) better++;
    }
    return (better + 1) / (this.permutations + 1);
  }

  /** Mean over the random rankings. */
  mean(positives: number, all: number): number {
    const key = `${positives}/${all}`;
    const known = this.means.get(key) ?? meanOf([...this.precisions(positives, all)]);
    this.means.set(key, known);
    return known;
  }

  private precisions(positives: number, all: number): Float64Array {
    const key = `${positives}/${all}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const rng = createRng(this.seed + 7919 * positives + 104_729 * all);
    const places = Array.from({ length: all }, (_, i) => i);
    const drawn = Float64Array.from({ length: this.permutations }, () => randomPrecision(places, positives, rng));
    this.known.set(key, drawn);
    return drawn;
  }
}

/** Average precision of `positives` ranks drawn from `places`, which is shuffled as far as needed. */
function randomPrecision(places: number[], positives: number, rng: Rng): number {
  for (let i = 0; i < positives; i++) {
    const j = i + rng.int(places.length - i);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  const ranks = places.slice(0, positives).sort((a, b) => a - b);
  return ranks.reduce((sum, rank, i) => sum + (i + 1) / (rank + 1), 0) / positives;
}

/** The largest p that Benjamini & Hochberg 1995 let pass; below every p where none does. */
export function discoveryLimit(ps: readonly number[], rate: number): number {
  const sorted = [...ps].sort((a, b) => a - b);
  return sorted.reduce((limit, p, i) => (p <= (rate * (i + 1)) / sorted.length ? p : limit), -1);
}
