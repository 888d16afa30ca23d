/** Lists of queries, and libraries that are indexed, in the background: types of `/v1/jobs`. */
import * as z from 'zod';
import { searchOptionsSchema, searchResponseSchema } from './schemas.ts';

export const MAX_JOB_QUERIES = 1000;
/** Queries times k. */
export const MAX_JOB_HITS = 200_000;
export const MAX_JOB_BYTES = 8 * 1024 * 1024;
export const JOB_KINDS = ['search', 'index'] as const;
/** How a library may come. */
export const LIBRARY_FORMATS = ['smi', 'csv', 'tsv', 'sdf', 'jsonl', 'parquet'] as const;
export const JOB_STATES = ['waiting', 'running', 'done', 'cancelled', 'failed'] as const;
const MAX_TEXT = 20_000;
const MAX_ID = 200;

const queryShape = { id: z.string().max(MAX_ID), text: z.string().max(MAX_TEXT) };

export const jobRequestSchema = z.strictObject({
  queries: z.array(z.strictObject({
    text: queryShape.text.meta({ description: 'An identifier, a name, an InChIKey or a SMILES, whichever it is.' }),
    id: queryShape.id.optional().meta({ description: 'What the query is called in the results; its number, from 1, where absent.' }),
  })).min(1).max(MAX_JOB_QUERIES),
  options: z.strictObject(searchOptionsSchema.shape).prefault({}).meta({ description: 'As of a search; the same for all queries.' }),
}).refine(({ queries, options }) => queries.length * options.k <= MAX_JOB_HITS, {
  path: ['options', 'k'], error: `Expected at most ${MAX_JOB_HITS} candidates in all: fewer queries, or a smaller k`,
}).meta({ id: 'JobRequest' });

const jobProblemSchema = z.strictObject({ code: z.string(), title: z.string(), detail: z.string() });
const time = z.string().nullable();

/** In an address, where all is text. */
const libraryText = z.string().min(1).max(5000).optional();

export const indexLibrarySchema = z.strictObject({
  format: z.enum(LIBRARY_FORMATS).meta({ description: 'What the body is; it may be gzipped, but for Parquet.' }),
  smilesColumn: libraryText.meta({ description: 'Column, or its number from 1, that holds the SMILES; found by its name where absent.' }),
  idColumn: libraryText.meta({ description: 'Column, field or number of the identifier.' }),
  nameColumn: libraryText.meta({ description: 'Column, field or number of the name.' }),
  licence: libraryText.meta({ description: 'Terms under which the molecules may be used; told with the index.' }),
  sourceUrl: libraryText.meta({ description: 'Where the library comes from.' }),
  link: libraryText.meta({ description: 'Where a molecule is described, e.g. https://example.org/{id}.' }),
}).meta({ id: 'IndexLibraryOptions' });

export const jobSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(JOB_KINDS).meta({ description: 'search: a list of queries. index: a library that is made searchable.' }),
  stage: z.string().nullable().meta({ description: 'Of an index: what is done now. "total" and "done" count the records, or the steps, of this stage.' }),
  state: z.enum(JOB_STATES).meta({
    description: 'cancelled: stopped before its end, what was done is kept. failed: it could not go on, "problem" says why.',
  }),
  createdAt: z.string(),
  startedAt: time,
  finishedAt: time,
  total: z.int().meta({ description: 'Queries, or records.' }),
  done: z.int().meta({ description: 'Those that were answered, read or rejected.' }),
  rejected: z.int().meta({ description: 'Of those, the ones that could not be used.' }),
  perSecond: z.number().nullable().meta({ description: 'Done a second so far; null before the first.' }),
  secondsLeft: z.number().nullable().meta({ description: 'Of a running job, at this rate.' }),
  index: z.string(),
  generation: z.string().meta({ description: 'Of the index that is searched, or that was made; empty until it is made.' }),
  options: z.record(z.string(), z.unknown()).meta({ description: 'Of the search, defaults included; of an index, how its file is read.' }),
  problem: jobProblemSchema.nullable().meta({ description: 'Why it failed.' }),
}).meta({ id: 'Job' });

const jobQuerySchema = z.strictObject({ id: z.string(), text: z.string() });

export const jobResultSchema = z.union([
  z.strictObject({ query: jobQuerySchema, response: searchResponseSchema }),
  z.strictObject({ query: jobQuerySchema, problem: jobProblemSchema }),
]).meta({ id: 'JobResult' });

export const jobResultsSchema = z.strictObject({
  job: jobSchema,
  results: z.array(jobResultSchema).meta({ description: 'In the order of the queries; of a job that runs, what is there so far.' }),
}).meta({ id: 'JobResults' });

/** A part of the results, counted in queries. */
export const jobPageSchema = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0).meta({ description: 'Leave out so many queries.' }),
  limit: z.coerce.number().int().min(1).max(MAX_JOB_QUERIES).default(MAX_JOB_QUERIES)
    .meta({ description: 'Results of at most so many queries.' }),
});

export const jobRemovalSchema = z.strictObject({
  deleted: z.boolean().meta({
    description: 'Whether it is gone. false: it was not finished and is now cancelled; what it had done is kept.',
  }),
  job: jobSchema,
}).meta({ id: 'JobRemoval' });

export type JobRequest = z.output<typeof jobRequestSchema>;
export type Job = z.output<typeof jobSchema>;
export type JobProblem = z.output<typeof jobProblemSchema>;
export type JobQuery = z.output<typeof jobQuerySchema>;
export type JobResult = z.output<typeof jobResultSchema>;
export type JobPage = z.output<typeof jobPageSchema>;
export type JobRemoval = z.output<typeof jobRemovalSchema>;
export type IndexLibraryOptions = z.output<typeof indexLibrarySchema>;
