/** Requests and answers about one library, for the OpenAPI document; a test holds them against the schemas. */
import type * as z from 'zod';
import type {
  LibraryDetail, LibraryMap, PlacesRequest, PlacesResponse, RecallResponse, RejectPage, recallRequestSchema,
} from './library.ts';

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const generation = { index: 'demo', generation: '20261120T100000Z-9d2a0cd6' };
const method = 'UMAP of landmarks, the others among their nearest';

const detail: LibraryDetail = {
  name: 'demo',
  generation: generation.generation,
  createdAt: '2026-11-20T10:00:00.000Z',
  refused: null,
  formatVersion: 2,
  count: 52_196,
  records: 52_202,
  merged: 4,
  rejected: { total: 2, codes: { SMILES_SYNTAX: 1, SMILES_VALENCE: 1 } },
  licence: 'CC0',
  sourceUrl: 'https://example.org/library',
  link: 'https://example.org/{id}',
  sources: [{ file: 'library.smi.gz', bytes: 801_803, sha256: SHA256, records: 52_202 }],
  columns: [{ name: 'target', filled: 0.34, example: 'Cyclooxygenase 1 and 2' }],
  command: 'isolens index --input library.smi.gz --bundle demo --backend hnsw --seed 1',
  seed: 1,
  chemistry: { standardiser: '3', profile: '1.1' },
  vectors: { dimension: 256, metric: 'cosine' },
  backend: { id: 'hnsw', parameters: { m: 24, efConstruction: 120, efSearch: 200, seed: 100 } },
  files: [{ path: 'vectors.f32', bytes: 53_448_704, sha256: SHA256 }],
  totalBytes: 53_448_704,
  model: {
    id: 'drawing-structure',
    summary: 'Drawn structures and molecules in one space.',
    licence: null,
    heldOut: '1,462 molecules that must not be seen were left out of the training data.',
    modalities: ['drawing', 'fingerprint'],
    encoders: [{
      name: 'structure', modality: 'fingerprint', encoder: 'mlp', config: { hidden: [1024, 512] },
      modalityConfig: { radius: 2, bits: 4096 }, gallery: true, bytes: 18_173_019, sha256: SHA256,
    }],
    score: {
      terms: [{ id: 'embedding', summary: 'Cosine of the embeddings.' }],
      modes: { default: { intercept: -5.4742, weights: { embedding: 1.6674 } } },
      bands: { tanimoto: [0, 0.35, 1], cosine: [-1, 0.6, 1], alike: [[0.02, 0.08], [0.41, 0.86]], pairs: [[31_204, 210], [890, 640]] },
      provenance: { assays: 400, seed: 1 },
    },
    card: { recipe: 'drawing-structure', seed: 1 },
  },
  reader: { summary: 'Reads a drawn structure: atoms, bonds, charges, groups and stereo, place by place.', licence: 'MIT', card: { recipe: 'structure-reader' } },
  map: { method, neighbourShare: 0.62, principalShare: 0.04 },
};

const rejects: RejectPage = {
  ...generation,
  total: 2,
  from: 0,
  rows: [{ line: 4, id: 'C', input: 'not a smiles', code: 'SMILES_SYNTAX', message: 'Expected an atom at position 1 but received "n".' }],
};

const recallRequest: z.input<typeof recallRequestSchema> = { queries: 100, k: 10, efSearch: 100 };
const recall: RecallResponse = { ...generation, queries: 100, k: 10, efSearch: 100, recall: 0.994, hnswMs: 0.42, exactMs: 21.7 };
const points: LibraryMap['points'] = [[0.12, 0.9], [0.5, 0.48], [1, 0.31]];
const map: LibraryMap = { ...generation, count: 52_196, sampled: 3, points, method, neighbourShare: 0.62 };
const placesRequest: PlacesRequest = { ids: ['DG000042', 'nobody'], smiles: 'CC(=O)Oc1ccccc1C(=O)O' };
const places: PlacesResponse = { places: [[0.12, 0.9], null], query: [0.121, 0.899] };

export const LIBRARY_EXAMPLES = { detail, rejects, recallRequest, recall, map, placesRequest, places } as const;
