/**
 * Lists of queries and what was found for them, and libraries that are indexed. One service at a time has the file: the lock lives as long as the connection, so one
 * that a killed service leaves behind is gone with it.
 */
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import Database from 'better-sqlite3';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import { migrate } from './migrations.ts';
import type { Schema } from './migrations.ts';

/** "ISLJ" */
const JOB_SCHEMA: Schema = {
  what: 'a store of jobs',
  applicationId: 0x49534c4a,
  migrations: [
    `
    CREATE TABLE jobs (
      number      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they came
      id          TEXT NOT NULL UNIQUE,
      state       TEXT NOT NULL,
      created_at  TEXT NOT NULL,
      started_at  TEXT,
      finished_at TEXT,
      total       INTEGER NOT NULL,
      done        INTEGER NOT NULL DEFAULT 0,
      rejected    INTEGER NOT NULL DEFAULT 0,
      worked_ms   REAL NOT NULL DEFAULT 0,           -- without the time in which no service ran
      bundle      TEXT NOT NULL,
      generation  TEXT NOT NULL,
      options     TEXT NOT NULL,                     -- JSON
      columns     TEXT NOT NULL DEFAULT 'null',      -- JSON: of the results so far
      problem     TEXT NOT NULL DEFAULT 'null'       -- JSON: why it failed
    ) STRICT;
    CREATE INDEX jobs_state ON jobs (state);
    CREATE TABLE queries (
      job      INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
      position INTEGER NOT NULL,
      id       TEXT NOT NULL,
      text     TEXT NOT NULL,
      outcome  BLOB,                                 -- deflated JSON; NULL until it is answered
      PRIMARY KEY (job, position)
    ) STRICT, WITHOUT ROWID;
    `,
    `
    ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT 'search';
    ALTER TABLE jobs ADD COLUMN stage TEXT;          -- what it does now
    `,
  ],
};

const BUSY_MS = 200;
/** Hits are repetitive: the fastest level makes them eight times smaller. */
const LEVEL = 1;
const pack = promisify<Buffer, { level: number }, Buffer>(deflate);
const unpack = promisify<Buffer, Buffer>(inflate);

export type JobState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';

export type JobKind = 'search' | 'index';

export interface NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly createdAt: string;
  readonly index: string;
  readonly generation: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly queries: readonly { readonly id: string; readonly text: string }[];
}

export interface StoredJob extends Omit<NewJob, 'queries'> {
  readonly state: JobState;
  readonly stage: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly total: number;
  readonly done: number;
  readonly rejected: number;
  readonly workedMs: number;
  /** What `addOutcome` was last given; null before. */
  readonly columns: unknown;
  readonly problem: unknown;
}

export interface JobQueryRow {
  readonly position: number;
  readonly id: string;
  readonly text: string;
}

export interface StoredResult extends JobQueryRow {
  readonly outcome: unknown;
}

export interface JobChange {
  readonly state: JobState;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly problem?: unknown;
}

/** An index that was made: of `records`, `rejected` could not be used. */
export interface BuiltIndex {
  readonly generation: string;
  readonly records: number;
  readonly rejected: number;
}

/** How far a job of kind `index` is. */
export interface JobProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Of the stage. */
  readonly workedMs: number;
}

export interface OutcomeChange {
  readonly isRejected: boolean;
  readonly workedMs: number;
  readonly columns: unknown;
}

interface Row {
  number: number;
  id: string;
  kind: JobKind;
  stage: string | null;
  state: JobState;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  total: number;
  done: number;
  rejected: number;
  worked_ms: number;
  bundle: string;
  generation: string;
  options: string;
  columns: string;
  problem: string;
}

export class JobStore {
  private readonly database: Database.Database;

  /** `:memory:` keeps them as long as the process lives. */
  constructor(path: string) {
    let database: Database.Database | undefined;
    try {
      database = new Database(path, { timeout: BUSY_MS });
      database.pragma('locking_mode = EXCLUSIVE');
      // After a power cut the last results may be missing; they are then made again.
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      database.pragma('foreign_keys = ON');
      // Queries are secrets: what is deleted is overwritten.
      database.pragma('secure_delete = ON');
      migrate(database, JOB_SCHEMA);
      // Takes the lock at once and not with the first job.
      database.exec('BEGIN IMMEDIATE; COMMIT');
    } catch (error) {
      database?.close();
      throw storeError(error, path);
    }
    this.database = database;
  }

