/** Several real servers that fail, where ISOLENS_TEST_DATABASE_CLUSTER names a folder of scripts/postgres-test-server. Needs root. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/index.ts';
import { SILENT_PROGRESS, dot, rowOf } from '../../src/core/index.ts';
import { PostgresLibrary, databasePlace, pushBundle } from '../../src/postgres/index.ts';
import type { PushOptions, PushOutcome } from '../../src/postgres/index.ts';
import { Cluster, FIRST_PORT, ask, emptied } from './cluster.ts';
import { bruteForce, clustered, makeClustered } from './clustered.ts';
import type { Clustered } from './clustered.ts';
import { countsOf, killPushers, killServers } from './kills.ts';
import type { SchemaCounts } from './kills.ts';
import { asShards, createForeignParts, merged } from './shards.ts';
import { watching } from './watching.ts';

const FOLDER = process.env['ISOLENS_TEST_DATABASE_CLUSTER'];
const K = 10;
const NODES = 3;
const STANDBY_PORT = FIRST_PORT + NODES;
const MINUTES = 60_000;

if (FOLDER === undefined) describe.skip('several PostgreSQL servers (ISOLENS_TEST_DATABASE_CLUSTER names no folder)', () => { it('are tested', () => {}); });
else describeCluster(new Cluster(FOLDER));

function describeCluster(cluster: Cluster): void {
  describe('several PostgreSQL servers', () => {
    const data = clustered(20_000, 128, 50);
    let root = '';
    let urls: string[] = [];
    let made = 0;

    const push = async (name: string, url: string, options: Partial<PushOptions> = {}): Promise<PushOutcome> => {
      const bundle = await openBundle(root, name);
      try {
        return await pushBundle(bundle, databasePlace(url), { progress: SILENT_PROGRESS, retryAfterMs: 50, retries: 9, ...options });
      } finally {
        bundle.close();
      }
    };
    /** A new generation, later than all before. */
    const make = (name: string, content: Clustered = data): ReturnType<typeof makeClustered> => (
      makeClustered(root, name, content, { backend: 'exact', createdAt: new Date(Date.UTC(2026, 10, 21, ++made)) })
    );
    /** A library of a name of its own: what a failed try left does not count for the next. */
    const makeNew = async (name: string): Promise<string> => (await make(`${name}-${made}`)).name;

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'postgres-cluster-'));
      urls = await cluster.start(FIRST_PORT, NODES);
      for (const url of urls) await emptied(url);
      await make('whole');
      await push('whole', urls[0]!);
    }, 5 * MINUTES);
    afterAll(async () => {
      await cluster.stop();
      await rm(root, { recursive: true, force: true });
    }, MINUTES);

    describe('search with filters', () => {
      let library: PostgresLibrary;
      beforeAll(async () => { library = await PostgresLibrary.open(databasePlace(urls[0]!), 'whole'); });
      afterAll(() => library?.close());

      const recall = async (share: number, compareUpTo: number): Promise<number> => {
        const filters = { properties: [{ property: 'molecularWeight', low: -Infinity, high: 1000 * share } as const] };
        let hits = 0;
        let wanted = 0;
        for (const query of data.queries) {
          const truth = bruteForce(data, query, K, 1000 * share).labels;
          const found = await library.nearest(query, K, { filters, compareUpTo });
          expect(found.labels.length).toBe(truth.length);
          hits += truth.filter((row) => found.labels.includes(row)).length;
          wanted += truth.length;
        }
        return hits / wanted;
      };

      it.each([0.5, 0.1, 0.01, 0.001])('finds nearly all neighbours where filters leave %d of 20,000 molecules', async (share) => {
        const [asPlanned, asServed] = [await recall(share, 0), await recall(share, 10_000)];
        console.log(`recall@10 of ${share}: ${asPlanned.toFixed(4)} as the server likes, ${asServed.toFixed(4)} as served`);
        expect(Math.min(asPlanned, asServed)).toBeGreaterThanOrEqual(0.98);
      }, 3 * MINUTES);
    });

    describe('kill -9 during a push', () => {
      const complete: SchemaCounts = { rows: data.vectors.rows, distinct: data.vectors.rows, identifiers: data.vectors.rows, state: 'live' };
      const findsAll = async (name: string): Promise<void> => {
        expect(await countsOf(urls[0]!, name)).toEqual(complete);
        const library = await PostgresLibrary.open(databasePlace(urls[0]!), name);
        for (const query of data.queries.slice(0, 3)) expect([...(await library.nearest(query, K, { exact: true })).labels]).toEqual(bruteForce(data, query, K).labels);
        await library.close();
      };

      it('of the program that pushes, six times: the next one goes on, and no row is lost or doubled', async () => {
        const name = await makeNew('pusher');
        await killPushers(join(root, name), urls[0]!, name, 6);
        expect(await push(name, urls[0]!)).toMatchObject({ isNew: true });
        await findsAll(name);
      }, 5 * MINUTES);

      it('of the server and of its processes, fourteen times: the same push goes on, and no row is lost or doubled', async () => {
        const name = await makeNew('server');
        const killer = killServers(cluster, urls[0]!, { files: 1, rows: 12, indexes: 1 }, data.vectors.rows);
        expect(await push(name, urls[0]!, { progress: killer.progress, batchRows: 400 })).toMatchObject({ isNew: true });
        await killer.settled();
        expect(killer.counts()).toEqual({ kills: 14, lost: 0 });
        await findsAll(name);
      }, 5 * MINUTES);
    });

    describe('a standby', () => {
      it('answers when the primary is killed, and takes changes once it is promoted', async () => {
        await cluster.start(FIRST_PORT, NODES);
        const small = clustered(300, 32, 1, 9);
        const standby = await cluster.standby(STANDBY_PORT, FIRST_PORT);
        const both = (ports: readonly number[]): string => urls[0]!.replace(`127.0.0.1:${FIRST_PORT}`, ports.map((port) => `127.0.0.1:${port}`).join(','));
        await make('small', small);
        expect(await push('small', both([STANDBY_PORT, FIRST_PORT]))).toMatchObject({ isNew: true });
        const [position] = await ask<{ lsn: string }>(urls[0]!, 'SELECT pg_current_wal_lsn()::text AS lsn');
        await expect.poll(() => ask(standby, 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done', [position!.lsn]), { timeout: 30_000 }).toEqual([{ done: true }]);

        const library = await PostgresLibrary.open(databasePlace(both([FIRST_PORT, STANDBY_PORT])), 'whole');
        const asked = askOn(library, data, 3);
        await asked.reach(30);
        await cluster.kill(FIRST_PORT);
        await asked.reach(30);
        await make('small', small);
        await expect(push('small', both([FIRST_PORT, STANDBY_PORT]), { retries: 1 })).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('standby') });
        const begun = performance.now();
        await ask(standby, 'SELECT pg_promote()');
        const promoted = performance.now() - begun;
        expect(await push('small', both([FIRST_PORT, STANDBY_PORT]))).toMatchObject({ isNew: true });
        await asked.reach(30);
        const { answers, wrong, slowestMs, medianMs } = await asked.stop();
        await library.close();
        console.log(`standby: promoted in ${promoted.toFixed(0)} ms; ${answers} searches, median ${medianMs.toFixed(0)} ms, the slowest ${slowestMs.toFixed(0)} ms`);
        expect(wrong).toEqual([]);
        expect(slowestMs).toBeLessThan(10_000);
        await cluster.stop(STANDBY_PORT);
        await cluster.start(FIRST_PORT, NODES);
      }, 5 * MINUTES);
    });

    describe('a library in three parts on three servers', () => {
      const shards = asShards(data, NODES);
      beforeAll(async () => {
        for (const [i, shard] of shards.entries()) {
          await make(`part${i}`, shard);
          await push(`part${i}`, urls[i]!);
        }
      }, 5 * MINUTES);

      it('gives what one library of all molecules gives, merged by their scores', async () => {
        const parts = await Promise.all(urls.map((url, i) => PostgresLibrary.open(databasePlace(url), `part${i}`)));
        let hits = 0;
        for (const query of data.queries) {
          const truth = bruteForce(data, query, K).labels;
          expect(merged(await Promise.all(parts.map((part) => part.nearest(query, K, { exact: true }))), K)).toEqual(truth);
          const byGraph = merged(await Promise.all(parts.map((part) => part.nearest(query, K))), K);
          hits += truth.filter((row) => byGraph.includes(row)).length;
        }
        await Promise.all(parts.map((part) => part.close()));
        console.log(`three servers, by the graph: recall@10 ${(hits / (K * data.queries.length)).toFixed(4)}`);
        expect(hits / (K * data.queries.length)).toBeGreaterThanOrEqual(0.98);
      }, 3 * MINUTES);

      it('gives it in one statement over foreign tables, each part sorted and cut where it lies', async () => {
        const statement = await createForeignParts(urls, 3 * K);
        const vector = (query: Float32Array): string => `[${query.join(',')}]`;
        const plan = await ask<{ 'QUERY PLAN': string }>(urls[0]!, `EXPLAIN (VERBOSE, COSTS OFF) ${statement(vector(data.queries[0]!))}`);
        const remote = plan.map((line) => line['QUERY PLAN']).filter((line) => line.includes('Remote SQL'));
        expect(remote.length).toBe(NODES - 1);
        for (const line of remote) expect(line).toMatch(/ORDER BY .* LIMIT 30/);
        for (const query of data.queries) {
          const found = await ask<{ row: number }>(urls[0]!, statement(vector(query)));
          // Half precision orders close ones as it likes.
          const best = found.map(({ row }) => ({ row, score: dot(query, rowOf(data.vectors, row)) })).sort((a, b) => b.score - a.score || a.row - b.row);
          expect(best.slice(0, K).map(({ row }) => row)).toEqual(bruteForce(data, query, K).labels);
        }
      }, 3 * MINUTES);
    });

    describe('a disk that is full', () => {
      const url = (): string => urls[0]!.replace('/isolens_test', '/small_disk');
      const remove = async (): Promise<void> => {
        await ask(urls[0]!, 'DROP DATABASE IF EXISTS small_disk WITH (FORCE)');
        await ask(urls[0]!, 'DROP TABLESPACE IF EXISTS small_disk');
      };
      afterAll(remove);

      it('leaves the live generation as it is, and the push goes on once there is room', async (context) => {
        // A container may not be allowed to mount one.
        const path = await cluster.disk(26).catch(() => context.skip());
        await remove();
        await ask(urls[0]!, `CREATE TABLESPACE small_disk LOCATION '${path}'`);
        await ask(urls[0]!, 'CREATE DATABASE small_disk TABLESPACE small_disk');
        const first = await make('disk', clustered(300, 64, 1, 9));
        await push('disk', url());
        const second = await make('disk', clustered(20_000, 64, 1, 9));
        await expect(push('disk', url())).rejects.toMatchObject({ code: 'DISK_FULL' });
        const before = await PostgresLibrary.open(databasePlace(url()), 'disk');
        expect([before.manifest.generation, (await before.get(299)).ids]).toEqual([first.generation, ['M299']]);
        const [{ done }] = (await ask<{ done: number }>(url(), "SELECT rows_done AS done FROM isolens.generations WHERE state = 'building'")) as [{ done: number }];
        expect(done).toBeGreaterThan(0);
        await cluster.disk(400);
        const seen: number[] = [];
        expect(await push('disk', url(), { progress: watching((rows) => seen.push(rows)) })).toMatchObject({ isNew: true, generation: second.generation });
        expect(seen[0]).toBe(done);
        expect(await countsOf(url(), 'disk')).toEqual({ rows: 20_000, distinct: 20_000, identifiers: 20_000, state: 'live' });
        await before.close();
      }, 3 * MINUTES);
    });
  });
}

