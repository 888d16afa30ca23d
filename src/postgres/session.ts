/** One connection to a database: queries, transactions, COPY, and a bound on how often a lost one is replaced. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { IsoLensError } from '../core/index.ts';
import { databaseError, isPassing, unsuitable } from './errors.ts';
import type { DatabasePlace } from './place.ts';

export const LEAST_SERVER = 15;
/** hnsw.iterative_scan is there from here on. */
export const LEAST_VECTOR: readonly [number, number] = [0, 8];
const CONNECT_TIMEOUT_MS = 10_000;
/** After so much silence either side asks whether the other is still there: a host that was cut off closes no connection. */
const KEEPALIVE_S = 30;

export type Row = Readonly<Record<string, unknown>>;

export interface SessionOptions {
  /** Limit for one statement, on the server and, a little later, here; 0: none. */
  readonly statementTimeoutMs?: number | undefined;
  /** Writes: refuses a server that cannot, and creates the extension `vector` where the server has it and the database does not. */
  readonly isWriting?: boolean | undefined;
}

export interface RetryOptions {
  /** How often a lost connection is replaced without any progress in between. */
  readonly retries?: number | undefined;
  /** Before the first of them; doubled before each further one. */
  readonly retryAfterMs?: number | undefined;
}

export class Session {
  readonly place: DatabasePlace;
  private readonly client: Client;
  private readonly isWriting: boolean;
  private readonly lost: Promise<never>;
  private isOpen = true;

  private constructor(place: DatabasePlace, client: Client, isWriting: boolean) {
    this.place = place;
    this.client = client;
    this.isWriting = isWriting;
    this.lost = new Promise((_, reject) => {
      client.on('error', reject);
      client.on('end', () => {
        this.isOpen = false;
        reject(new Error('Connection terminated'));
      });
    });
    this.lost.catch(() => {});
  }

  /** Connects to the first host of a place and checks the server; DATABASE_UNAVAILABLE, DATABASE_READ_ONLY, DATABASE_UNSUITABLE. */
  static async open(place: DatabasePlace, { statementTimeoutMs = 0, isWriting = false }: SessionOptions = {}): Promise<Session> {
    const timeouts = statementTimeoutMs === 0 ? {} : { statement_timeout: statementTimeoutMs, query_timeout: statementTimeoutMs + 5000 };
    const client = new Client({
      connectionString: place.urls[0], connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelayMillis: KEEPALIVE_S * 1000,
      application_name: 'isolens', ...timeouts,
    });
    const session = new Session(place, client, isWriting);
    try {
      await session.client.connect();
      await session.check();
      return session;
    } catch (error) {
      await session.close();
      throw databaseError(error, place, isWriting);
    }
  }

  get isUsable(): boolean {
    return this.isOpen;
  }

  async query<Found extends Row = Row>(text: string, values: readonly unknown[] = []): Promise<Found[]> {
    try {
      return (await this.client.query<Found>(text, values.length === 0 ? undefined : [...values])).rows;
    } catch (error) {
      throw databaseError(error, this.place, this.isWriting);
    }
  }

  /** All of `work` or nothing of it. */
  async transaction<Result>(work: () => Promise<Result>, begin = 'BEGIN'): Promise<Result> {
    await this.query(begin);
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      if (this.isOpen) await this.query('ROLLBACK').catch(() => {});
      throw databaseError(error, this.place, this.isWriting);
    }
  }

  /** Ends a statement that takes long, such as the building of an index, where the work is cancelled; throws the signal's reason then. */
  async untilAborted<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    const [own] = await this.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const stop = (): void => void this.cancel(own!.pid).catch(() => {});
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Sends the chunks of a COPY ... FROM STDIN. */
  async copyIn(text: string, chunks: Iterable<Uint8Array>): Promise<void> {
    try {
      await Promise.race([pipeline(Readable.from(chunks), this.client.query(copyFrom(text))), this.lost]);
    } catch (error) {
      throw databaseError(error, this.place, this.isWriting);
    }
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => {});
  }

  private async cancel(pid: number): Promise<void> {
    const other = await Session.open(this.place);
    try {
      await other.query('SELECT pg_cancel_backend($1::int)', [pid]);
    } finally {
      await other.close();
    }
  }

  private async check(): Promise<void> {
    const [server] = await this.query<{ version: number; text: string }>("SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text");
    if (server === undefined || server.version < LEAST_SERVER * 10_000) {
      throw unsuitable(this.place, `PostgreSQL ${LEAST_SERVER} or later`, `PostgreSQL ${server?.text ?? 'of no version'}`);
    }
    if (this.isWriting) await this.checkWritable();
    const found = (await this.vectorExtension()) ?? (this.isWriting ? await this.createVector() : undefined);
    if (found === undefined) throw unsuitable(this.place, 'the extension "vector" (CREATE EXTENSION vector, by an administrator)', 'none');
    const [major = 0, minor = 0] = found.version.split('.').map(Number);
    const [leastMajor, leastMinor] = LEAST_VECTOR;
    if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
      throw unsuitable(this.place, `the extension "vector" ${LEAST_VECTOR.join('.')} or later`, found.version);
    }
    // Wherever it was put, its types are found; and a first use loads it, so that its settings are known.
    await this.query("SELECT set_config('search_path', quote_ident($1) || ', pg_catalog', false)", [found.schema]);
    await this.query("SELECT '[1]'::halfvec(1)");
    // What a session that is gone holds, such as the lock of a push, is free after a minute instead of hours.
    await this.query("SELECT set_config('tcp_keepalives_idle', $1, false), set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)", [String(KEEPALIVE_S)]);
  }

  private async checkWritable(): Promise<void> {
    const [found] = await this.query<{ readonly: boolean }>("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS readonly");
    if (found?.readonly !== true) return;
    throw new IsoLensError('DATABASE_READ_ONLY', `Expected a database that can be written to but ${this.place.shown} is a standby or read-only; push to the primary.`);
  }

  private async vectorExtension(): Promise<{ version: string; schema: string } | undefined> {
    const text = "SELECT extversion AS version, nspname AS schema FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'";
    return (await this.query<{ version: string; schema: string }>(text))[0];
  }

  private async createVector(): Promise<{ version: string; schema: string } | undefined> {
    // Another session may have been faster; whoever may not create it needs an administrator, as where it is not installed at all.
    await this.query('CREATE EXTENSION IF NOT EXISTS vector').catch((error: unknown) => {
      if (isPassing(error) || !this.isOpen) throw error;
    });
    return this.vectorExtension();
  }
}

/** Repeats what lost its connection: `attempt` reports progress, and only tries without any are counted. */
export async function withRetries<Result>({ retries = 4, retryAfterMs = 250 }: RetryOptions, attempt: (progressed: () => void) => Promise<Result>): Promise<Result> {
  let failed = 0;
  for (;;) {
    try {
      return await attempt(() => { failed = 0; });
    } catch (error) {
      if (!isPassing(error) || failed >= retries) throw error;
      await pause(retryAfterMs * 2 ** failed);
      failed++;
    }
  }
}
