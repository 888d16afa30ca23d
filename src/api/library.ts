/** What is told of one library: where it comes from, what was refused, how good its index is, and its map. */
import * as z from 'zod';

const MAX_IDS = 10_000;
const LINK = 'Where a molecule is described elsewhere: an address with {id}, {inchiKey} or {smiles} in it.';
const share = z.number().min(0).max(1);
const facts = z.record(z.string(), z.unknown());
const generation = { index: z.string().meta({ description: 'Name of the bundle.' }), generation: z.string() };

export const libraryEncoderSchema = z.strictObject({
  name: z.string(),
  modality: z.string().meta({ description: 'What it reads.' }),
  encoder: z.string().meta({ description: 'Its architecture.' }),
  config: facts.meta({ description: 'Parameters of the architecture.' }),
  modalityConfig: facts.meta({ description: 'How what it reads is prepared.' }),
  gallery: z.boolean().meta({ description: 'Whether it embedded the library.' }),
  bytes: z.int(),
  sha256: z.string(),
});

export const libraryScoreSchema = z.strictObject({
  terms: z.array(z.strictObject({ id: z.string(), summary: z.string() })),
  modes: z.record(z.string(), z.strictObject({ intercept: z.number(), weights: z.record(z.string(), z.number()) }))
    .meta({ description: 'Of each way of ranking: the log-odds are the intercept and the sum of weight times term.' }),
  bands: z.strictObject({ tanimoto: z.array(z.number()), cosine: z.array(z.number()), alike: z.array(z.array(z.number())), pairs: z.array(z.array(z.int())) }).nullable()
    .meta({ description: 'Of measured pairs whose cosine lies between cosine[j] and cosine[j + 1] and whose ECFP4 Tanimoto lies between tanimoto[i] and tanimoto[i + 1], the share alike[j][i] of pairs[j][i] acted alike: pairs of assays that no encoder was trained on, kinds of pairs weighed as in the fit. null where it was not counted.' }),
  provenance: facts.meta({ description: 'What it was fitted on.' }),
});

export const libraryDetailSchema = z.strictObject({
  name: z.string(),
  generation: z.string(),
  createdAt: z.string(),
  refused: z.strictObject({ code: z.string(), message: z.string() }).nullable()
    .meta({ description: 'Why a newer generation is not the one that answers; null where there is none.' }),
  formatVersion: z.int(),
  count: z.int().meta({ description: 'Distinct molecules.' }),
  records: z.int().meta({ description: 'Records that were read.' }),
  merged: z.int().meta({ description: 'Records that are the same molecule as an earlier one.' }),
  rejected: z.strictObject({
    total: z.int(),
    codes: z.record(z.string(), z.int()).meta({ description: 'Records by the code of the reason.' }),
  }),
  licence: z.string().nullable().meta({ description: 'Terms of the molecules, as whoever made the bundle states them.' }),
  sourceUrl: z.string().nullable(),
  link: z.string().nullable().meta({ description: LINK }),
  sources: z.array(z.strictObject({ file: z.string(), bytes: z.int(), sha256: z.string().nullable(), records: z.int() }))
    .meta({ description: 'The files of the library; no SHA-256 where it came by standard input.' }),
  columns: z.array(z.strictObject({
    name: z.string(),
    filled: share.meta({ description: 'Share of the molecules that have a value in it.' }),
    example: z.union([z.string(), z.number()]),
  })).meta({ description: 'What else the library says of its molecules, as 1,000 of them tell, evenly spread; all where there are fewer.' }),
  command: z.string(),
  seed: z.int(),
  chemistry: z.record(z.string(), z.string()).meta({ description: 'Versions of what decides the identity of a molecule.' }),
  vectors: z.strictObject({ dimension: z.int(), metric: z.string() }),
  backend: z.strictObject({ id: z.string(), parameters: facts }),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() })),
  totalBytes: z.int(),
  model: z.strictObject({
    id: z.string().nullable().meta({ description: 'null in bundles of earlier versions.' }),
    summary: z.string().nullable(),
    licence: z.string().nullable(),
    heldOut: z.string().nullable().meta({ description: 'What of the training data was kept apart, as the model card says.' }),
    modalities: z.array(z.string()),
    encoders: z.array(libraryEncoderSchema),
    score: libraryScoreSchema.nullable().meta({ description: 'null where none was calibrated.' }),
    card: facts.meta({ description: 'The model card as it stands.' }),
  }),
  reader: z.strictObject({ summary: z.string().nullable(), licence: z.string().nullable(), card: facts }).nullable()
    .meta({ description: 'What reads drawings for every library of the service; null where none is installed.' }),
  map: z.strictObject({ method: z.string(), neighbourShare: share, principalShare: share }).nullable(),
}).meta({ id: 'LibraryDetail' });