interface Answers {
  readonly answers: number;
  /** What was thrown, or differs from the truth. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
  readonly medianMs: number;
}

/** Asks all the time, side by side; `reach` resolves after so many more answers. */
function askOn(library: PostgresLibrary, data: Clustered, workers: number): { reach(more: number): Promise<void>; stop(): Promise<Answers> } {
  const truths = data.queries.map((query) => bruteForce(data, query, K).labels.join());
  const times: number[] = [];
  const wrong: string[] = [];
  let isEnded = false;
  const work = async (from: number): Promise<void> => {
    for (let i = from; !isEnded; i = (i + workers) % truths.length) {
      const begun = performance.now();
      const found = await library.nearest(data.queries[i]!, K, { exact: true }).then(({ labels }) => labels.join(), String);
      times.push(performance.now() - begun);
      if (found !== truths[i]) wrong.push(found);
    }
  };
  const working = Promise.all(Array.from({ length: workers }, (_, i) => work(i)));
  return {
    reach: (more) => {
      const enough = times.length + more;
      return expect.poll(() => times.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(enough);
    },
    stop: async () => {
      isEnded = true;
      await working;
      const sorted = [...times].sort((a, b) => a - b);
      return { answers: times.length, wrong, slowestMs: sorted.at(-1)!, medianMs: sorted[sorted.length >> 1]! };
    },
  };
}
