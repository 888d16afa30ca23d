/** What a scan over a library's columns is asked, and what it answers. All of it is plain data: questions go to a worker thread. */
import type { Neighbours } from '../../ann/index.ts';
import type { Sent } from '../../bundle/index.ts';
import type { Matrix } from '../../core/index.ts';
import type { Mode, ProfileQuery, ScoreModel } from '../../score/index.ts';

/** Takes rows out. Those that compare with the query are given what they need of it. */
export type RowFilter =
  /** low <= value - own <= high; column: position among the descriptors. */
  | { readonly kind: 'window'; readonly column: number; readonly own: number; readonly low: number; readonly high: number }
  | { readonly kind: 'noAlerts' }
  | { readonly kind: 'otherScaffold'; readonly scaffold: number }
  /** Largest ECFP4 Tanimoto to the query. */
  | { readonly kind: 'unlike'; readonly query: ProfileQuery; readonly limit: number }
  /** Rows with all bits of every pattern. */
  | { readonly kind: 'patterns'; readonly patterns: readonly Uint8Array[] }
  | { readonly kind: 'only'; readonly rows: Int32Array }
  | { readonly kind: 'exclude'; readonly rows: Int32Array };

/** Rows that are left, as the words of a set, and how many were after each filter. */
export interface FilteredRows {
  readonly words: Uint32Array;
  readonly remaining: readonly number[];
}

export interface EmbeddingRequest {
  /** Place among the bundle's galleries. */
  readonly gallery: number;
  readonly vector: Float32Array;
  readonly k: number;
  readonly allowed: Uint32Array | undefined;
}

export interface CandidateRequest {
  readonly query: ProfileQuery;
  readonly mode: Mode;
  /** Words of the set of rows that may be shown; undefined: all. */
  readonly allowed: Uint32Array | undefined;
  /** Nearest rows by embedding, and how many by fingerprint and by pharmacophore join them; undefined: all that are allowed are candidates. */
  readonly among: { readonly nearest: Neighbours['labels']; readonly breadth: number } | undefined;
}

/** Candidates, best first: (rows), (rows), (rows, TERMS). */
export interface ScoredRows {
  readonly rows: Int32Array;
  /** Log-odds. */
  readonly ranks: Float64Array;
  readonly raw: Float64Array;
}

/** The rows nearest by ECFP4: no score, no graph. */
export interface FingerprintRequest {
  readonly query: ProfileQuery;
  readonly k: number;
  readonly allowed: Uint32Array | undefined;
}

export interface DiversifyRequest {
  /** Best first. */
  readonly rows: Int32Array;
  readonly relevance: Float64Array;
  readonly k: number;
  /** 0: relevance alone; towards 1 ever more by being unlike those before. */
  readonly lambda: number;
}

export type ScanRequest =
  | ({ readonly kind: 'embedding' } & EmbeddingRequest)
  | { readonly kind: 'filter'; readonly filters: readonly RowFilter[] }
  | ({ readonly kind: 'candidates' } & CandidateRequest)
  | ({ readonly kind: 'tanimoto' } & FingerprintRequest)
  | { readonly kind: 'terms'; readonly query: ProfileQuery; readonly rows: Int32Array }
  | ({ readonly kind: 'diversify' } & DiversifyRequest);

export type ScanAnswer = Neighbours | FilteredRows | ScoredRows | { readonly raw: Float64Array } | { readonly chosen: Int32Array };

/** What a worker is started with; memory that threads share is not copied. */
export interface SentMatrix {
  readonly data: Sent;
  readonly dimension: number;
}

export interface ScanSetup {
  /** Of each gallery, (count, dimension), unit rows of float32; those of the first are compared in the score. */
  readonly galleries: readonly [SentMatrix, ...SentMatrix[]];
  readonly columns: Sent;
  readonly score: ScoreModel | undefined;
  /** The TypeScript versions, even where the native ones are built. */
  readonly plain: boolean;
}

/** One way to scan; all of them give the same answers. */
export interface Scanner {
  /** At most `breadth` rows by falling ECFP4 Tanimoto, of equal ones the smaller. Every allowed row is compared. */
  byFingerprint(query: ProfileQuery, breadth: number, allowed: Uint32Array | undefined): Neighbours;
  /** The same by pharmacophore. */
  byPharmacophore(query: ProfileQuery, breadth: number, allowed: Uint32Array | undefined): Neighbours;
  /** The k nearest rows of embeddings by their cosine, compared with every allowed one. VECTOR_INVALID for a query that has no direction. */
  embedding(vectors: Matrix, query: Float32Array, k: number, allowed: Uint32Array | undefined): Neighbours;
  /** (rows, TERMS): raw terms, without evidence. */
  terms(query: ProfileQuery, rows: Int32Array): Float64Array;
  /** Takes rows out of a set; returns how many are left. */
  keep(filter: RowFilter, allowed: Uint32Array): number;
}
