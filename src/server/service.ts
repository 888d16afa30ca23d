/** What the HTTP layer needs from the rest; the composition root (src/cli) provides it over open bundles. */
import type { Capabilities, DepictionRequest, IndexInfo, Molecule, PlacedDepiction, ReadResponse, ReplacementRequest, ReplacementResponse, SearchOptions, SearchResponse, UnderstandRequest, Understanding } from '../api/index.ts';

export type ServiceQuery =
  | { readonly kind: 'smiles'; readonly smiles: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly bytes: Uint8Array; readonly via?: 'both' | 'reading' | 'embedding' | undefined };

export interface SearchService {
  capabilities(): Capabilities;
  indexes(): IndexInfo[];
  search(query: ServiceQuery, options: SearchOptions): Promise<SearchResponse>;
  /** `structure`: its number in the picture, from 1. */
  read(bytes: Uint8Array, structure: number): Promise<ReadResponse>;
  replacements(request: ReplacementRequest): Promise<ReplacementResponse>;
  molecule(id: string, index: string | undefined): Molecule;
  /** SVG text. */
  depict(request: DepictionRequest): Promise<string>;
  /** The same, with the places of atoms. */
  depictPlaced(request: DepictionRequest): Promise<PlacedDepiction>;
  understand(request: UnderstandRequest): Promise<Understanding>;
}
