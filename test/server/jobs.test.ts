/** The life of a job over HTTP, on the real store and the real gate; chemistry is in test/cli. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, it } from 'vitest';
import { jobRemovalSchema, jobResultsSchema, jobSchema } from '../../src/api/index.ts';
import type { Job } from '../../src/api/index.ts';
import { IsoLensError } from '../../src/core/index.ts';
import { JobStore } from '../../src/store/index.ts';
import { HIT, problemIn, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

const open: RunningApp[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** Searches fail for texts that begin with "bad", and wait where they are held. */
async function start(store?: JobStore, limits?: Parameters<typeof startApp>[0]): Promise<RunningApp> {
  const app = await startApp(limits, {}, store);
  open.push(app);
  return app;
}

const post = (app: RunningApp, body: unknown): Promise<Response> => fetch(`${app.url}/v1/jobs`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const create = async (app: RunningApp, texts: readonly string[], options: object = {}): Promise<Job> => {
  const response = await post(app, { queries: texts.map((text) => ({ text })), options });
  expect(response.status).toBe(202);
  const job = jobSchema.parse(await response.json());
  expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
  return job;
};
const get = async (app: RunningApp, { id }: Job): Promise<Job> => jobSchema.parse(await (await fetch(`${app.url}/v1/jobs/${id}`)).json());
const ended = async (app: RunningApp, job: Job, state = 'done'): Promise<Job> => {
  await expect.poll(async () => (await get(app, job)).state).toBe(state);
  return get(app, job);
};
const results = (app: RunningApp, { id }: Job, query = ''): Promise<Response> => fetch(`${app.url}/v1/jobs/${id}/results${query}`);
const remove = async (app: RunningApp, { id }: Job): Promise<ReturnType<typeof jobRemovalSchema.parse>> => jobRemovalSchema.parse(await (await fetch(`${app.url}/v1/jobs/${id}`, { method: 'DELETE' })).json());
/** Lets each search wait until it is released. */
function hold(app: RunningApp): () => void {
  let release = (): void => {};
  app.service.hold = new Promise((resolve) => (release = resolve));
  return () => {
    app.service.hold = Promise.resolve();
    release();
  };
}

describe('a job', () => {
  it('answers each query, and a bad one never ends it', async () => {
    const app = await start();
    const job = await create(app, ['CCO', 'bad', '', 'ethanol'], { k: 5, noAlerts: true });
    expect(job).toMatchObject({ total: 4, index: 'demo', generation: 'g1', finishedAt: null, problem: null, options: { k: 5, noAlerts: true, exact: false } });
    const done = await ended(app, job);
    expect(done).toMatchObject({ done: 4, rejected: 1, secondsLeft: null });
    expect(done.perSecond).toBeGreaterThan(0);
    expect([done.createdAt <= done.startedAt!, done.startedAt! <= done.finishedAt!]).toEqual([true, true]);
    const found = jobResultsSchema.parse(await (await results(app, job)).json());
    expect(found.job).toEqual(done);
    expect(found.results.map(({ query }) => query)).toEqual([{ id: '1', text: 'CCO' }, { id: '2', text: 'bad' }, { id: '3', text: '' }, { id: '4', text: 'ethanol' }]);
    expect(found.results[0]).toMatchObject({ response: { hits: [HIT] } });
    expect(found.results[1]).toEqual({ query: { id: '2', text: 'bad' }, problem: { code: 'SMILES_SYNTAX', title: 'The SMILES cannot be read', detail: 'Expected something better.' } });
    expect(app.service.asked.map(({ query }) => query)).toContainEqual({ kind: 'text', text: 'ethanol' });
    expect(app.service.asked[0]!.options).toMatchObject({ k: 5, noAlerts: true, index: 'demo' });
    const page = jobResultsSchema.parse(await (await results(app, job, '?offset=1&limit=2')).json());
    expect(page.results.map(({ query }) => query.id)).toEqual(['2', '3']);
    expect(JSON.stringify(app.log)).not.toMatch(/CCO|ethanol|something better/);
  });

  it('gives its results as files, one row a hit', async () => {
    const app = await start();
    const response = await post(app, { queries: [{ text: 'CCO', id: 'mine' }, { text: 'bad' }, { text: '=1' }] });
    const job = await ended(app, jobSchema.parse(await response.json()));
    const csv = await results(app, job, '?format=csv');
    expect([csv.headers.get('content-type'), csv.headers.get('vary')]).toEqual(['text/csv; charset=utf-8', 'Accept, Accept-Encoding']);
    expect(csv.headers.get('content-disposition')).toBe(`attachment; filename=isolens-job-${job.id.slice(0, 8)}.csv`);
    const [header, ...rows] = parse(await csv.text());
    expect(header!.slice(0, 4)).toEqual(['queryId', 'queryText', 'rank', 'id']);
    expect(rows.map((row) => row.slice(0, 4))).toEqual([['mine', 'CCO', '1', 'M-1'], ['3', "'=1", '1', 'M-1']]);
    const accepted = (accept: string): Promise<string> => fetch(`${app.url}/v1/jobs/${job.id}/results`, { headers: { accept } }).then((one) => one.text());
    expect(await accepted('chemical/x-daylight-smiles')).toBe('CCO\tM-1\nCCO\tM-1\n');
    expect((await accepted('application/x-ndjson')).trim().split('\n').map((line) => (JSON.parse(line) as { queryId: string }).queryId)).toEqual(['mine', '3']);
    expect((await accepted('chemical/x-mdl-sdfile')).match(/>  <queryText>\n(.*)/g)).toEqual(['>  <queryText>\nCCO', '>  <queryText>\n=1']);
    expect(await problemIn(await fetch(`${app.url}/v1/jobs/${job.id}/results`, { headers: { accept: 'text/html' } }))).toMatchObject({ status: 406, code: 'NOT_ACCEPTABLE' });
  });

  it('is cancelled, keeps what it has, and is then deleted', async () => {
    const app = await start();
    const job = await create(app, ['1', '2', '3']);
    await expect.poll(() => app.service.asked.length).toBe(3);
    await ended(app, job);
    const release = hold(app);
    const long = await create(app, ['a', 'b', 'c', 'd']);
    const next = await create(app, ['e']);
    await expect.poll(() => app.service.asked.length).toBe(4);
    expect(await get(app, next)).toMatchObject({ state: 'waiting', startedAt: null });
    expect(await remove(app, long)).toMatchObject({ deleted: false, job: { state: 'cancelled', done: 0, secondsLeft: null } });
    expect(await remove(app, next)).toMatchObject({ deleted: false, job: { state: 'cancelled' } });
    release();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(app.service.asked).toHaveLength(4);
    expect(await get(app, long)).toMatchObject({ state: 'cancelled', done: 0 });
    expect((await remove(app, job)).deleted).toBe(true);
    expect((await remove(app, long)).deleted).toBe(true);
    expect(await problemIn(await fetch(`${app.url}/v1/jobs/${job.id}`))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await problemIn(await results(app, job))).toMatchObject({ status: 404 });
    const list = jobSchema.array().parse(await (await fetch(`${app.url}/v1/jobs`)).json());
    expect(list.map(({ id }) => id)).toEqual([next.id]);
  });

  it('shows while it runs what is there, and how far it is', async () => {
    const app = await start();
    const texts = Array.from({ length: 4 }, (_, i) => String(i));
    let release = (): void => {};
    app.service.when = (text) => (text === '2' ? new Promise((resolve) => (release = resolve)) : undefined);
    const job = await create(app, texts);
    await expect.poll(async () => (await get(app, job)).done).toBe(2);
    const half = await get(app, job);
    expect(half).toMatchObject({ state: 'running', total: 4 });
    expect(half.secondsLeft).toBeGreaterThanOrEqual(0);
    expect(jobResultsSchema.parse(await (await results(app, job)).json()).results).toHaveLength(2);
    expect(parse(await (await results(app, job, '?format=csv')).text())).toHaveLength(3);
    release();
    expect(await ended(app, job)).toMatchObject({ done: 4 });
  });

  it('fails with its reason where the options are wrong for every query, and not for what passes', async () => {
    const app = await start();
    app.service.failure = new IsoLensError('SMARTS_INVALID', 'Expected a SMARTS.');
    const job = await ended(app, await create(app, ['1', '2'], { forbid: ['['] }), 'failed');
    expect(job).toMatchObject({ done: 0, problem: { code: 'SMARTS_INVALID', detail: 'Expected a SMARTS.' } });
    let failures = 0;
    app.service.failure = undefined;
    app.service.when = () => {
      if (failures++ === 0) throw new IsoLensError('WORKER_FAILED', 'A worker stopped.');
      return undefined;
    };
    expect(await ended(app, await create(app, ['1']))).toMatchObject({ done: 1, rejected: 0 });
    app.service.when = () => {
      throw new Error('secret');
    };
    const broken = await ended(app, await create(app, ['1']));
    expect(await (await results(app, broken)).text()).not.toContain('secret');
  });
});

describe('a restart', () => {
  it('goes on where the service stopped, once its index is the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobs-'));
    const path = join(folder, 'jobs.sqlite');
    const first = await startApp(undefined, {}, new JobStore(path));
    let release = (): void => {};
    first.service.when = (text) => (text === '2' ? new Promise((resolve) => (release = resolve)) : undefined);
    const job = await create(first, ['1', '2', 'bad', '4']);
    const waiting = await create(first, ['5']);
    await expect.poll(async () => (await get(first, job)).done).toBe(1);
    // The query in hand is finished before the store is closed.
    const closed = first.close();
    setTimeout(release, 100);
    await closed;
    expect(first.service.asked).toHaveLength(2);

    const store = new JobStore(path);
    expect(store.find(job.id)).toMatchObject({ state: 'running', done: 2 });
    const second = await start(store);
    expect(await ended(second, job)).toMatchObject({ done: 4, rejected: 1 });
    await ended(second, waiting);
    expect(second.service.asked.map(({ query }) => query.kind === 'text' && query.text)).toEqual(['bad', '4', '5']);
    expect(jobResultsSchema.parse(await (await results(second, job)).json()).results.map(({ query }) => query.text)).toEqual(['1', '2', 'bad', '4']);
    store.add({ id: 'old', kind: 'search', createdAt: '2026-01-01', index: 'demo', generation: 'g0', options: {}, queries: [{ id: '1', text: 'C' }] });
    await create(second, ['6']);
    await expect.poll(() => store.find('old')?.state).toBe('failed');
    expect(store.find('old')).toMatchObject({ problem: { code: 'BUNDLE_INCOMPATIBLE' } });
    rmSync(folder, { recursive: true });
  });
});

