/** Do compounds of one mechanism of action look alike? Nearest neighbours of a compound's profile among other compounds. */
import { dot, l2Normalise, rowOf } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import type { Profiles } from '../../ingest/index.ts';
import { tiedRank } from '../metrics.ts';
import { consensus, wellsOfCompounds } from './compounds.ts';

/** Compounds of one table with their median profiles. */
export interface CompoundProfiles {
  readonly compounds: readonly number[];
  readonly mechanisms: ReadonlyMap<number, ReadonlySet<string>>;
  /** (compounds, features), unit rows. */
  readonly profiles: Matrix;
}

export interface MechanismRank {
  readonly compound: number;
  /** Of the nearest compound that shares a mechanism, from 1; ties share their mean. */
  readonly rank: number;
  /** Candidates, and those among them that share a mechanism. */
  readonly candidates: number;
  readonly mates: number;
}

export interface MechanismRanks {
  readonly ranks: readonly MechanismRank[];
  /** Query compounds whose mechanism no other compound has, or none is known of. */
  readonly alone: number;
  readonly unknown: number;
}

export function compoundProfiles(profiles: Profiles, compoundOf: Int32Array): CompoundProfiles {
  const wells = wellsOfCompounds(compoundOf);
  const mechanisms = new Map([...wells].map(([compound, rows]) => [compound, new Set(rows.flatMap((row) => profiles.wells[row]!.mechanisms))]));
  return { compounds: [...wells.keys()], mechanisms, profiles: l2Normalise(consensus(profiles, wells)) };
}

/**
 * Compounds of `queries` against those of `candidates`, the compound itself left out (leave one compound out; both may be one table).
 * Compounds that are alone in their mechanism over both tables are neither.
 */
export function mechanismRanks(queries: CompoundProfiles, candidates: CompoundProfiles): MechanismRanks {
  const holders = new Map<string, Set<number>>();
  for (const { mechanisms } of [queries, candidates]) {
    for (const [compound, names] of mechanisms) for (const name of names) holders.set(name, (holders.get(name) ?? new Set()).add(compound));
  }
  const isShared = (names: ReadonlySet<string>): boolean => [...names].some((name) => holders.get(name)!.size > 1);
  const pool = candidates.compounds.map((compound, row) => ({ compound, row })).filter(({ compound }) => isShared(candidates.mechanisms.get(compound)!));
  const ranks: MechanismRank[] = [];
  let alone = 0;
  let unknown = 0;
  queries.compounds.forEach((compound, row) => {
    const own = queries.mechanisms.get(compound)!;
    const others = pool.filter((one) => one.compound !== compound);
    const mates: number[] = [];
    const rest: number[] = [];
    for (const other of others) {
      const score = dot(rowOf(queries.profiles, row), rowOf(candidates.profiles, other.row));
      const isMate = [...candidates.mechanisms.get(other.compound)!].some((name) => own.has(name));
      (isMate ? mates : rest).push(score);
    }
    if (own.size === 0) unknown++;
    else if (mates.length === 0) alone++;
    else ranks.push({ compound, rank: tiedRank(Math.max(...mates), rest), candidates: others.length, mates: mates.length });
  });
  return { ranks, alone, unknown };
}

/** Chance that one of `mates` is among the first `k` of `candidates` in random order. */
export function chanceOfHit({ candidates, mates }: Pick<MechanismRank, 'candidates' | 'mates'>, k: number): number {
  let none = 1;
  for (let i = 0; i < Math.min(k, candidates); i++) none *= Math.max(0, candidates - mates - i) / (candidates - i);
  return 1 - none;
}
