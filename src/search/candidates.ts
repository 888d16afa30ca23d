/** From a library to candidates: the nearest by embedding, by fingerprint and by pharmacophore together, scored exactly. */
import type { Neighbours } from '../ann/index.ts';
import { TERMS } from '../score/index.ts';
import type { ProfileQuery } from '../score/index.ts';
import type { SearchMode } from './define.ts';
import type { OpenRows, SearchLibrary } from './library.ts';
import type { ScoredRows } from './scan/define.ts';

export interface Candidate {
  readonly row: number;
  /** What ranks: log-odds, or the cosine where there is no score. */
  rank: number;
  /** In the order of TERMS; undefined for a query that is no molecule, and where the cosine alone ranks until it is chosen. */
  readonly raw: Float64Array | undefined;
  readonly cosine: number;
  /** To what was read of a picture, 0 to 1; absent for other queries. */
  readonly reading?: number;
}

/** Nearest rows with what their scores are made of, where that is more than the cosine. */
export interface NearestNeighbours extends Neighbours {
  /** Parallel to `labels`. */
  readonly cosines?: Float32Array;
  readonly readings?: Float32Array;
}

/** Candidates in their order. There may be as many as molecules, of which few are looked at: those alone become objects. */
export interface CandidateList {
  readonly length: number;
  at(place: number): Candidate;
}

export interface CandidateQuery {
  readonly vector: Float32Array;
  /** undefined for a query that is no molecule. */
  readonly profile: ProfileQuery | undefined;
}

/** Finds at most `k` rows by embedding among the open ones. */
export type NearestRows = (vector: Float32Array, k: number) => Promise<NearestNeighbours>;

/**
 * Candidates, best first. `breadth` of each kind are looked at; what is open is scored whole where it is no more than that, and the
 * answer is then exact. In the mode `tanimoto` every open row is compared.
 */
export async function findCandidates(
  query: CandidateQuery, mode: SearchMode, open: OpenRows, breadth: number, nearest: NearestRows,
): Promise<CandidateList> {
  if (open.size === 0) return { length: 0, at: (place) => { throw new RangeError(`There is no candidate ${place}.`); } };
  const { vector, profile } = query;
  const most = Math.min(breadth, open.size);
  if (profile === undefined || mode === 'similarity') return byEmbedding(await nearest(vector, most));
  if (mode === 'tanimoto') return listOf(await open.fingerprint({ query: profile, k: most }));
  const among = open.size <= breadth ? undefined : { nearest: (await nearest(vector, breadth)).labels, breadth };
  return listOf(await open.candidates({ query: profile, mode, among }));
}

function listOf({ rows, ranks, raw }: ScoredRows): CandidateList {
  return {
    length: rows.length,
    at: (place) => {
      const terms = termsAt(raw, place);
      return { row: rows[place]!, rank: ranks[place]!, cosine: terms[0]!, raw: terms };
    },
  };
}

function byEmbedding({ labels, scores, cosines, readings }: NearestNeighbours): CandidateList {
  return {
    length: labels.length,
    at: (place) => ({
      row: labels[place]!, rank: scores[place]!, cosine: cosines?.[place] ?? scores[place]!,
      ...(readings === undefined ? {} : { reading: readings[place]! }), raw: undefined,
    }),
  };
}

/** What the query and the chosen have in common, where it was not counted to rank them. */
export async function withTerms(library: Pick<SearchLibrary, 'terms'>, profile: ProfileQuery | undefined, chosen: readonly Candidate[]): Promise<readonly Candidate[]> {
  if (profile === undefined || chosen.every(({ raw }) => raw !== undefined)) return chosen;
  const raw = await library.terms(profile, Int32Array.from(chosen, ({ row }) => row));
  return chosen.map((one, i) => ({ ...one, raw: one.raw ?? termsAt(raw, i) }));
}

export function byRank(a: Candidate, b: Candidate): number {
  return b.rank - a.rank || b.cosine - a.cosine || a.row - b.row;
}

/** A copy: a candidate is kept, the terms of all are not. */
function termsAt(raw: Float64Array, place: number): Float64Array {
  return raw.slice(place * TERMS.length, (place + 1) * TERMS.length);
}
