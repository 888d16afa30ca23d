/** Requests and answers for the OpenAPI document. They are made up of published facts; a test holds them against the schemas. */
import type { z } from 'zod';
import type { exportRequestSchema } from './export.ts';
import type { Job, JobProblem, JobRemoval, JobResult, jobRequestSchema } from './jobs.ts';
import type { ReadResponse } from './reading.ts';
import type { replacementRequestSchema, replacementResponseSchema } from './replacements.ts';
import type { EmbeddingResponse } from './embeddings.ts';
import type { Understanding } from './understanding.ts';
import type { Capabilities, DepictionRequest, Hit, IndexInfo, Molecule, SearchResponse, searchRequestSchema } from './schemas.ts';

const ASPIRIN = 'CC(=O)Oc1ccccc1C(=O)O';
const ASPIRIN_KEY = 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N';
const SALICYLAMIDE = 'NC(=O)c1ccccc1O';

const searchRequest: z.input<typeof searchRequestSchema> = {
  query: { smiles: ASPIRIN },
  k: 10,
  properties: ['mw<=450', 'logp~1'],
  noAlerts: true,
};

const hit: Hit = {
  id: 'DG000123',
  smiles: 'O=C(O)c1ccccc1O',
  names: ['Salicylic acid'],
  inchiKey: 'YGSDEFSMJLZEOE-UHFFFAOYSA-N',
  isQuery: false,
  score: 0.91,
  cosine: 0.78,
  percentile: 99.98,
  reading: null,
  tanimoto: 0.44,
  sameScaffold: true,
  terms: [{ id: 'embedding', raw: 0.78, value: 3.7, weight: 0.61, contribution: 2.257 }],
  reason: {
    kept: { queryAtoms: [4, 5, 6, 7, 8, 9, 10, 11, 12, 3], atoms: [8, 7, 6, 5, 4, 3, 1, 0, 2, 9] },
    lost: [0, 1, 2],
    added: [],
    changes: [{ kind: 'group', from: '*OC(C)=O', to: '*O', text: '*OC(C)=O -> *O', names: { from: 'acetoxy', to: 'hydroxy' } }],
    ionisation: { from: 'acid', to: 'acid' },
    scaffoldDistance: null,
    propertyChanges: { molecularWeight: -42.04, logP: -0.22, tpsa: -6.07 },
    evidence: null,
    text: 'Keeps 10 of 13 heavy atoms; changes: *OC(C)=O -> *O; same scaffold.',
  },
  descriptors: {
    molecularWeight: 138.12,
    logP: 1.09,
    tpsa: 57.53,
    hBondDonors: 2,
    hBondAcceptors: 2,
    rotatableBonds: 1,
    rings: 1,
    aromaticRings: 1,
    fractionCsp3: 0,
    heavyAtoms: 10,
    stereoCentres: 0,
    charge: 0,
  },
  alerts: [],
  properties: { target: 'PTGS1' },
};

const query = { kind: 'smiles', smiles: ASPIRIN, input: ASPIRIN, inchiKey: ASPIRIN_KEY, removed: [], warnings: [], held: { id: 'DG000042', names: ['Aspirin'] }, descriptors: { molecularWeight: 180.16, logP: 1.31 }, applicability: { atoms: 13, known: 13, isFar: false, nearest: { lower: 0.52, median: 0.66, upper: 0.79 } }, chance: null, reading: null };
const index = { name: 'demo', generation: '20261120-100000', count: 52_196 };

const searchResponse: SearchResponse = {
  query,
  index,
  mode: 'default',
  filters: [{ filter: 'mw<=450', remaining: 41_220 }],
  hits: [hit],
  tookMs: 41.7,
};

const pictureResponse: SearchResponse = {
  query: {
    kind: 'image', smiles: null, input: null, inchiKey: null, removed: [], warnings: [], held: null, descriptors: null, applicability: null, chance: 0.93,
    reading: { smiles: 'O=C(O)c1ccccc1O', inchiKey: 'YGSDEFSMJLZEOE-UHFFFAOYSA-N', molfile: '\n  IsoLens\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n', confidence: 0.88 },
  },
  index,
  mode: 'similarity',
  filters: [],
  hits: [{ ...hit, score: 0.9, cosine: 0.53, reading: 1, percentile: null, tanimoto: null, sameScaffold: null, terms: [], reason: null }],
  tookMs: 118,
};

const cellsResponse: SearchResponse = {
  ...pictureResponse,
  query: { ...pictureResponse.query, kind: 'sites', chance: null, reading: null },
  hits: pictureResponse.hits.map((one) => ({ ...one, reading: null, score: one.cosine })),
};

const profileResponse: SearchResponse = { ...cellsResponse, query: { ...cellsResponse.query, kind: 'wells', input: 'fluphenazine (4 wells)' } };