describe('bounds', () => {
  it('are told: queries, candidates, jobs that wait', async () => {
    const app = await start();
    const queries = (count: number): { text: string }[] => Array.from({ length: count }, () => ({ text: 'C' }));
    const wrong = [{}, { queries: [] }, { queries: [{}] }, { queries: queries(1001) }, { queries: queries(201), options: { k: 1000 } }, { queries: queries(1), options: { k: 10_001 } }, { queries: queries(1), more: 1 }, { queries: queries(1), options: { top: 1 } }];
    for (const body of wrong) expect(await problemIn(await post(app, body))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(await problemIn(await post(app, { queries: queries(1), options: { index: 'other' } }))).toMatchObject({ status: 404, code: 'BUNDLE_NOT_FOUND' });
    expect(await problemIn(await fetch(`${app.url}/v1/jobs?state=done`))).toMatchObject({ status: 400 });
    const release = hold(app);
    for (let i = 0; i < 21; i++) await create(app, ['C']);
    const refused = await post(app, { queries: queries(1) });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(await problemIn(refused)).toMatchObject({ status: 429, code: 'JOBS_FULL' });
    release();
    await expect.poll(() => app.jobs.book.list().every(({ state }) => state === 'done')).toBe(true);
    await create(app, ['C']);
  });

  it('keep a hundred jobs: the oldest that has ended makes room', async () => {
    const store = new JobStore(':memory:');
    const job = { createdAt: '2026-01-01', index: 'demo', generation: 'g1', options: { k: 1 }, queries: [{ id: '1', text: 'C' }] };
    for (let i = 0; i < 100; i++) {
      store.add({ ...job, kind: 'search', id: `job-${i}` });
      store.change(`job-${i}`, { state: 'done' });
    }
    const app = await start(store);
    const { id } = await create(app, ['C']);
    const ids = app.jobs.book.list().map((one) => one.id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([100, id, 'job-1']);
  });

  it('let those who wait for an answer go first, and end all the same', async () => {
    const app = await start(undefined, { running: 2, waiting: 8, timeoutMs: 10_000 });
    const ask = (text: string): Promise<Response> => fetch(`${app.url}/v1/search`, { method: 'POST', body: JSON.stringify({ query: { text } }), headers: { 'content-type': 'application/json' } });
    let release = (): void => {};
    app.service.when = (text) => (text === 'slow' ? new Promise((resolve) => (release = resolve)) : undefined);
    const slow = ask('slow');
    await expect.poll(() => app.service.asked.length).toBe(1);
    const job = await create(app, ['job 1', 'job 2', 'job 3']);
    await ask('quick');
    expect(app.service.asked.map(({ query }) => query.kind === 'text' && query.text)).toEqual(['slow', 'quick']);
    // Its patience ends before the slow one does.
    await expect.poll(async () => (await get(app, job)).done, { timeout: 5000 }).toBeGreaterThan(0);
    release();
    expect((await slow).status).toBe(200);
    await ended(app, job);
  });
});
