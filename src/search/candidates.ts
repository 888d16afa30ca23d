/** From a library to candidates: the nearest by embedding, by fingerprint and by pharmacophore together, scored exactly. */
import { TopK } from '../ann/index.ts';
import type { Bitset, Neighbours } from '../ann/index.ts';
import { TERMS, rawTerms } from '../score/index.ts';
import type { Profiles, Scorer } from '../score/index.ts';

export interface Candidate {
  readonly row: number;
  /** What ranks: log-odds, or the cosine where there is no score. */
  rank: number;
  /** In the order of TERMS; undefined for a query that is no molecule. */
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

export interface CandidateQuery {
  readonly vector: Float32Array;
  /** Row of the query in the profiles; undefined for one that is no molecule. */
  readonly row: number | undefined;
}

/** Finds at most `k` rows by embedding among the allowed ones. */
export type NearestRows = (vector: Float32Array, k: number, allowed: Bitset | undefined) => NearestNeighbours;

/**
 * Candidates, best first. `breadth` of each kind are looked at; what is allowed is scored whole where it is no more than that, and the
 * answer is then exact.
 */
export function findCandidates(
  profiles: Profiles, query: CandidateQuery, scorer: Scorer | undefined, allowed: Bitset | undefined, breadth: number, nearest: NearestRows,
): Candidate[] {
  const open = allowed?.count() ?? profiles.count;
  const { row: own } = query;
  if (open === 0) return [];
  if (own === undefined || scorer === undefined) {
    const { labels, scores, cosines, readings } = nearest(query.vector, Math.min(breadth, open), allowed);
    const read = (i: number): { reading?: number } => (readings === undefined ? {} : { reading: readings[i]! });
    return Array.from(labels, (row, i) => ({ row, rank: scores[i]!, cosine: cosines?.[i] ?? scores[i]!, ...read(i), raw: own === undefined ? undefined : rawTerms(profiles, own, row, 0, new Float64Array(TERMS.length)) }));
  }
  const rows = open <= breadth ? allRows(profiles, allowed) : unionOf(profiles, query, own, allowed, breadth, nearest);
  const found = Array.from(rows, (row): Candidate => {
    const raw = rawTerms(profiles, own, row, 0, new Float64Array(TERMS.length));
    return { row, rank: scorer.logit(raw), cosine: raw[0]!, raw };
  });
  return found.sort(byRank);
}

export function byRank(a: Candidate, b: Candidate): number {
  return b.rank - a.rank || b.cosine - a.cosine || a.row - b.row;
}

function allRows(profiles: Profiles, allowed: Bitset | undefined): number[] {
  return Array.from({ length: profiles.count }, (_, row) => row).filter((row) => allowed === undefined || allowed.has(row));
}

function unionOf(profiles: Profiles, query: CandidateQuery, own: number, allowed: Bitset | undefined, breadth: number, nearest: NearestRows): Set<number> {
  const [byBits, byPharmacophore] = [new TopK(breadth), new TopK(breadth)];
  const pharmacophore = profiles.pharmacophoreFrom(own);
  for (let row = 0; row < profiles.count; row++) {
    if (allowed !== undefined && !allowed.has(row)) continue;
    byBits.offer(row, profiles.ecfp4Tanimoto(own, row));
    byPharmacophore.offer(row, pharmacophore(row));
  }
  return new Set([...nearest(query.vector, breadth, allowed).labels, ...byBits.take().labels, ...byPharmacophore.take().labels]);
}

/** Maximal marginal relevance (Carbonell & Goldstein 1998): each next one is good, and unlike those before it. */
export function diversify(candidates: readonly Candidate[], k: number, lambda: number, relevance: (candidate: Candidate) => number, likeness: (a: number, b: number) => number): Candidate[] {
  const left = candidates.map((candidate) => ({ candidate, value: relevance(candidate), nearest: 0 }));
  const chosen: Candidate[] = [];
  while (chosen.length < k && left.length > 0) {
    let best = 0;
    const gain = ({ value, nearest }: (typeof left)[number]): number => (1 - lambda) * value - lambda * nearest;
    for (let i = 1; i < left.length; i++) if (gain(left[i]!) > gain(left[best]!)) best = i;
    const [{ candidate }] = left.splice(best, 1) as [(typeof left)[number]];
    chosen.push(candidate);
    for (const other of left) other.nearest = Math.max(other.nearest, likeness(candidate.row, other.candidate.row));
  }
  return chosen;
}