const replacementRequest: z.input<typeof replacementRequestSchema> = { smiles: 'CC(=O)Nc1ccc(O)cc1', atoms: [8], k: 5 };

const evidence: z.output<typeof replacementResponseSchema>['groups'][number]['replacements'][number] = {
  from: '[*:1]O',
  name: 'amino',
  to: '[*:1]N',
  pairs: 40,
  assays: 21,
  contexts: 33,
  kept: 22,
  lost: 1,
  gained: 0,
  deltaActivity: { pairs: 39, mean: -0.2, sd: 0.7, quantiles: { q10: -1.1, q50: -0.2, q90: 0.6 }, keptShare: 0.55 },
  histogram: { from: -3, width: 0.25, counts: [0, 0, 0, 0, 0, 0, 1, 1, 2, 4, 6, 9, 8, 4, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0] },
  deltaLogP: -0.3,
  deltaTpsa: 5.8,
  environment: { radius: 1, pairs: 12, kept: 7, meanDelta: -0.1 },
  ionisation: 'neutral',
  isostere: true,
  textbook: true,
  needed: { pairs: 4, kept: 2, expectedKept: 0.51 },
  expectedKept: 0.56,
  score: 0.38,
};

const replacementResponse: z.output<typeof replacementResponseSchema> = {
  query: {
    kind: 'molecule',
    smiles: 'CC(=O)Nc1ccc(O)cc1',
    input: 'CC(=O)Nc1ccc(O)cc1',
    inchiKey: 'RZVAJINKPMORJF-UHFFFAOYSA-N',
    removed: [],
    warnings: [],
  },
  groups: [{ fragment: '[*:1]O', name: 'hydroxy', atoms: [8], environment: ['*c(c)c'], ionisation: 'neutral', total: 212, replacements: [evidence] }],
  proposals: [
    {
      smiles: 'CC(=O)Nc1ccc(N)cc1',
      inchiKey: 'CHMBIJAOCISYEW-UHFFFAOYSA-N',
      virtual: true,
      id: null,
      names: [],
      group: 0,
      from: '[*:1]O',
      to: '[*:1]N',
      evidence,
      cosine: 0.83,
      tanimoto: 0.57,
      properties: { molecularWeight: 150.18, logP: 1.23, tpsa: 55.12 },
      changes: { molecularWeight: -0.98, logP: -0.12, tpsa: 5.79 },
    },
  ],
  refused: 0,
  index: 'demo',
  tookMs: 88,
};

const molecule: Molecule = {
  id: 'DG000042',
  otherIds: [],
  smiles: ASPIRIN,
  names: ['Aspirin'],
  inchiKey: ASPIRIN_KEY,
  properties: { target: 'PTGS1' },
  index: 'demo',
};

const depictionRequest: Partial<DepictionRequest> & Pick<DepictionRequest, 'smiles'> = {
  smiles: SALICYLAMIDE,
  alignTo: ASPIRIN,
  highlightDifference: true,
  width: 260,
  height: 180,
  theme: 'light',
};

const indexInfo: IndexInfo = {
  ...index,
  dimension: 256,
  backend: 'hnsw',
  modalities: ['drawing', 'fingerprint'],
  createdAt: '2026-11-20T10:00:00.000Z',
  rejected: 2,
  licence: 'CC0',
  link: 'https://example.org/{id}',
  hasMap: true,
};

const capabilities: Capabilities = {
  version: '0.1.0',
  modalities: [{ id: 'drawing', source: 'image', summary: 'A drawn structure.' }],
  imageFormats: ['png', 'jpeg', 'webp', 'gif', 'tiff'],
  groups: [{ name: 'sulfonamide', smarts: '[SX4](=O)(=O)[NX3]' }],
  limits: { maxK: 10_000, maxSmilesCharacters: 1000, maxAtoms: 250, maxImageBytes: 20_971_520, maxImagePixels: 25_000_000 },
  indexes: ['demo'],
};

/** Chloromethane is small enough to show whole. */
const readResponse: ReadResponse = {
  smiles: 'CCl',
  inchiKey: 'NEHMKBQYUWJMIP-UHFFFAOYSA-N',
  molfile: '\n  IsoLens\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.0000 Cl  0  0\n  1  2  1  0\nM  END\n',
  confidence: 0.97,
  atoms: [
    { x: 20.5, y: 40.25, label: 'C', charge: 0, confidence: 0.99 },
    { x: 70.5, y: 40, label: 'Cl', charge: 0, confidence: 0.98 },
  ],
  bonds: [{ begin: 0, end: 1, order: 1, stereo: 'none', confidence: 0.99 }],
  drawnAtoms: [0, 1],
  box: { left: 12, top: 31, right: 84, bottom: 50 },
  structures: [],
  picture: { width: 96, height: 80 },
  removed: [],
  warnings: [],
  tookMs: 84.2,
};

