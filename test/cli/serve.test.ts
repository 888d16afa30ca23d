/** The real service: open bundles, real chemistry, real pictures. What only the HTTP layer decides is in test/server. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilitiesSchema, indexInfoSchema, moleculeSchema, searchResponseSchema } from '../../src/api/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { problemIn } from '../server/fake-service.ts';
import { BAD_SMILES, badImages, drawing, oddImages } from './fixtures.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { Running, World } from './harness.ts';

let world: World;
let service: Running;
let url = '';
beforeAll(async () => {
  world = await makeWorld();
  await world.write('library.csv', `id,smiles,name,target\nD/1 x,CC(=O)Oc1ccccc1C(=O)O,aspirin,COX-1\n${someSmiles(80).map((smiles, i) => `M${i},${smiles},,`).join('\n')}\n`);
  await world.run(['index', '--input', 'library.csv', '--bundle', 'one', '--model', world.model]);
  await world.write('other.smi', 'CCO ethanol\nCCN\n');
  await world.run(['index', '--input', 'other.smi', '--bundle', 'two', '--model', world.model]);
  const names = ['--allow-host', 'isolens.lab', '--allow-host', 'tunnel:9000'];
  service = world.start(['serve', '--bundle', 'one', '--bundle', 'two', '--port', '0', '--drain', '1', ...names]);
  url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
}, 600_000);
afterAll(async () => {
  service.child.kill('SIGKILL');
  await service.ended;
  await world.remove();
});

const search = (body: unknown): Promise<Response> => fetch(`${url}/v1/search`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const picture = (bytes: Uint8Array): Promise<Response> => fetch(`${url}/v1/search/image?k=3`, { method: 'POST', body: new Uint8Array(bytes), headers: { 'content-type': 'image/png' } });

describe('isolens serve', { timeout: 300_000 }, () => {
  it('answers from every bundle, in the documented shapes', async () => {
    const indexes = indexInfoSchema.array().parse(await (await fetch(`${url}/v1/indexes`)).json());
    expect(indexes.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(capabilitiesSchema.parse(await (await fetch(`${url}/v1/capabilities`)).json()).modalities.map(({ source }) => source).sort()).toEqual(['image', 'molecule']);
    const first = searchResponseSchema.parse(await (await search({ query: { smiles: 'OC(=O)c1ccccc1OC(C)=O.Cl' }, k: 3 })).json());
    expect(first).toMatchObject({ index: { name: 'one' }, query: { smiles: 'CC(=O)Oc1ccccc1C(=O)O', removed: ['Cl'] } });
    expect(first.hits[0]).toMatchObject({ id: 'D/1 x', tanimoto: 1, properties: { target: 'COX-1' } });
    const second = searchResponseSchema.parse(await (await search({ query: { text: 'ethanol' }, k: 3, index: 'two' })).json());
    expect(second.hits[0]).toMatchObject({ id: 'ethanol' });
    const { id } = first.hits[0]!;
    const molecule = moleculeSchema.parse(await (await fetch(`${url}/v1/molecules/${encodeURIComponent(id)}`)).json());
    expect(molecule).toMatchObject({ id, names: ['aspirin'] });
    const svg = await (await fetch(`${url}/v1/molecules/${encodeURIComponent(id)}/depiction.svg?width=200&height=100`)).text();
    expect(svg).toMatch(/<svg[^>]*width=["']200px["']/);
    expect(await (await search({ query: { id }, k: 2, excludeSelf: true })).json()).toMatchObject({ hits: [{}, {}] });
    expect(await problemIn(await search({ query: { id }, index: 'three' }))).toMatchObject({ status: 404, code: 'BUNDLE_NOT_FOUND' });
  });

  it('answers a drawing, as a body and in a form, and unusual files of it alike', async () => {
    const raw = searchResponseSchema.parse(await (await picture(await drawing())).json());
    expect(raw.query).toMatchObject({ kind: 'image', smiles: null });
    const form = new FormData();
    form.append('image', new Blob([new Uint8Array(await drawing())]), 'drawing.png');
    form.append('k', '3');
    const sent = searchResponseSchema.parse(await (await fetch(`${url}/v1/search/image`, { method: 'POST', body: form })).json());
    expect(sent.hits).toEqual(raw.hits);
    for (const { name, bytes } of await oddImages()) expect((await picture(bytes)).status, name).toBe(200);
  });

  it('refuses what is no molecule and what is no drawing', async () => {
    for (const { smiles, code } of BAD_SMILES) {
      const problem = await problemIn(await search({ query: { smiles } }));
      expect({ smiles: smiles.slice(0, 30), status: problem.status }).toEqual({ smiles: smiles.slice(0, 30), status: 422 });
      expect(problem.code, smiles.slice(0, 30)).toMatch(code);
    }
    for (const { name, bytes, code } of await badImages()) {
      const problem = await problemIn(await picture(bytes));
      expect(problem.code, name).toMatch(code);
      expect(problem.status, name).toBeGreaterThanOrEqual(400);
      expect(problem.status, name).toBeLessThan(500);
    }
    expect(await problemIn(await fetch(`${url}/v1/depictions`, { method: 'POST', body: '{"smiles":"C(C)(C)(C)(C)C"}', headers: { 'content-type': 'application/json' } }))).toMatchObject({ code: 'SMILES_VALENCE' });
    expect((await search({ query: { smiles: 'CCO' } })).status).toBe(200);
  });

  it('takes many at once', async () => {
    const answers = await Promise.all(someSmiles(40).map(async (smiles) => (await search({ query: { smiles }, k: 5 })).status));
    expect(answers).toEqual(answers.map(() => 200));
  });

  it('answers under its own address and the names it was given, and no other', async () => {
    const { port } = new URL(url);
    const ask = (host: string): Promise<number> => new Promise((resolve, reject) => {
      request(`${url}/v1/indexes`, { headers: { host } }, (response) => resolve(response.resume().statusCode!)).on('error', reject).end();
    });
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, 'isolens.lab', 'tunnel:9000', `tunnel:${port}`, `evil.example:${port}`];
    expect(await Promise.all(hosts.map(ask))).toEqual([200, 200, 200, 200, 421, 421]);
    const outcome = await world.run(['serve', '--bundle', 'two', '--allow-host', 'isolens.lab/page']);
    expect([outcome.code, errorCode(outcome)]).toEqual([2, 'ARGUMENT_INVALID']);
  });

  it('asks for keys, and counts requests, where others reach it', async () => {
    const made = await world.run(['key', 'alice']);
    const [, key, line] = /^key: (\S+)\nline: (.+)\n$/.exec(made.stdout)!;
    await world.write('keys.txt', `${line}\n`);
    const open = ['serve', '--bundle', 'two', '--port', '0', '--host', '0.0.0.0', '--jobs', world.path('other-jobs')];
    const guarded = world.start([...open, '--api-keys', 'keys.txt']);
    try {
      const said = await guarded.said(/listens on \S+/);
      expect(said).not.toContain('warning');
      const { port } = new URL(/http:\S+/.exec(said)![0]);
      const ask = (headers: Record<string, string>): Promise<Response> => fetch(`http://127.0.0.1:${port}/v1/indexes`, { headers });
      expect(await problemIn(await ask({}))).toMatchObject({ status: 401, code: 'KEY_MISSING' });
      const answer = await ask({ authorization: `Bearer ${key}` });
      expect([answer.status, answer.headers.get('ratelimit-policy')]).toEqual([200, expect.stringContaining('q=600; w=60')]);
      await guarded.said(/"key":"alice"/);
    } finally {
      guarded.child.kill('SIGTERM');
    }
    const { code, stdout, stderr } = await guarded.ended;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(key);
    const unguarded = world.start(open);
    await unguarded.said(/warning: whoever reaches 0\.0\.0\.0 can search without a key/);
    unguarded.child.kill('SIGKILL');
    await unguarded.ended;
  });

  it('refuses a key file that is none, before it opens a bundle', async () => {
    await world.write('bad-keys.txt', '# keys\nalice isolens_0123\n');
    const bad = await world.run(['serve', '--bundle', 'two', '--api-keys', 'bad-keys.txt']);
    expect([bad.code, errorCode(bad)]).toEqual([1, 'RECORD_INVALID']);
    expect(bad.stderr).toContain('line 2 of bad-keys.txt');
    expect(bad.stderr).not.toMatch(/opening|0123/);
    expect(errorCode(await world.run(['serve', '--bundle', 'two', '--api-keys', 'no-keys.txt']))).toBe('FILE_NOT_FOUND');
  });

  it('refuses a port that is taken', async () => {
    const outcome = await world.run(['serve', '--bundle', 'two', '--port', new URL(url).port]);
    expect([outcome.code, errorCode(outcome)]).toEqual([2, 'ARGUMENT_INVALID']);
    expect(outcome.stderr).toContain('--port');
  });

  it('finishes what is running when it is stopped', async () => {
    const last = Promise.all(someSmiles(10).map((smiles) => search({ query: { smiles }, k: 5 })));
    await Promise.race([last, new Promise((resolve) => setTimeout(resolve, 50))]);
    service.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    const { code, stdout } = await service.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('listens');
    await last.catch(() => {});
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
