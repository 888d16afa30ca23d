/** What holds of a library in any PostgreSQL: run against PGlite, and against a server where there is one. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { PostgresLibrary, databasePlace, pullBundle, pushBundle } from '../../src/postgres/index.ts';
import type { DatabasePlace, PushOptions, PushOutcome } from '../../src/postgres/index.ts';
import { bruteForce, clustered, makeClustered } from './clustered.ts';
import { CutProxy } from './cut-proxy.ts';
import { watching } from './watching.ts';

export interface TestDatabase {
  readonly url: string;
  close(): Promise<void>;
}

const K = 10;

export function describeDatabase(title: string, start: () => Promise<TestDatabase>, { rows, dimension }: { rows: number; dimension: number }): void {
  describe(title, () => {
    const data = clustered(rows, dimension);
    let database: TestDatabase;
    let place: DatabasePlace;
    let root = '';

    const push = async (name: string, options: Partial<PushOptions> = {}, to = place): Promise<PushOutcome> => {
      const bundle = await openBundle(root, name);
      try {
        return await pushBundle(bundle, to, { progress: SILENT_PROGRESS, retryAfterMs: 20, ...options });
      } finally {
        bundle.close();
      }
    };
    const ask = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      const { rows: found } = await client.query<Record<string, unknown>>(text, values);
      await client.end();
      return found;
    };

    beforeAll(async () => {
      database = await start();
      place = databasePlace(database.url);
      root = await mkdtemp(join(tmpdir(), 'postgres-'));
      await makeClustered(root, 'clustered', data, {
        facts: (row) => (row === 3 ? { names: ['Sildenafil\u2010Like  Thing'], ids: ['M3', 'second "id"'], properties: { z: 1.5, a: 'caf\u00e9 \0 {,}', none: null } } : {}),
      });
      await push('clustered');
    }, 300_000);
    afterAll(async () => {
      await database?.close();
      await rm(root, { recursive: true, force: true });
    });

    describe('search', () => {
      let library: PostgresLibrary;
      beforeAll(async () => { library = await PostgresLibrary.open(place, 'clustered'); });
      afterAll(() => library?.close());

      /** Share of the true neighbours that were found, over all queries; every answer must have K rows and true scores. */
      const recall = async (share: number, exact: boolean, compareUpTo: number): Promise<number> => {
        let hits = 0;
        const heaviest = share === 1 ? Infinity : 1000 * share;
        const filters = share === 1 ? {} : { properties: [{ property: 'molecularWeight', low: -Infinity, high: heaviest } as const] };
        for (const query of data.queries) {
          const truth = bruteForce(data, query, K, heaviest);
          const found = await library.nearest(query, K, { exact, filters, compareUpTo });
          expect(found.labels.length).toBe(K);
          const cosines = new Map(truth.labels.map((row, i) => [row, truth.scores[i]!]));
          found.labels.forEach((row, i) => expect(Math.abs((cosines.get(row) ?? found.scores[i]!) - found.scores[i]!)).toBeLessThan(1e-3));
          hits += found.labels.filter((row) => cosines.has(row)).length;
        }
        return hits / (K * data.queries.length);
      };

      it('compares with every row where that is asked for: what brute force finds, in its order', async () => {
        for (const query of data.queries.slice(0, 5)) {
          const [found, truth] = [await library.nearest(query, K, { exact: true }), bruteForce(data, query, K)];
          expect([...found.labels]).toEqual(truth.labels);
          found.scores.forEach((score, i) => expect(score).toBeCloseTo(truth.scores[i]!, 5));
        }
      });

      it.each([1, 0.5, 0.1, 0.01])('finds k rows and nearly all neighbours where filters leave %d of the library', async (share) => {
        const byGraph = await recall(share, false, 0);
        const asServed = await recall(share, false, 10_000);
        expect(byGraph).toBeGreaterThanOrEqual(0.98);
        expect(asServed).toBeGreaterThanOrEqual(0.98);
      });

      it('takes out what is excluded, and keeps to what is asked for', async () => {
        const query = data.queries[0]!;
        const [first, second, third] = bruteForce(data, query, 3).labels;
        const key = (await library.get(second!)).inchiKey;
        const without = await library.nearest(query, 1, { filters: { exclude: [`M${first}`, "nobody' OR true --"], excludeInchiKeys: [key] } });
        expect([...without.labels]).toEqual([third]);
        const among = await library.nearest(query, 5, { filters: { among: ['M7', 'M9'] } });
        expect([...among.labels].sort((a, b) => a - b)).toEqual([7, 9]);
        expect((await library.nearest(query, 5, { filters: { among: [] } })).labels.length).toBe(0);
      });

      it('refuses what is no question', async () => {
        await expect(library.nearest(new Float32Array(dimension + 1).fill(1), 3)).rejects.toMatchObject({ code: 'DATABASE_UNSUITABLE' });
        await expect(library.nearest(new Float32Array(dimension), 3)).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
        await expect(library.nearest(data.queries[0]!, 0)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
        await expect(library.nearest(data.queries[0]!, 3, { filters: { properties: [{ property: 'row; DROP' as 'logP', low: 0, high: 1 }] } })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
      });

      it('finds molecules by row, identifier, InChIKey and name, as the bundle does', async () => {
        const bundle = await openBundle(root, 'clustered');
        const own = bundle.molecules.get(3);
        expect(await library.get(3)).toEqual(own);
        expect(await library.findId('second "id"')).toEqual(own);
        expect(await library.findInchiKey(own.inchiKey)).toEqual(own);
        expect(await library.findName('sildenafil-like thing')).toEqual(bundle.molecules.findName('sildenafil-like thing'));
        expect([await library.findId('nobody'), await library.findInchiKey(''), await library.findName('\0')]).toEqual([undefined, undefined, []]);
        await expect(library.get(rows)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        bundle.close();
      });
    });

    describe('push and pull', () => {
      const small = clustered(300, dimension, 1, 9);
      const make = (name: string, hour: number): ReturnType<typeof makeClustered> => makeClustered(root, name, small, { createdAt: new Date(Date.UTC(2026, 10, 21, hour)) });

      it('writes the same bundle back, byte for byte', async () => {
        const target = await mkdtemp(join(tmpdir(), 'pulled-'));
        const first = await pullBundle(place, 'clustered', target, { progress: SILENT_PROGRESS });
        expect(first.isNew).toBe(true);
        expect(await contentOf(join(target, 'clustered', first.manifest.generation))).toEqual(await contentOf(join(root, 'clustered', first.manifest.generation)));
        (await openBundle(target, 'clustered')).close();
        expect(await pullBundle(place, 'clustered', target, { progress: SILENT_PROGRESS })).toMatchObject({ isNew: false });
        await rm(target, { recursive: true });
      });

      it('does nothing where the generation is live already', async () => {
        expect(await push('clustered')).toMatchObject({ isNew: false, count: rows });
      });

      it('goes on after the last committed batch of a push that was broken off', async () => {
        await make('resumed', 1);
        const stop = new AbortController();
        const seen: number[] = [];
        const progress = watching((done) => { if (done >= 100) stop.abort(); });
        await expect(push('resumed', { progress, signal: stop.signal, batchRows: 50 })).rejects.toThrow();
        await expect(PostgresLibrary.open(place, 'resumed')).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
        expect(await push('resumed', { progress: watching((done) => seen.push(done)), batchRows: 50 })).toMatchObject({ isNew: true });
        expect(seen).toEqual([100, 150, 200, 250, 300]);
        const library = await PostgresLibrary.open(place, 'resumed');
        expect((await library.nearest(small.queries[0]!, 300, { exact: true })).labels.length).toBe(300);
        await library.close();
      });

      it('survives a network that is cut in the middle of a COPY, and shows nothing half', async () => {
        await make('cut', 2);
        const { port } = new URL(database.url);
        const [proxy, url] = [await CutProxy.start(Number(port), [80_000, 60_000]), new URL(database.url)];
        url.port = String(proxy.port);
        expect(await push('cut', { batchRows: 100 }, databasePlace(url.href))).toMatchObject({ isNew: true });
        expect(proxy.cuts).toBe(2);
        proxy.close();
        const [{ schema }] = (await ask("SELECT schema_name AS schema FROM isolens.generations WHERE library = 'cut'")) as [{ schema: string }];
        expect(await ask(`SELECT count(*)::int AS molecules, count(DISTINCT row)::int AS distinct FROM ${schema}.molecules`)).toEqual([{ molecules: 300, distinct: 300 }]);
      });

      it('keeps the generation before, removes older ones, and goes back to one that is kept', async () => {
        const made = [];
        for (const hour of [1, 2, 3]) {
          made.push(await make('turned', hour));
          await push('turned');
        }
        const states = await ask("SELECT generation, state FROM isolens.generations WHERE library = 'turned' ORDER BY generation");
        expect(states).toEqual([{ generation: made[1]!.generation, state: 'old' }, { generation: made[2]!.generation, state: 'live' }]);
        expect(await ask("SELECT count(*)::int AS schemas FROM pg_namespace WHERE nspname LIKE 'isolens\\_turned%'")).toEqual([{ schemas: 2 }]);
        expect(await make('turned', 2)).toEqual(made[1]);
        expect(await push('turned')).toMatchObject({ isNew: true, generation: made[1]!.generation });
        expect((await ask("SELECT generation, state FROM isolens.generations WHERE library = 'turned' ORDER BY generation")).map(({ state }) => state)).toEqual(['live', 'old']);
      });

      it('refuses a second push of the same library while one is on its way', async () => {
        await make('busy', 1);
        let second: unknown;
        const progress = watching(() => { second ??= push('busy').then(() => 'pushed', (error: unknown) => error); });
        expect(await push('busy', { progress, batchRows: 20 })).toMatchObject({ isNew: true });
        expect(await second).toMatchObject({ code: 'BUNDLE_BUSY' });
      });

      it('does not make live what differs from the manifest, and begins anew', async () => {
        await make('wrong', 1);
        const stop = new AbortController();
        await expect(push('wrong', { progress: watching((done) => { if (done === 300) stop.abort(); }), signal: stop.signal })).rejects.toThrow();
        const [{ schema }] = (await ask("SELECT schema_name AS schema FROM isolens.generations WHERE library = 'wrong'")) as [{ schema: string }];
        await ask(`UPDATE ${schema}.molecules SET embedding = (SELECT embedding FROM ${schema}.molecules WHERE row = 1)`);
        await expect(push('wrong')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT', message: expect.stringContaining('neighbours') });
        expect(await push('wrong')).toMatchObject({ isNew: true });
      });

      it('writes nothing where a part was changed in the database', async () => {
        await make('changed', 1);
        await push('changed');
        const [{ schema }] = (await ask("SELECT schema_name AS schema FROM isolens.generations WHERE library = 'changed'")) as [{ schema: string }];
        await ask(`UPDATE ${schema}.parts SET content = set_byte(content, 5, 255 - get_byte(content, 5)) WHERE path = 'molecules.sqlite' AND part = 0`);
        const target = await mkdtemp(join(tmpdir(), 'pulled-'));
        await expect(pullBundle(place, 'changed', target, { progress: SILENT_PROGRESS })).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT', message: expect.stringContaining('molecules.sqlite') });
        expect((await readdir(join(target, 'changed'))).filter((entry) => !entry.startsWith('.'))).toEqual([]);
        await rm(target, { recursive: true });
      });

      it('refuses a pgvector without iterative scans', async () => {
        const [{ version }] = (await ask("SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'")) as [{ version: string }];
        await ask("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'");
        await expect(PostgresLibrary.open(place, 'clustered')).rejects.toMatchObject({ code: 'DATABASE_UNSUITABLE', message: expect.stringContaining('0.7.4') });
        await ask('UPDATE pg_extension SET extversion = $1 WHERE extname = \'vector\'', [version]);
      });

      it('names the libraries there are where one is asked for that is not', async () => {
        await expect(pullBundle(place, 'nobody', root, { progress: SILENT_PROGRESS })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND', message: expect.stringContaining('clustered') });
      });
    });
  });
}

async function contentOf(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    // A stamp is of this disk.
    if (!entry.isFile() || entry.name === 'verified.json') continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(directory.length)] = createHash('sha256').update(await readFile(path)).digest('hex');
  }
  return found;
}