/** A real one has as many numbers as the encoder's space has dimensions. */
const embeddingResponse: EmbeddingResponse = {
  index: 'demo',
  generation: '20261120T100000Z-1a2b3c4d',
  tower: 'structure',
  dimension: 4,
  results: [{ embedding: [0.5, -0.5, 0.1, 0.7] }, { error: { code: 'SMILES_SYNTAX', message: 'Expected a SMILES but received "not one"; at character 1 there is no atom.' } }],
};

const understanding: Understanding = {
  kind: 'name',
  smiles: ASPIRIN,
  inchiKey: ASPIRIN_KEY,
  formula: 'C9H8O4',
  id: 'DG000042',
  names: ['Aspirin'],
  removed: [],
  warnings: [],
  descriptors: { ...hit.descriptors, molecularWeight: 180.16 },
  alerts: [],
  ionisation: 'acid',
  index: 'demo',
};

const exportRequest: z.input<typeof exportRequestSchema> = {
  format: 'csv',
  records: [{ smiles: SALICYLAMIDE, id: 'A-1', fields: { score: 0.91, note: 'to order' } }],
  name: 'shortlist',
  provenance: { query: ASPIRIN, index: 'demo' },
};

/** The same row in each format; a file of molecules has a molfile in front of the data. */
const files = {
  sdf: `A-1\n  IsoLens\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n>  <id>\nA-1\n\n>  <smiles>\n${SALICYLAMIDE}\n\n$$$$\n`,
  smiles: `${SALICYLAMIDE}\tA-1\n`,
  csv: `id,smiles,score,note\r\nA-1,${SALICYLAMIDE},0.91,to order\r\n`,
  jsonl: `{"id":"A-1","smiles":"${SALICYLAMIDE}","score":0.91,"note":"to order"}\n`,
} as const;

const jobRequest: z.input<typeof jobRequestSchema> = {
  queries: [{ text: 'aspirin' }, { id: 'mine', text: SALICYLAMIDE }, { text: 'C(' }],
  options: { k: 10, noAlerts: true },
};

const job: Job = {
  id: '0d4f6a52-6b0e-4a55-9a53-0f1f0a3f5a10',
  kind: 'search',
  stage: null,
  state: 'running',
  createdAt: '2026-11-21T09:00:00.000Z',
  startedAt: '2026-11-21T09:00:00.040Z',
  finishedAt: null,
  total: 3,
  done: 2,
  rejected: 1,
  perSecond: 8.2,
  secondsLeft: 0.1,
  index: 'demo',
  generation: index.generation,
  options: { k: 10, noAlerts: true, exact: false, excludeSelf: false },
  problem: null,
};

const jobProblem: JobProblem = {
  code: 'SMILES_SYNTAX',
  title: 'The SMILES cannot be read',
  detail: 'Expected a closing bracket but the SMILES ends.',
};

const indexJob: Job = {
  ...job,
  kind: 'index',
  stage: 'molecules',
  index: 'mine',
  generation: '',
  total: 250_000,
  done: 61_440,
  rejected: 12,
  perSecond: 980.1,
  secondsLeft: 192.4,
  options: { format: 'csv', idColumn: 'compound' },
};

const jobResults: { job: Job; results: JobResult[] } = {
  job,
  results: [
    { query: { id: '1', text: 'aspirin' }, response: searchResponse },
    { query: { id: '3', text: 'C(' }, problem: jobProblem },
  ],
};

const jobRemoval: JobRemoval = { deleted: false, job: { ...job, state: 'cancelled', finishedAt: '2026-11-21T09:00:02.000Z', secondsLeft: null } };

export const EXAMPLES = {
  embeddingRequest: { smiles: ['CC(=O)Oc1ccccc1C(=O)O', 'not one'] },
  embeddingResponse,
  understandRequest: { text: 'aspirin' },
  understanding,
  placedDepiction: { svg: '<svg xmlns="http://www.w3.org/2000/svg" width="260px" height="180px" viewBox="0 0 260 180"></svg>', smiles: 'CCl', atoms: [[101.5, 90], [158.5, 90]] },
  exportRequest,
  files,
  jobRequest,
  job,
  jobs: [job],
  jobResults,
  indexJob,
  jobRemoval,
  searchRequest,
  searchResponse,
  pictureResponse,
  cellsResponse,
  profileResponse,
  readResponse,
  replacementRequest,
  replacementResponse,
  molecule,
  depictionRequest,
  indexes: [indexInfo],
  capabilities,
  metrics: 'isolens_http_requests_total{method="POST",route="/v1/search",status="200"} 12\nisolens_index_molecules{index="demo"} 58603\n',
  depiction: '<svg xmlns="http://www.w3.org/2000/svg" width="260px" height="180px" viewBox="0 0 260 180"></svg>',
} as const;