  add(job: NewJob): void {
    const { database } = this;
    this.attempt(() => database.transaction(() => {
      const insert = database.prepare(
        'INSERT INTO jobs (id, kind, state, created_at, total, bundle, generation, options) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      );
      const values = [job.id, job.kind, 'waiting', job.createdAt, job.queries.length, job.index, job.generation, JSON.stringify(job.options)];
      const number = insert.run(values).lastInsertRowid;
      const query = database.prepare('INSERT INTO queries (job, position, id, text) VALUES (?, ?, ?, ?)');
      job.queries.forEach(({ id, text }, position) => query.run(number, position, id, text));
    })());
  }

  /** The newest first. */
  list(): StoredJob[] {
    return this.database.prepare<[], Row>('SELECT * FROM jobs ORDER BY number DESC').all().map(toJob);
  }

  find(id: string): StoredJob | undefined {
    const row = this.row(id);
    return row === undefined ? undefined : toJob(row);
  }

  /** What is to be worked on: the job that was begun, else the oldest that waits. */
  next(kind: JobKind): StoredJob | undefined {
    const sql = "SELECT * FROM jobs WHERE kind = ? AND state IN ('running', 'waiting') ORDER BY state, number LIMIT 1";
    const row = this.database.prepare<[JobKind], Row>(sql).get(kind);
    return row === undefined ? undefined : toJob(row);
  }

  nextQuery(id: string): JobQueryRow | undefined {
    return this.database
      .prepare<[string], JobQueryRow>(
        `SELECT position, queries.id, text FROM queries JOIN jobs ON job = number
         WHERE jobs.id = ? AND outcome IS NULL ORDER BY position LIMIT 1`,
      )
      .get(id);
  }

  change(id: string, { state, startedAt, finishedAt, problem }: JobChange): void {
    const sql = `UPDATE jobs SET state = ?, started_at = coalesce(started_at, ?), finished_at = coalesce(?, finished_at),
      problem = coalesce(?, problem) WHERE id = ?`;
    const why = problem === undefined ? null : JSON.stringify(problem);
    this.attempt(() => this.database.prepare(sql).run(state, startedAt ?? null, finishedAt ?? null, why, id));
  }

  progress(id: string, { stage, done, total, workedMs }: JobProgress): void {
    const sql = "UPDATE jobs SET stage = ?, done = ?, total = ?, worked_ms = ? WHERE id = ? AND state = 'running'";
    this.attempt(() => this.database.prepare(sql).run(stage, done, total, workedMs, id));
  }

  /** What a job of kind `index` made. */
  published(id: string, { generation, records, rejected }: BuiltIndex): void {
    const sql = 'UPDATE jobs SET generation = ?, stage = NULL, done = ?, total = ?, rejected = ? WHERE id = ?';
    this.attempt(() => this.database.prepare(sql).run(generation, records, records, rejected, id));
  }

  /** Keeps what a query found, in one step with the counts. Nothing happens where the job was removed meanwhile. */
  async addOutcome(id: string, position: number, outcome: unknown, change: OutcomeChange): Promise<void> {
    const packed = await pack(Buffer.from(JSON.stringify(outcome)), { level: LEVEL });
    const { database } = this;
    this.attempt(() => database.transaction(() => {
      const row = this.row(id);
      if (row === undefined || row.state !== 'running') return;
      const keep = database.prepare('UPDATE queries SET outcome = ? WHERE job = ? AND position = ? AND outcome IS NULL');
      const kept = keep.run(packed, row.number, position);
      if (kept.changes === 0) return;
      database
        .prepare('UPDATE jobs SET done = done + 1, rejected = rejected + ?, worked_ms = worked_ms + ?, columns = ? WHERE number = ?')
        .run(change.isRejected ? 1 : 0, change.workedMs, JSON.stringify(change.columns), row.number);
    })());
  }

  /** Results in the order of queries, of those from `offset` on; one at a time, so that a job of any size fits. */
  async *results(id: string, offset: number, limit: number): AsyncGenerator<StoredResult> {
    const next = this.database.prepare<[string, number, number], JobQueryRow & { outcome: Buffer }>(
      `SELECT position, queries.id, text, outcome FROM queries JOIN jobs ON job = number
       WHERE jobs.id = ? AND position >= ? AND position < ? AND outcome IS NOT NULL ORDER BY position LIMIT 1`,
    );
    for (let from = offset; ;) {
      const row = next.get(id, from, offset + limit);
      if (row === undefined) return;
      yield { ...row, outcome: JSON.parse((await unpack(row.outcome)).toString('utf8')) as unknown };
      from = row.position + 1;
    }
  }

  remove(id: string): void {
    this.attempt(() => this.database.prepare('DELETE FROM jobs WHERE id = ?').run(id));
  }

  close(): void {
    this.database.close();
  }

  private row(id: string): Row | undefined {
    return this.database.prepare<[string], Row>('SELECT * FROM jobs WHERE id = ?').get(id);
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw storeError(error, this.database.name);
    }
  }
}

function toJob(row: Row): StoredJob {
  return {
    id: row.id,
    kind: row.kind,
    stage: row.stage,
    state: row.state,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    total: row.total,
    done: row.done,
    rejected: row.rejected,
    workedMs: row.worked_ms,
    index: row.bundle,
    generation: row.generation,
    options: JSON.parse(row.options) as Record<string, unknown>,
    columns: JSON.parse(row.columns) as unknown,
    problem: JSON.parse(row.problem) as unknown,
  };
}

function storeError(error: unknown, path: string): IsoLensError {
  const code = error instanceof Database.SqliteError ? error.code : '';
  const cause = { cause: error };
  if (code === 'SQLITE_FULL') return new IsoLensError('DISK_FULL', 'Expected room for the results of a job, but the disk is full.', cause);
  if (code.startsWith('SQLITE_BUSY')) {
    return new IsoLensError('BUNDLE_BUSY', `Expected ${path} for this service alone but another one has it; give it another folder.`, cause);
  }
  if (code !== '') return new IsoLensError('FILE_UNREADABLE', `Expected a sound store of jobs in ${path}, but SQLite reports ${code}.`, cause);
  return toIsoLensError(error);
}
