/** What a search asks of a library, wherever its molecules lie. Rows are counted as the library counts them. */
import type { Neighbours } from '../ann/index.ts';
import { galleriesOf } from '../bundle/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { STANDARDISER_VERSION } from '../chem/index.ts';
import type { AlertRule, Descriptors } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import { PROFILE_VERSION } from '../score/index.ts';
import type { ProfileQuery, ScoreModel } from '../score/index.ts';
import type { StoredMolecule } from '../store/index.ts';
import type { CandidateRequest, DiversifyRequest, FingerprintRequest, RowFilter, ScoredRows } from './scan/define.ts';

/** Looks molecules up; see `MoleculeStore` for what each name finds. */
export interface MoleculeSource {
  /** NOT_FOUND for a row that is none. */
  get(row: number): Promise<StoredMolecule>;
  /** In the order of `rows`. */
  getAll(rows: readonly number[]): Promise<StoredMolecule[]>;
  findId(id: string): Promise<StoredMolecule | undefined>;
  /** In the order of `ids`. */
  rowsOfIds(ids: readonly string[]): Promise<(number | undefined)[]>;
  findInchiKey(inchiKey: string): Promise<StoredMolecule | undefined>;
  findName(name: string, limit: number): Promise<StoredMolecule[]>;
  findNameOfSalt(name: string, limit: number): Promise<StoredMolecule[]>;
  /** Names that may be meant, the closest first. */
  namesNear(name: string): Promise<string[]>;
  /** Whether any stereoisomer of a molecule is there, by the first block of its InChIKey. */
  holdsConnectivity(connectivity: string): Promise<boolean>;
}

/** One of the manifest's galleries. */
export interface GalleryPlace {
  readonly tower: string;
  /** Among all of them. */
  readonly place: number;
}

export interface NearestRequest {
  /** Place among the manifest's galleries. */
  readonly gallery: number;
  readonly vector: Float32Array;
  readonly k: number;
  /** Compares with every row that is open. */
  readonly exact?: boolean | undefined;
  readonly efSearch?: number | undefined;
}

/** Rows that may be shown. */
export interface OpenRows {
  readonly size: number;
  /** Nothing was filtered out. */
  readonly isAll: boolean;
  /** Ascending. */
  list(): Promise<Int32Array>;
  /** The nearest by embedding, best first; of equal ones the smaller row. A library elsewhere gives some thousands at most. */
  nearest(request: NearestRequest): Promise<Neighbours>;
  /** Candidates of a query, best first, scored exactly; those that are likeliest to be good, where a library elsewhere is asked for very many. */
  candidates(request: Omit<CandidateRequest, 'allowed'>): Promise<ScoredRows>;
  /** The nearest by ECFP4, best first; of equal ones the smaller row. */
  fingerprint(request: Omit<FingerprintRequest, 'allowed'>): Promise<ScoredRows>;
}

/** What is told of a row beside its molecule. */
export interface RowFacts {
  readonly descriptors: Descriptors;
  readonly alerts: readonly AlertRule[];
}

export interface SearchLibrary {
  readonly manifest: BundleManifest;
  /** Folder of the encoders and of all other files that are not about single molecules. */
  readonly directory: string;
  readonly molecules: MoleculeSource;
  /** What hits are ranked by, where it was calibrated. */
  readonly score: ScoreModel | undefined;
  readonly all: OpenRows;
  /** Rows that pass all filters, and how many were left after each. */
  filter(filters: readonly RowFilter[]): Promise<{ readonly rows: OpenRows; readonly remaining: readonly number[] }>;
  only(rows: readonly number[]): OpenRows;
  /** Raw terms, in the order of `rows`: (rows, TERMS). */
  terms(query: ProfileQuery, rows: Int32Array): Promise<Float64Array>;
  /** Positions in the request's rows, as chosen. */
  diversify(request: DiversifyRequest): Promise<Int32Array>;
  /** A row as a query. */
  profileAt(row: number): Promise<ProfileQuery>;
  /** As the rows are numbered, 0 for none, -1 for one that no row has. */
  scaffoldNumber(scaffold: string): Promise<number>;
  /** In the order of `rows`; equal numbers, equal Murcko scaffolds, 0 for none. */
  scaffoldsOf(rows: readonly number[]): Promise<Int32Array>;
  /** In the order of `rows`. */
  factsOf(rows: readonly number[]): Promise<RowFacts[]>;
  /** Embeddings in the order of `rows`: (rows, dimension), unit rows, not to be written to. gallery: place among the manifest's. */
  vectorsOf(gallery: number, rows: readonly number[]): Promise<Matrix>;
  close(): Promise<void>;
}

/** What a query can be compared with, in the manifest's order. */
export function galleryPlaces(manifest: BundleManifest): [GalleryPlace, ...GalleryPlace[]] {
  return galleriesOf(manifest).map(({ tower }, place) => ({ tower, place })) as [GalleryPlace, ...GalleryPlace[]];
}

/** BUNDLE_INCOMPATIBLE where its molecules were standardised, or its columns counted, in another way than queries are. */
export function requireVersions({ name, chemistry }: BundleManifest): void {
  for (const [part, version] of [['standardiser', STANDARDISER_VERSION], ['profile', PROFILE_VERSION]] as const) {
    const made = chemistry[part];
    if (made !== version) throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a bundle made with ${part} ${version} but "${name}" was made with ${made ?? 'an unknown one'}; build it again.`);
  }
}
