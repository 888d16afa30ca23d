/** What the HTTP layer needs from the rest; the composition root (src/cli) provides it over open bundles. */
import type {
  Capabilities, DepictionRequest, EmbeddingRequest, EmbeddingResponse, FileFormat, IndexInfo, LibraryDetail, LibraryMap, Molecule, PlacedDepiction, PlacesRequest, PlacesResponse, ReadResponse,
  RecallRequest, RecallResponse, RejectPage, ReplacementRequest, ReplacementResponse, SearchOptions, SearchResponse, Table, UnderstandRequest, Understanding,
} from '../api/index.ts';

export type ServiceQuery =
  | { readonly kind: 'smiles'; readonly smiles: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'embedding'; readonly embedding: readonly number[] }
  | { readonly kind: 'image'; readonly bytes: Uint8Array; readonly via?: 'both' | 'reading' | 'embedding' | undefined }
  /** Sites of one perturbation, a stack of its channels each. */
  | { readonly kind: 'sites'; readonly sites: readonly Uint8Array[] }
  /** A table of profiles, and which perturbation of it is asked; it may be left out where there is one alone. */
  | { readonly kind: 'wells'; readonly table: Uint8Array; readonly perturbation?: string | undefined };

export interface WriteCall {
  /** A person waits for the file. */
  readonly urgent: boolean;
  /** Told of each row whose structure cannot be read: it is in the file, without coordinates. */
  readonly onSkipped?: (id: string) => void;
}

/** What a page about a library asks. Every name that is no open bundle's is refused with BUNDLE_NOT_FOUND. */
export interface LibraryService {
  library(name: string): Promise<LibraryDetail>;
  rejects(name: string, from: number, limit: number): Promise<RejectPage>;
  /** Ends early when nobody waits for the answer any more. */
  recall(name: string, request: RecallRequest, left: AbortSignal): Promise<RecallResponse>;
  /** MAP_MISSING where the bundle was made without one. */
  map(name: string): LibraryMap;
  places(name: string, request: PlacesRequest): Promise<PlacesResponse>;
}

/** One generation of a bundle. */
export interface HeldIndex {
  readonly generation: string;
  search(query: ServiceQuery, options: SearchOptions): Promise<SearchResponse>;
}

export interface SearchService extends LibraryService {
  /** Keeps the generation that answers now for as long as `work` runs, whatever is published meanwhile. */
  holding<Result>(index: string, work: (held: HeldIndex) => Promise<Result>): Promise<Result>;
  capabilities(): Capabilities;
  indexes(): IndexInfo[];
  search(query: ServiceQuery, options: SearchOptions): Promise<SearchResponse>;
  /** `structure`: its number in the picture, from 1. */
  read(bytes: Uint8Array, structure: number): Promise<ReadResponse>;
  replacements(request: ReplacementRequest): Promise<ReplacementResponse>;
  molecule(id: string, index: string | undefined): Promise<Molecule>;
  /** SVG text. */
  depict(request: DepictionRequest): Promise<string>;
  /** The same, with the places of atoms. */
  depictPlaced(request: DepictionRequest): Promise<PlacedDepiction>;
  understand(request: UnderstandRequest): Promise<Understanding>;
  /** A molecule that cannot be read fails alone. */
  embed(request: EmbeddingRequest): Promise<EmbeddingResponse>;
  /** A file in pieces of text. One bad row never ends it. */
  write(format: FileFormat, table: Table, call: WriteCall): AsyncIterable<string>;
}