export const rejectQuerySchema = z.strictObject({
  from: z.coerce.number().int().min(0).default(0).meta({ description: 'Records to pass over.' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const rejectPageSchema = z.strictObject({
  ...generation,
  total: z.int(),
  from: z.int(),
  rows: z.array(z.strictObject({
    line: z.int().meta({ description: 'In the file of the library, from 1.' }),
    id: z.string().nullable(),
    input: z.string(),
    code: z.string(),
    message: z.string(),
  })),
}).meta({ id: 'RejectPage' });

export const recallRequestSchema = z.strictObject({
  queries: z.int().min(10).max(500).default(100).meta({ description: 'Molecules of the library to ask for, evenly spread.' }),
  k: z.int().min(1).max(100).default(10),
  efSearch: z.int().min(1).max(10_000).optional().meta({ description: 'Breadth of the HNSW search; the bundle\'s own where absent.' }),
}).meta({ id: 'RecallRequest' });

export const recallResponseSchema = z.strictObject({
  ...generation,
  queries: z.int().meta({ description: 'How many were asked: fewer than wanted where the library is small or time ran out.' }),
  k: z.int(),
  efSearch: z.int().nullable().meta({ description: 'null where the index knows none.' }),
  recall: share.meta({ description: 'Share of the k nearest of exact search that the index finds.' }),
  hnswMs: z.number().meta({ description: 'Median time of one query of the index.' }),
  exactMs: z.number().meta({ description: 'The same of comparing with every molecule.' }),
}).meta({ id: 'RecallResponse' });

const place = z.tuple([share, share]);

export const libraryMapSchema = z.strictObject({
  ...generation,
  count: z.int().meta({ description: 'Molecules of the library.' }),
  sampled: z.int().meta({ description: 'Points below: every molecule, or as many as are shown, evenly spread.' }),
  points: z.array(place),
  method: z.string(),
  neighbourShare: share.meta({ description: 'Of the 10 nearest by embedding, the share that is among the 100 nearest on the map.' }),
}).meta({ id: 'LibraryMap' });

export const placesRequestSchema = z.strictObject({
  ids: z.array(z.string().min(1).max(1000)).max(MAX_IDS).optional().meta({ description: 'Identifiers of the library.' }),
  smiles: z.string().optional().meta({ description: 'Any molecule: the library\'s own place for it, or one among those nearest to it.' }),
}).meta({ id: 'PlacesRequest' });

export const placesResponseSchema = z.strictObject({
  places: z.array(place.nullable()).meta({ description: 'One for each identifier, in order; null where the library has none such.' }),
  query: place.nullable().meta({ description: 'The place of the SMILES; null where none was given.' }),
}).meta({ id: 'PlacesResponse' });

export type LibraryDetail = z.output<typeof libraryDetailSchema>;
export type RejectPage = z.output<typeof rejectPageSchema>;
export type RecallRequest = z.output<typeof recallRequestSchema>;
export type RecallResponse = z.output<typeof recallResponseSchema>;
export type LibraryMap = z.output<typeof libraryMapSchema>;
export type PlacesRequest = z.output<typeof placesRequestSchema>;
export type PlacesResponse = z.output<typeof placesResponseSchema>;
