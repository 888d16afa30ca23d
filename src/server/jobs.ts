/** Jobs: lists of queries, worked off one after the other while nobody waits for an answer. */
import { randomUUID } from 'node:crypto';
import { HitTable, NO_COLUMNS, QUERY_COLUMNS, columnsWith, queryCells } from '../api/index.ts';
import type { HitColumns, Job, JobPage, JobProblem, JobRequest, JobResult, SearchOptions, SearchResponse, Table, TableRow } from '../api/index.ts';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import type { ErrorCode, Logger } from '../core/index.ts';
import type { JobQueryRow, JobStore, StoredJob } from '../store/index.ts';
import type { Gate } from './gate.ts';
import { JobBook, problemOf } from './job-book.ts';
import { JobLine } from './job-line.ts';
import type { HeldIndex, SearchService } from './service.ts';

/** What may pass when it is tried again. */
const PASSING: readonly ErrorCode[] = ['WORKER_FAILED', 'OVERLOADED'];
const ATTEMPTS = 3;
/** What is wrong with the options or the bundle, and so with every query. */
const FATAL: readonly ErrorCode[] = [
  'ARGUMENT_INVALID', 'SMARTS_INVALID', 'MODALITY_UNSUPPORTED', 'BUNDLE_NOT_FOUND', 'BUNDLE_INCOMPATIBLE', 'BUNDLE_CORRUPT',
];

export interface JobRunnerOptions {
  readonly service: SearchService;
  readonly store: JobStore;
  readonly gate: Gate;
  readonly logger: Logger;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Wall-clock time as ISO 8601. */
  readonly date: () => string;
}

type Outcome = { readonly response: SearchResponse } | { readonly problem: JobProblem };

export class JobRunner {
  private readonly service: SearchService;
  readonly book: JobBook;
  private readonly gate: Gate;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly date: () => string;
  private readonly line: JobLine;

  constructor({ service, store, gate, logger, now, date }: JobRunnerOptions) {
    this.service = service;
    this.book = new JobBook({ store, date });
    this.gate = gate;
    this.logger = logger;
    this.now = now;
    this.date = date;
    this.line = new JobLine({ book: this.book, kind: 'search', logger, work: (job, signal) => this.work(job, signal) });
  }

  /** Goes on with what an earlier run left. */
  start(): void {
    this.line.start();
  }

  /** Resolves when the query in hand is done; the rest is for the next start. */
  stop(): Promise<void> {
    return this.line.stop();
  }

  create({ queries, options: { index, ...options } }: JobRequest): Job {
    const found = this.service.indexes().find(({ name }) => index === undefined || name === index);
    if (found === undefined) throw absent(index);
    this.book.makeRoom();
    const id = randomUUID();
    this.book.store.add({
      id, kind: 'search', createdAt: this.date(), index: found.name, generation: found.generation, options,
      queries: queries.map((query, i) => ({ id: query.id ?? String(i + 1), text: query.text })),
    });
    this.start();
    return this.book.get(id);
  }

  async *results(id: string, { offset, limit }: JobPage): AsyncGenerator<JobResult> {
    for await (const { id: queryId, text, outcome } of this.book.store.results(id, offset, limit)) {
      yield { query: { id: queryId, text }, ...(outcome as Outcome) };
    }
  }

  /** One row a hit; the columns are those of all results that are there now. */
  table(id: string, page: JobPage): Table {
    const hits = new HitTable((this.book.stored(id).columns ?? NO_COLUMNS) as HitColumns, QUERY_COLUMNS);
    return { columns: hits.columns, rows: this.rows(id, page, hits) };
  }

  private async *rows(id: string, page: JobPage, hits: HitTable): AsyncGenerator<TableRow> {
    for await (const result of this.results(id, page)) {
      if ('response' in result) yield* hits.rows(result.response, queryCells(result.query));
    }
  }

  private async work(job: StoredJob, signal: AbortSignal): Promise<void> {
    const { id } = job;
    this.logger.info('job started', { job: id, done: job.done, total: job.total });
    try {
      // All of it by one generation: results of two builds of a bundle cannot stand in one list.
      await this.service.holding(job.index, async (held) => {
        requireGeneration(job, held);
        await this.workThrough(job, held, signal);
      });
    } catch (thrown) {
      const error = toIsoLensError(thrown);
      this.logger.error('job failed', { job: id, code: error.code, error: shown(thrown) });
      this.book.end(id, 'failed', problemOf(error));
    }
  }

  private async workThrough(job: StoredJob, held: HeldIndex, signal: AbortSignal): Promise<void> {
    const options = { ...(job.options as SearchOptions), index: job.index };
    let columns = (job.columns ?? NO_COLUMNS) as HitColumns;
    while (!signal.aborted) {
      const query = this.book.store.nextQuery(job.id);
      if (query === undefined) {
        this.book.end(job.id, 'done');
        this.logger.info('job done', { job: job.id });
        return;
      }
      const begun = this.now();
      const outcome = await this.answer(query, options, held, signal);
      if (outcome === undefined) return;
      if ('response' in outcome) columns = columnsWith(columns, outcome.response.hits);
      const change = { isRejected: 'problem' in outcome, workedMs: this.now() - begun, columns };
      await this.book.store.addOutcome(job.id, query.position, outcome, change);
      this.book.tell();
    }
  }

  /** undefined where it was not its turn before the job was cancelled or the service stopped. */
  private async answer({ text }: JobQueryRow, options: SearchOptions, held: HeldIndex, signal: AbortSignal): Promise<Outcome | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return { response: await this.gate.background(() => held.search({ kind: 'text', text }, options), signal) };
      } catch (thrown) {
        if (signal.aborted) return undefined;
        const error = toIsoLensError(thrown);
        if (FATAL.includes(error.code)) throw error;
        if (attempt < ATTEMPTS && PASSING.includes(error.code)) continue;
        if (error.code === 'INTERNAL') this.logger.error('query of a job failed', { error: shown(thrown) });
        return { problem: problemOf(error) };
      }
    }
  }
}

/** After a restart the index may be another. */
function requireGeneration({ index, generation }: StoredJob, held: HeldIndex): void {
  if (held.generation === generation) return;
  const message = `Expected ${index}@${generation}, with which the job began, but the index is now ${held.generation}; start it again.`;
  throw new IsoLensError('BUNDLE_INCOMPATIBLE', message);
}

/** A coded error may hold a structure, which is no matter for a log. */
function shown(thrown: unknown): string {
  if (thrown instanceof IsoLensError) return thrown.code;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

function absent(index: string | undefined): IsoLensError {
  return new IsoLensError('BUNDLE_NOT_FOUND', `Expected an index of this service but received ${JSON.stringify(index)}.`);
}

