import type { AlertRule, Descriptors, IonisationClass } from '../chem/index.ts';
import { MODES } from '../score/index.ts';
import type { Applicability, TermValue } from '../score/index.ts';
import type { FilterStep, SearchFilters } from './filters.ts';
import type { Reason } from './reasons.ts';
import type { PropertyValue } from '../store/index.ts';
import type { ErrorCode, ErrorDetails } from '../core/index.ts';

/** What can be asked. `text` is whatever a person types: an identifier, a name, an InChIKey or a SMILES. */
export type SearchQuery =
  | { readonly kind: 'smiles'; readonly smiles: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string }
  /** As an encoder of the bundle gives it, or a mean of several; its length does not matter. */
  | { readonly kind: 'embedding'; readonly vector: Float32Array }
  | { readonly kind: 'image'; readonly bytes: Uint8Array; readonly via?: PictureVia | undefined }
  | CellsQuery;

/** What treated cells looked like: sites of one perturbation, each the files of its channels or one stack, or its profile as the encoder reads it. */
export type CellsQuery =
  | { readonly kind: 'sites'; readonly sites: readonly (readonly Uint8Array[])[] }
  | { readonly kind: 'wells'; readonly features: Float32Array; readonly name: string; readonly warnings: readonly string[] };

/**
 * What of a picture is asked: the molecule that was read, as if its SMILES were given; the picture as a whole; or both together, to find
 * the drawn molecule.
 */
export const PICTURE_VIAS = ['both', 'reading', 'embedding'] as const;
export type PictureVia = (typeof PICTURE_VIAS)[number];

/** The score's modes, and the plain orders: by the cosine, and by the Tanimoto similarity of ECFP4. */
export const SEARCH_MODES = [...MODES, 'similarity', 'tanimoto'] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

export const REASONS_WANTED = ['none', 'top', 'all'] as const;
export type ReasonsWanted = (typeof REASONS_WANTED)[number];
/** As many as a screen shows. */
export const TOP_REASONS = 10;

export interface SearchOptions extends SearchFilters {
  readonly k: number;
  /** Default: `default`, where the bundle has a score and the query is a molecule; `similarity` elsewhere. */
  readonly mode?: SearchMode | undefined;
  /** Of which candidates it is said what is kept and what changes: of none, the first TOP_REASONS, or all; default all. */
  readonly reasons?: ReasonsWanted | undefined;
  /** Leaves out candidates whose `score` is below this. */
  readonly minScore?: number | undefined;
  /** Modality, or name, of the tower that reads the query; default: the gallery's for a molecule, the first that reads it for a picture. */
  readonly from?: string | undefined;
  /** Modality, or name, of the tower whose vectors of the library the query is compared with; default: the gallery's. */
  readonly to?: string | undefined;
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
  /** The compound that was asked about. */
  readonly isQuery: boolean;
  /** What ranks, 0 to 1 (see TERMS); in the mode `similarity` the cosine, in the mode `tanimoto` the Tanimoto similarity. */
  readonly score: number;
  /** Of the embeddings. */
  readonly cosine: number;
  /** To what was read of a picture, 0 to 1; null elsewhere. */
  readonly reading: number | null;
  /** Share of random pairs, in percent, whose cosine is less; null for a picture. */
  readonly percentile: number | null;
  /** ECFP4, to the query molecule; null where the query is no molecule. */
  readonly tanimoto: number | null;
  /** Equal Murcko scaffolds; null where the query is no molecule. */
  readonly sameScaffold: boolean | null;
  /** What each term adds to the log-odds; empty where no score ranks. */
  readonly terms: TermValue[];
  /** null where the query is no molecule, or none was asked for. */
  readonly reason: Reason | null;
  readonly descriptors: Descriptors;
  readonly alerts: { name: AlertRule['name']; source: AlertRule['source'] }[];
  readonly properties: Record<string, PropertyValue>;
}

/** What a text was understood as. */
export interface Understanding {
  readonly kind: 'identifier' | 'InChIKey' | 'name' | 'name of a salt' | 'SMILES' | 'InChI' | 'molfile';
  readonly smiles: string;
  readonly inchiKey: string;
  readonly formula: string;
  /** null where the library does not hold it. */
  readonly id: string | null;
  readonly names: string[];
  readonly removed: string[];
  readonly warnings: string[];
  readonly descriptors: Descriptors;
  readonly alerts: { name: AlertRule['name']; source: AlertRule['source'] }[];
  readonly ionisation: IonisationClass;
}

export interface PictureReading {
  /** The standardised parent; null where what was read is no molecule. */
  readonly smiles: string | null;
  readonly inchiKey: string | null;
  /** In the picture's own layout. */
  readonly molfile: string;
  /** That it is the drawn molecule, stereo aside: 0 to 1. */
  readonly confidence: number;
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
    /** What the library calls the molecule; null where it does not hold it. */
    readonly held: { readonly id: string; readonly names: string[] } | null;
    /** Of a molecule. */
    readonly descriptors: Descriptors | null;
    /** Of a molecule: how much of it the model has met; null where that was not counted. */
    readonly applicability: Applicability | null;
    /** Of a picture: the chance that the nearest molecule is the drawn one, 0 to 1; null elsewhere and where it was not fitted. */
    readonly chance: number | null;
    /** What was read of a picture; null elsewhere, and where nothing was. */
    readonly reading: PictureReading | null;
  };
  readonly index: { readonly name: string; readonly generation: string; readonly count: number };
  readonly mode: SearchMode;
  /** How many molecules were left after each filter, in order. */
  readonly filters: FilterStep[];
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
