/** Jobs: lists of queries, worked off one after the other while nobody waits for an answer. */
import { randomUUID } from 'node:crypto';
import type { Job, JobPage, JobProblem, JobRemoval, JobRequest, JobResult, SearchOptions, SearchResponse } from '../api/index.ts';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import type { ErrorCode, Logger } from '../core/index.ts';
import type { JobQueryRow, JobStore, StoredJob } from '../store/index.ts';
import type { Gate } from './gate.ts';
import type { HeldIndex, SearchService } from './service.ts';
import { HitTable, NO_COLUMNS, QUERY_COLUMNS, columnsWith, queryCells } from './tables.ts';
import type { HitColumns, Table, TableRow } from './tables.ts';

const MAX_KEPT = 100;
const MAX_WAITING = 20;
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
  private readonly store: JobStore;
  private readonly gate: Gate;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly date: () => string;
  private readonly stopping = new AbortController();
  /** Of the job in hand: aborted when it is cancelled, so that it does not wait for its turn. */
  private current: { readonly id: string; readonly cancel: AbortController } | undefined;
  private isWorking = false;
  private working: Promise<void> = Promise.resolve();

  constructor({ service, store, gate, logger, now, date }: JobRunnerOptions) {
    this.service = service;
    this.store = store;
    this.gate = gate;
    this.logger = logger;
    this.now = now;
    this.date = date;
  }

  /** Goes on with what an earlier run left. */
  start(): void {
    if (this.isWorking || this.stopping.signal.aborted) return;
    this.isWorking = true;
    this.working = this.workAll();
  }

  /** Resolves when the query in hand is done; the rest is for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  create({ queries, options: { index, ...options } }: JobRequest): Job {
    const found = this.service.indexes().find(({ name }) => index === undefined || name === index);
    if (found === undefined) throw absent(index);
    this.makeRoom();
    const id = randomUUID();
    this.store.add({
      id, createdAt: this.date(), index: found.name, generation: found.generation, options,
      queries: queries.map((query, i) => ({ id: query.id ?? String(i + 1), text: query.text })),
    });
    this.start();
    return this.get(id);
  }

  /** The newest first. */
  list(): Job[] {
    return this.store.list().map(describe);
  }

  counts(): { readonly waiting: number; readonly running: number } {
    const states = this.store.list().map(({ state }) => state);
    const count = (wanted: StoredJob['state']): number => states.filter((state) => state === wanted).length;
    return { waiting: count('waiting'), running: count('running') };
  }

  get(id: string): Job {
    return describe(this.stored(id));
  }

  /** Cancels what has not ended; what has ended goes. */
  remove(id: string): JobRemoval {
    const job = this.stored(id);
    const isOpen = job.state === 'waiting' || job.state === 'running';
    if (!isOpen) {
      this.store.remove(id);
      return { deleted: true, job: describe(job) };
    }
    this.store.change(id, { state: 'cancelled', finishedAt: this.date() });
    if (this.current?.id === id) this.current.cancel.abort();
    return { deleted: false, job: this.get(id) };
  }

  async *results(id: string, { offset, limit }: JobPage): AsyncGenerator<JobResult> {
    for await (const { id: queryId, text, outcome } of this.store.results(id, offset, limit)) {
      yield { query: { id: queryId, text }, ...(outcome as Outcome) };
    }
  }

  /** One row a hit; the columns are those of all results that are there now. */
  table(id: string, page: JobPage): Table {
    const hits = new HitTable((this.stored(id).columns ?? NO_COLUMNS) as HitColumns, QUERY_COLUMNS);
    return { columns: hits.columns, rows: this.rows(id, page, hits) };
  }

  private async *rows(id: string, page: JobPage, hits: HitTable): AsyncGenerator<TableRow> {
    for await (const result of this.results(id, page)) {
      if ('response' in result) yield* hits.rows(result.response, queryCells(result.query));
    }
  }

  private stored(id: string): StoredJob {
    const job = this.store.find(id);
    if (job === undefined) throw new IsoLensError('NOT_FOUND', `Expected the id of a job that is kept but received ${JSON.stringify(id)}.`);
    return job;
  }

  /** Refuses where too many wait; else the oldest that has ended makes room. */
  private makeRoom(): void {
    const jobs = this.store.list();
    if (jobs.filter(({ state }) => state === 'waiting').length >= MAX_WAITING) {
      const message = `Expected at most ${MAX_WAITING} jobs that wait; try again when one of them has ended, or cancel one.`;
      throw new IsoLensError('JOBS_FULL', message);
    }
    const ended = jobs.filter(({ state }) => state !== 'waiting' && state !== 'running');
    const surplus = jobs.length + 1 - MAX_KEPT;
    if (surplus > 0) for (const { id } of ended.slice(-surplus)) this.store.remove(id);
  }

  private async workAll(): Promise<void> {
    try {
      for (let job = this.next(); job !== undefined; job = this.next()) await this.work(job);
    } catch (error) {
      // The store itself fails: nothing can be told in it. The next job that comes tries again.
      this.logger.error('jobs stopped', { error: String(error) });
    } finally {
      this.isWorking = false;
    }
  }

  private next(): StoredJob | undefined {
    return this.stopping.signal.aborted ? undefined : this.store.next();
  }

  private async work(job: StoredJob): Promise<void> {
    const { id } = job;
    const cancel = new AbortController();
    this.current = { id, cancel };
    this.store.change(id, { state: 'running', startedAt: this.date() });
    this.logger.info('job started', { job: id, done: job.done, total: job.total });
    try {
      // All of it by one generation: results of two builds of a bundle cannot stand in one list.
      await this.service.holding(job.index, async (held) => {
        requireGeneration(job, held);
        await this.workThrough(job, held, AbortSignal.any([this.stopping.signal, cancel.signal]));
      });
    } catch (thrown) {
      const error = toIsoLensError(thrown);
      this.logger.error('job failed', { job: id, code: error.code, error: shown(thrown) });
      this.store.change(id, { state: 'failed', finishedAt: this.date(), problem: problemOf(error) });
    } finally {
      this.current = undefined;
    }
  }

  private async workThrough(job: StoredJob, held: HeldIndex, signal: AbortSignal): Promise<void> {
    const options = { ...(job.options as SearchOptions), index: job.index };
    let columns = (job.columns ?? NO_COLUMNS) as HitColumns;
    while (!signal.aborted) {
      const query = this.store.nextQuery(job.id);
      if (query === undefined) {
        this.store.change(job.id, { state: 'done', finishedAt: this.date() });
        this.logger.info('job done', { job: job.id });
        return;
      }
      const begun = this.now();
      const outcome = await this.answer(query, options, held, signal);
      if (outcome === undefined) return;
      if ('response' in outcome) columns = columnsWith(columns, outcome.response.hits);
      const change = { isRejected: 'problem' in outcome, workedMs: this.now() - begun, columns };
      await this.store.addOutcome(job.id, query.position, outcome, change);
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

function problemOf({ code, title, message }: IsoLensError): JobProblem {
  // What went wrong inside is for the log.
  const detail = code === 'INTERNAL' ? 'Something failed that should not; the log of the service holds the details.' : message;
  return { code, title, detail };
}

function describe({ columns: _, workedMs, problem, ...job }: StoredJob): Job {
  const perSecond = job.done > 0 && workedMs > 0 ? (1000 * job.done) / workedMs : null;
  const isOpen = job.state === 'running' || job.state === 'waiting';
  const secondsLeft = isOpen && perSecond !== null ? (job.total - job.done) / perSecond : null;
  return {
    ...job,
    options: { ...job.options },
    perSecond: rounded(perSecond),
    secondsLeft: rounded(secondsLeft),
    problem: problem as JobProblem | null,
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(1000 * value) / 1000;
}
