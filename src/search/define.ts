import type { PropertyValue } from '../store/index.ts';
import type { ErrorCode, ErrorDetails } from '../core/index.ts';

/** What can be asked. `text` is whatever a person types: an identifier, a name, an InChIKey or a SMILES. */
export type SearchQuery =
  | { readonly kind: 'smiles'; readonly smiles: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly bytes: Uint8Array };

export interface SearchOptions {
  readonly k: number;
  /** Leaves out candidates below this cosine. */
  readonly minScore?: number | undefined;
  readonly efSearch?: number | undefined;
  /** Compares with every vector. */
  readonly exact?: boolean | undefined;
  /** Leaves out the query molecule itself (same InChIKey). */
  readonly excludeSelf?: boolean | undefined;
}

export interface SearchHit {
  readonly id: string;
  readonly smiles: string;
  readonly names: string[];
  readonly inchiKey: string;
  /** Cosine of the embeddings. */
  readonly score: number;
  /** Share of random pairs, in percent, that are less alike. */
  readonly percentile: number;
  /** ECFP4, to the query molecule; null where the query is no molecule. */
  readonly tanimoto: number | null;
  /** Equal Murcko scaffolds; null where the query is no molecule. */
  readonly sameScaffold: boolean | null;
  readonly properties: Record<string, PropertyValue>;
}

export interface SearchResult {
  readonly query: {
    readonly kind: string;
    /** What was searched: the standardised parent; null for an image. */
    readonly smiles: string | null;
    readonly input: string | null;
    readonly inchiKey: string | null;
    /** Counter-ions and solvents that were set aside. */
    readonly removed: string[];
    readonly warnings: string[];
  };
  readonly index: { readonly name: string; readonly generation: string; readonly count: number };
  readonly hits: SearchHit[];
  readonly tookMs: number;
}

export interface ItemFailure {
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

export type SearchOutcome = { readonly ok: true; readonly result: SearchResult } | { readonly ok: false; readonly error: ItemFailure };
