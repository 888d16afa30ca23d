/** How an operation may fail: its codes, gathered by HTTP status, as responses of the OpenAPI document. */
import { ERROR_KINDS, IsoLensError } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import { ref } from './components.ts';
import type { Json } from './components.ts';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts';

const EVERYWHERE: readonly ErrorCode[] = ['HOST_NOT_ALLOWED', 'INTERNAL'];
const STORED: readonly ErrorCode[] = ['BUNDLE_CORRUPT'];
/** A work place, a worker or the time may run out; what a bundle holds may turn out not to fit. */
const WORK: readonly ErrorCode[] = ['OVERLOADED', 'WORKER_FAILED', 'CANCELLED', 'MODEL_INVALID', 'BUNDLE_INCOMPATIBLE', ...STORED];
const BODY: readonly ErrorCode[] = ['REQUEST_INVALID', 'REQUEST_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'];
/** Answers in one of several formats. */
const FORMATS: readonly ErrorCode[] = ['NOT_ACCEPTABLE'];
const STORED_JOBS: readonly ErrorCode[] = ['DISK_FULL'];
const MOLECULE: readonly ErrorCode[] = [
  'SMILES_EMPTY',
  'SMILES_TOO_LONG',
  'SMILES_TOO_COMPLEX',
  'SMILES_SYNTAX',
  'SMILES_VALENCE',
  'SMILES_UNCLOSED_RING',
  'SMILES_KEKULIZE',
  'SMILES_IS_REACTION',
  'SMILES_IS_QUERY',
  'MOLECULE_UNSUPPORTED',
  'MOLECULE_TIMEOUT',
];
const IMAGE: readonly ErrorCode[] = [
  'IMAGE_EMPTY',
  'IMAGE_FORMAT_UNSUPPORTED',
  'IMAGE_TOO_LARGE',
  'IMAGE_CORRUPT',
  'IMAGE_BLANK',
  'IMAGE_NOT_A_DRAWING',
  'DRAWING_UNREADABLE',
];
const SITE: readonly ErrorCode[] = ['IMAGE_EMPTY', 'IMAGE_FORMAT_UNSUPPORTED', 'IMAGE_TOO_LARGE', 'IMAGE_CORRUPT', 'IMAGE_BLANK'];
const TABLE: readonly ErrorCode[] = ['FILE_UNREADABLE', 'COLUMN_MISSING', 'RECORD_INVALID', 'DATASET_INVALID'];
const OPTIONS: readonly ErrorCode[] = ['ARGUMENT_INVALID', 'SMARTS_INVALID', 'BUNDLE_NOT_FOUND', 'MODALITY_UNSUPPORTED'];

const LIBRARY: readonly ErrorCode[] = [...WORK, 'BUNDLE_NOT_FOUND'];

