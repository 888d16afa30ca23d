/** What a supervisor and a monitor ask. */
import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { problemIn, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

let app: RunningApp;
let isReady = true;
beforeEach(async () => {
  isReady = true;
  app = await startApp({ running: 1, waiting: 1, timeoutMs: 10_000 }, {}, undefined, { isReady: () => isReady });
});
afterEach(() => app.close());

const get = (path: string): Promise<Response> => fetch(`${app.url}${path}`);
const search = (smiles: string): Promise<Response> =>
  fetch(`${app.url}/v1/search`, { method: 'POST', body: JSON.stringify({ query: { smiles } }), headers: { 'content-type': 'application/json' } });
const metrics = async (): Promise<string> => (await get('/metrics')).text();

describe('/readyz', () => {
  it('says that a service takes requests, and that one which stops does not', async () => {
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' });
    isReady = false;
    const stopping = await get('/readyz');
    expect([stopping.status, stopping.headers.get('retry-after'), stopping.headers.get('cache-control')]).toEqual([503, '5', 'no-store']);
    expect((await problemIn(stopping)).code).toBe('NOT_READY');
    // It lives, and still answers.
    expect((await get('/healthz')).status).toBe(200);
    expect((await search('CCO')).status).toBe(200);
  });

  it('lets go of connections once it stops', async () => {
    const agent = new Agent({ keepAlive: true });
    const connection = (): Promise<string | undefined> => new Promise((resolve, reject) => {
      request(`${app.url}/healthz`, { agent }, (response) => resolve(response.resume().headers.connection)).on('error', reject).end();
    });
    expect(await connection()).toBe('keep-alive');
    isReady = false;
    expect(await connection()).toBe('close');
    agent.destroy();
  });
});

describe('/metrics', () => {
  it('counts requests by the pattern of their path, never by what stands in it', async () => {
    await get('/v1/molecules/M-1');
    await get('/v1/molecules/CCOSECRET?index=demo');
    await get('/nothing/SECRET');
    await search('CCOSECRET');
    const expected = [
      'isolens_http_requests_total{method="GET",route="/v1/molecules/{id}",status="200"} 1',
      'isolens_http_requests_total{method="GET",route="/v1/molecules/{id}",status="404"} 1',
      'isolens_http_requests_total{method="GET",route="other",status="404"} 1',
      'isolens_http_requests_total{method="POST",route="/v1/search",status="200"} 1',
      'isolens_http_request_duration_seconds_count{method="POST",route="/v1/search",status="200"} 1',
      'isolens_work_duration_seconds_sum{route="/v1/search"} 0.0015',
    ];
    for (const line of expected) await expect.poll(async () => (await metrics()).split('\n')).toContain(line);
    expect(await metrics()).not.toContain('SECRET');
  });

  it('tells of the indexes, the jobs, the gate and the process', async () => {
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    const lines = (await answer.text()).split('\n');
    expect(lines).toEqual(expect.arrayContaining([
      'isolens_index_molecules{index="demo"} 1',
      'isolens_index_info{index="demo",generation="g1",backend="hnsw"} 1',
      'isolens_build_info{version="1.2.3"} 1',
      'isolens_jobs{state="waiting"} 0',
      'isolens_jobs{state="running"} 0',
      'isolens_gate_running 0',
      'isolens_gate_refused_total 0',
    ]));
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) expect(lines.some((line) => line.startsWith(`${name} `)), name).toBe(true);
  });

  it('counts what runs, waits and is refused', async () => {
    let release = (): void => {};
    app.service.hold = new Promise((resolve) => (release = resolve));
    const first = search('C');
    await expect.poll(() => app.service.asked.length).toBe(1);
    const second = search('CC');
    await expect.poll(metrics).toContain('isolens_gate_waiting 1');
    expect((await search('CCC')).status).toBe(503);
    const text = await metrics();
    for (const line of ['isolens_gate_running 1', 'isolens_gate_refused_total 1', 'isolens_gate_expired_total 0']) expect(text).toContain(line);
    release();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    await expect.poll(metrics).toContain('isolens_gate_running 0');
  });

  it('counts a client that leaves as one that left', async () => {
    let release = (): void => {};
    app.service.hold = new Promise((resolve) => (release = resolve));
    const leave = new AbortController();
    const gone = fetch(`${app.url}/v1/search`, { method: 'POST', body: '{"query":{"smiles":"C"}}', headers: { 'content-type': 'application/json' }, signal: leave.signal });
    await expect.poll(() => app.service.asked.length).toBe(1);
    leave.abort();
    await expect(gone).rejects.toThrow();
    await expect.poll(metrics).toContain('isolens_http_requests_total{method="POST",route="/v1/search",status="499"} 1');
    release();
  });
});
