/** Against a real server, where ISOLENS_TEST_DATABASE names one: a superuser's address of an empty database (scripts/postgres-test-server). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/index.ts';
import { IsoLensError, SILENT_PROGRESS } from '../../src/core/index.ts';
import { PostgresLibrary, databasePlace, pushBundle } from '../../src/postgres/index.ts';
import type { DatabasePlace, PushOptions, PushOutcome } from '../../src/postgres/index.ts';
import { Session } from '../../src/postgres/session.ts';
import { ask as askServer, emptied } from './cluster.ts';
import { bruteForce, clustered, makeClustered } from './clustered.ts';
import { describeDatabase } from './suite.ts';

const URL_OF_SERVER = process.env['ISOLENS_TEST_DATABASE'];

if (URL_OF_SERVER === undefined) describe.skip('PostgreSQL (ISOLENS_TEST_DATABASE names none)', () => { it('is tested', () => {}); });
else {
  const url = URL_OF_SERVER;
  describeDatabase('PostgreSQL', async () => {
    await emptied(url);
    return { url, close: () => emptied(url) };
  }, { rows: 20_000, dimension: 128 });

  describe('PostgreSQL', () => {
    let root = '';
    const data = clustered(10_000, 64, 1);
    const push = async (place: DatabasePlace, options: Partial<PushOptions> = {}): Promise<PushOutcome> => {
      const bundle = await openBundle(root, 'server');
      try {
        return await pushBundle(bundle, place, { progress: SILENT_PROGRESS, retryAfterMs: 20, ...options });
      } finally {
        bundle.close();
      }
    };
    const ask = (text: string): Promise<Record<string, unknown>[]> => askServer(url, text);
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'postgres-server-'));
      await makeClustered(root, 'server', data, { backend: 'exact' });
      await emptied(url);
    });
    afterAll(async () => {
      await emptied(url);
      await rm(root, { recursive: true, force: true });
    });

    it('stops at once where it is cancelled while an index is built and leaves nothing of it', async () => {
      const stop = new AbortController();
      const stages: string[] = [];
      // The graph is the last index.
      const update = (_: number, note?: string): void => { if (note === 'molecules_charge') setTimeout(() => stop.abort(new IsoLensError('CANCELLED', 'enough')), 150); };
      const progress = { ...SILENT_PROGRESS, start: (stage: string) => void stages.push(stage), update };
      await expect(push(databasePlace(url), { progress, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(stages).toEqual(['files', 'molecules to the database', 'database indexes']);
      const [found] = await ask("SELECT state, rows_done, (SELECT count(*)::int FROM pg_indexes WHERE schemaname = schema_name AND indexname = 'molecules_embedding') AS graphs FROM isolens.generations");
      expect(found).toEqual({ state: 'building', rows_done: 10_000, graphs: 0 });
      await emptied(url);
    });

    it('goes on where the server ends the session of a push again and again', async () => {
      let ended: Promise<unknown> = Promise.resolve();
      let batches = 0;
      const update = (): void => {
        if (++batches <= 3) ended = ended.then(() => ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'isolens'"));
      };
      expect(await push(databasePlace(url), { progress: { ...SILENT_PROGRESS, update }, batchRows: 1000 })).toMatchObject({ isNew: true });
      await ended;
      const library = await PostgresLibrary.open(databasePlace(url), 'server', { retryAfterMs: 1 });
      const truth = bruteForce(data, data.queries[0]!, 10).labels;
      expect([...(await library.nearest(data.queries[0]!, 10, { exact: true })).labels]).toEqual(truth);
      await ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'isolens'");
      expect([...(await library.nearest(data.queries[0]!, 10)).labels]).toEqual(truth);
      await library.close();
    });

    it('searches through the graph, not row by row', async () => {
      const [found] = await ask("SELECT schema_name AS schema FROM isolens.generations WHERE state = 'live'");
      await ask('SELECT pg_stat_reset()');
      const library = await PostgresLibrary.open(databasePlace(url), 'server');
      await library.nearest(data.queries[0]!, 10, { efSearch: 40 });
      await library.close();
      await expect.poll(() => ask(`SELECT idx_scan::int AS scans FROM pg_stat_user_indexes WHERE schemaname = '${String(found?.['schema'])}' AND indexrelname = 'molecules_embedding'`), { timeout: 10_000 }).toEqual([{ scans: 1 }]);
    });

    it('reads but does not write for a user that may only read', async () => {
      await ask("DO $$ BEGIN CREATE ROLE isolens_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
      const reader = new URL(url);
      reader.username = 'isolens_reader';
      await expect(push(databasePlace(reader.href))).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' });
      await expect(PostgresLibrary.open(databasePlace(reader.href), 'server')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('grant') });
      reader.username = new URL(url).username;
      reader.searchParams.set('options', '-c default_transaction_read_only=on');
      await expect(push(databasePlace(reader.href))).rejects.toMatchObject({ code: 'DATABASE_READ_ONLY' });
      const library = await PostgresLibrary.open(databasePlace(reader.href), 'server');
      expect((await library.get(7)).ids).toEqual(['M7']);
      await library.close();
    });

    it('has the server ask whether a silent client is still there', async () => {
      const session = await Session.open(databasePlace(url), { isWriting: true });
      expect(await session.query("SELECT current_setting('tcp_keepalives_idle') AS idle, current_setting('tcp_keepalives_count') AS count")).toEqual([{ idle: '30', count: '3' }]);
      await session.close();
    });

    it('refuses a user that does not exist', async () => {
      const wrong = new URL(url);
      wrong.username = 'nobody_of_this_name';
      wrong.password = 'hushhush';
      const error = await PostgresLibrary.open(databasePlace(wrong.href), 'any').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      expect(String(error)).not.toContain('hushhush');
    });
  });
}