/** What can go wrong with each operation beside what can go wrong with any. */
export const PROBLEMS = {
  search: [...BODY, ...FORMATS, ...OPTIONS, ...MOLECULE, ...WORK, 'NOT_FOUND', 'NAME_UNKNOWN', 'VECTOR_INVALID'],
  embed: [...BODY, 'ARGUMENT_INVALID', 'BUNDLE_NOT_FOUND', 'MODALITY_UNSUPPORTED', ...WORK],
  understand: [...BODY, 'ARGUMENT_INVALID', 'BUNDLE_NOT_FOUND', ...MOLECULE, ...WORK, 'NAME_UNKNOWN', 'VECTOR_INVALID'],
  searchByImage: [...BODY, ...FORMATS, ...OPTIONS, ...IMAGE, ...WORK, ...MOLECULE, 'VECTOR_INVALID'],
  searchByCells: [...BODY, ...FORMATS, ...OPTIONS, ...SITE, ...WORK, ...MOLECULE, 'VECTOR_INVALID'],
  searchByProfile: [...BODY, ...FORMATS, ...OPTIONS, ...TABLE, ...WORK, ...MOLECULE, 'NOT_FOUND', 'VECTOR_INVALID'],
  read: [...BODY, 'ARGUMENT_INVALID', ...IMAGE, ...MOLECULE, ...WORK, 'MODALITY_UNSUPPORTED'],
  replace: [
    ...BODY,
    ...OPTIONS,
    ...MOLECULE,
    ...WORK,
    'ATOM_NOT_FOUND',
    'GROUP_NOT_REPLACEABLE',
    'FRAGMENT_INVALID',
    'FILE_NOT_FOUND',
    'FILE_UNREADABLE',
    'VECTOR_INVALID',
  ],
  export: [...BODY, 'OVERLOADED', 'WORKER_FAILED', 'CANCELLED'],
  indexLibrary: ['REQUEST_INVALID', 'REQUEST_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', 'INDEXING_NOT_ALLOWED', 'ARGUMENT_INVALID', 'FILE_UNREADABLE', 'JOBS_FULL', ...STORED_JOBS],
  createJob: [...BODY, 'BUNDLE_NOT_FOUND', 'JOBS_FULL', ...STORED_JOBS],
  listJobs: ['REQUEST_INVALID'],
  getJob: ['REQUEST_INVALID', 'NOT_FOUND'],
  followJob: ['REQUEST_INVALID', 'NOT_FOUND', 'OVERLOADED'],
  removeJob: ['REQUEST_INVALID', 'NOT_FOUND', ...STORED_JOBS],
  getJobResults: ['REQUEST_INVALID', 'NOT_FOUND', ...FORMATS, 'WORKER_FAILED', 'CANCELLED'],
  getMolecule: ['REQUEST_INVALID', 'NOT_FOUND', 'NAME_UNKNOWN', 'BUNDLE_NOT_FOUND', ...STORED],
  depictMolecule: ['REQUEST_INVALID', 'NOT_FOUND', 'NAME_UNKNOWN', 'BUNDLE_NOT_FOUND', ...MOLECULE, ...WORK],
  depict: [...BODY, ...MOLECULE, ...WORK, 'ARGUMENT_INVALID'],
  getIndex: ['REQUEST_INVALID', ...LIBRARY],
  listRejects: ['REQUEST_INVALID', ...LIBRARY],
  measureRecall: [...BODY, ...LIBRARY],
  getMap: ['REQUEST_INVALID', 'BUNDLE_NOT_FOUND', 'MAP_MISSING', ...STORED],
  getReadiness: ['NOT_READY'],
  findPlaces: [...BODY, ...MOLECULE, ...LIBRARY, 'MAP_MISSING', 'VECTOR_INVALID'],
} as const satisfies Readonly<Record<string, readonly ErrorCode[]>>;

const text = (description: string): Json => ({ description, schema: { type: 'string' } });
const RETRY: Json = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } };
/** What comes with a refusal beside its code. */
const HEADERS: readonly (readonly [code: ErrorCode, headers: Json])[] = [
  ['OVERLOADED', RETRY],
  ['JOBS_FULL', RETRY],
  ['NOT_READY', RETRY],
  ['KEY_MISSING', { 'WWW-Authenticate': text('Bearer, with the reason.') }],
  [
    'RATE_LIMITED',
    {
      ...RETRY,
      RateLimit: text('What is left of the limit, and after how many seconds it is whole again. Every counted answer has it.'),
      'RateLimit-Policy': text('The limit: requests (q) in so many seconds (w).'),
    },
  ],
];

/** One response a status, which lists its codes and shows the first. */
export function problemResponses(codes: readonly ErrorCode[], path: string): Record<string, Json> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...codes, ...EVERYWHERE])) {
    const { status } = ERROR_KINDS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, listed]) => [String(status), problemResponse(listed, path)]),
  );
}

function problemResponse(codes: readonly ErrorCode[], path: string): Json {
  const schema = { allOf: [ref('Problem'), { type: 'object', properties: { code: { enum: codes } } }] };
  const description = codes.map((code) => `\`${code}\`: ${ERROR_KINDS[code].title}.`).join('\n');
  const headers = Object.assign({}, ...HEADERS.filter(([code]) => codes.includes(code)).map(([, named]) => named)) as Json;
  const told = Object.keys(headers).length > 0 ? { headers } : {};
  return { description, ...told, content: { [PROBLEM_MEDIA_TYPE]: { schema, example: exampleProblem(codes[0]!, path) } } };
}

function exampleProblem(code: ErrorCode, path: string): Json {
  return {
    ...problemOf(
      new IsoLensError(code, `${ERROR_KINDS[code].title}; what was expected and what to do is said here.`),
      path,
      '5b0f6c2e-7f38-4c58-9a0e-6c0d3b1f2a77',
    ),
  };
}
