/** The service over a bundle of its own, in this process: real chemistry behind real HTTP, held against the document. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { jobResultsSchema, searchResponseSchema } from '../../src/api/index.ts';
import { ChemPool, valueOf } from '../../src/chem/index.ts';
import { LiveBundles } from '../../src/cli/live-bundles.ts';
import { BundleService } from '../../src/cli/service.ts';
import { SILENT_LOGGER, SILENT_PROGRESS } from '../../src/core/index.ts';
import { buildBundle, readLibrary } from '../../src/ingest/index.ts';
import type { LibraryRecord } from '../../src/ingest/index.ts';
import { Replacements, TABLE_FILE } from '../../src/replacements/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import { DEFAULT_LIMITS, Gate, JobRunner, createApp } from '../../src/server/index.ts';
import { JobStore } from '../../src/store/index.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';
import { problemIn } from '../server/fake-service.ts';
import { judgeOf } from '../server/judge.ts';
import type { Ask, Judge } from '../server/judge.ts';
import { drawing } from './fixtures.ts';

/** Put there before the service starts. */
const ENDED_JOB = 'job-1';
const ASPIRIN = 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N';
/** Records that no molecule can be made of. */
const WRONG = ['X1,not a smiles,,', 'X2,C(C)(C)(C)(C)C,,', 'X3,also none,,'];
const root = new URL('../..', import.meta.url).pathname;

let folder = '';
let chem: ChemPool;
let engine: SearchEngine;
let jobs: JobRunner;
let server: Server;
let url = '';
let judge: Judge;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-'));
  chem = new ChemPool({ workers: 1 });
  const path = join(folder, 'library.csv');
  const rest = someSmiles(60)
    .map((smiles, i) => `M${i},${smiles},,`)
    .join('\n');
  await writeFile(
    path,
    `id,smiles,name,target\nD/1 x,CC(=O)Oc1ccccc1C(=O)O,Aspirin,COX-1\nD2,CC(=O)Oc1ccccc1C(=O)O,acetylsalicylic acid,\n${rest}\n${WRONG.join('\n')}\n`,
  );
  const indexes = join(folder, 'indexes');
  await buildBundle({
    root: indexes,
    name: 'small',
    source: { path },
    model: await makeModel(join(folder, 'model')),
    backend: 'hnsw',
    chem,
    command: 'test',
    seed: 1,
    now: () => new Date('2026-11-20T10:00:00Z'),
    progress: SILENT_PROGRESS,
    facts: { licence: 'CC0', sourceUrl: 'https://example.org/library', link: 'https://example.org/{id}' },
  });
  const now = (): number => performance.now();
  engine = await SearchEngine.open(indexes, 'small', { chem, now });
  const replacements = Replacements.open(join(root, 'indexes', 'models', 'replacements', TABLE_FILE));
  const service = new BundleService({ bundles: LiveBundles.of([engine], SILENT_LOGGER), chem, replacements: () => replacements, reader: undefined, version: '1.2.3', now });
  const gate = new Gate(DEFAULT_LIMITS);
  const store = new JobStore(':memory:');
  store.add({
    kind: 'search',
    id: ENDED_JOB, createdAt: '2026-11-20T10:00:00.000Z', index: 'small', generation: engine.manifest.generation, options: { k: 4, mode: 'similarity' },
    queries: ['aspirin', 'C(', 'no such name', someSmiles(1)[0]!].map((text, i) => ({ id: `q${i}`, text })),
  });
  jobs = new JobRunner({ service, store, gate, logger: SILENT_LOGGER, now, date: () => new Date().toISOString() });
  server = createServer(
    createApp({ service, version: '1.2.3', logger: SILENT_LOGGER, webRoot: folder, now, gate, jobs, hosts: { listening: '127.0.0.1', allowed: [] } }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  jobs.start();
  await vi.waitUntil(() => jobs.book.get(ENDED_JOB).state === 'done', { timeout: 60_000 });
  judge = await judgeOf(url);
}, 120_000);
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await jobs.stop();
  await engine.close();
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

const json = (value: unknown, status?: number): Ask => ({
  body: JSON.stringify(value),
  type: 'application/json',
  ...(status === undefined ? {} : { status }),
});

function formWith(field: string, bytes: Uint8Array): FormData {
  const form = new FormData();
  form.append(field, new Blob([new Uint8Array(bytes)]), 'a file');
  return form;
}

async function readBack(text: string): Promise<LibraryRecord[]> {
  const records: LibraryRecord[] = [];
  for await (const item of readLibrary({ path: '-', format: 'sdf', stdin: Readable.from([Buffer.from(text)]) })) records.push(item as LibraryRecord);
  return records;
}

describe('the service', { timeout: 120_000 }, () => {
  it('answers every route as the document says', async () => {
    const picture = new Uint8Array(await drawing());
    const asked: Readonly<Record<string, readonly Ask[]>> = {
      'post /v1/search': [
        json({ query: { smiles: 'OC(=O)c1ccccc1OC(C)=O.Cl' }, k: 5, mode: 'similarity' }),
        json({ query: { text: 'aspirin' }, k: 3, reasons: 'none', mode: 'similarity' }),
        json({ query: { smiles: 'C(C)(C)(C)(C)C' } }, 422),
        json({ query: { embedding: [1, 2, 3] } }, 422),
        json({ query: { id: 'nobody' } }, 404),
        json({ query: { smiles: 'C' }, index: 'other' }, 404),
        json({ query: { smiles: 'CCO' }, forbid: ['[#6'], mode: 'similarity' }, 422),
        json({ query: { smiles: 'CCO' }, properties: ['weight<3'], mode: 'similarity' }, 400),
      ],
      'post /v1/embeddings': [
        json({ smiles: ['OC(=O)c1ccccc1OC(C)=O', 'C(', 'CCO.Cl'] }),
        json({ smiles: ['CCO'], from: 'nothing' }, 422),
        json({ smiles: ['CCO'], from: 'drawing' }, 400),
        json({ smiles: ['CCO'], index: 'other' }, 404),
      ],
      'post /v1/understand': [
        json({ text: 'OC(=O)c1ccccc1OC(C)=O.Cl' }),
        json({ text: 'Aspirin' }),
        json({ text: 'C(' }, 422),
        json({ text: 'no such name' }, 404),
        json({ text: 'C', index: 'other' }, 404),
      ],
      'post /v1/search/image': [
        { body: picture, type: 'image/png', query: 'k=2' },
        { body: picture, type: 'image/png', query: 'k=2&format=sdf' },
        { body: 'no picture', type: 'image/png', status: 415 },
        { body: picture.slice(0, 200), type: 'image/png', status: 422 },
      ],
      // A bundle of drawings knows neither; test/cli/cells.test.ts and cell-profiles.test.ts ask bundles that do.
      'post /v1/search/cells': [{ body: formWith('site', picture), status: 422 }],
      'post /v1/search/profile': [{ body: formWith('table', new TextEncoder().encode('Metadata_Plate,Metadata_Well,F\nP,A01,1\nP,A02,2\n')), status: 422 }],
      'post /v1/read': [{ body: picture, type: 'image/png', status: 422 }],
      'post /v1/replacements': [
        json({ smiles: 'CC(=O)Nc1ccc(O)cc1', k: 3 }),
        json({ smiles: '[*:1]C(=O)N[*:2]', k: 3 }),
        json({ smiles: 'CCO', atoms: [90] }, 422),
        json({ smiles: 'C(' }, 422),
      ],
      'post /v1/export': [
        json({ format: 'sdf', records: [{ smiles: 'CCO', id: 'a' }, { smiles: 'C(', id: 'b' }] }),
        json({ format: 'csv', records: [{ smiles: 'C(', id: 'b', fields: { note: 'kept' } }] }),
      ],
      'get /v1/jobs': [{}],
      'post /v1/jobs': [json({ queries: [{ text: 'aspirin' }, { text: 'C(' }], options: { k: 2, mode: 'similarity' } }, 202)],
      'get /v1/jobs/{id}': [{ id: ENDED_JOB }, { id: 'nobody', status: 404 }],
      'delete /v1/jobs/{id}': [{ id: 'nobody', status: 404 }],
      'get /v1/jobs/{id}/events': [{ id: ENDED_JOB }, { id: 'nobody', status: 404 }],
      'get /v1/jobs/{id}/results': [{ id: ENDED_JOB }, { id: ENDED_JOB, query: 'format=sdf' }, { id: ENDED_JOB, query: 'format=csv' }],
      'get /v1/molecules/{id}': [{ id: 'D/1 x' }, { id: 'nobody', status: 404 }, { id: 'M1', query: 'index=other', status: 404 }],
      'get /v1/molecules/{id}/depiction.svg': [{ id: 'Aspirin' }, { id: 'nobody', status: 404 }],
      'post /v1/depictions': [json({ smiles: '[*:1]C(=O)N[*:2]' }), json({ smiles: 'CCO', marks: [{ atoms: [0], as: 'new' }] }), json({ smiles: 'c1cccc1' }, 422)],
      'get /v1/indexes': [{}],
      'get /v1/indexes/{name}': [{ name: 'small' }, { name: 'other', status: 404 }],
      'post /v1/indexes/{name}/library': [{ name: 'mine', body: 'CCO one', type: 'application/octet-stream', query: 'format=smi', status: 403 }],
      'get /v1/indexes/{name}/rejects': [{ name: 'small' }, { name: 'small', query: 'from=9' }, { name: 'other', status: 404 }],
      'post /v1/indexes/{name}/recall': [
        { ...json({}), name: 'small' },
        { ...json({ queries: 20, k: 5, efSearch: 8 }), name: 'small' },
        { ...json({}, 404), name: 'other' },
      ],
      'get /v1/indexes/{name}/map': [{ name: 'small' }, { name: 'other', status: 404 }],
      'post /v1/indexes/{name}/places': [
        { ...json({ ids: ['D2', 'nobody'], smiles: 'CCO' }), name: 'small' },
        { ...json({ smiles: 'C(C)(C)(C)(C)C' }, 422), name: 'small' },
        { ...json({}, 404), name: 'other' },
      ],
      'get /v1/capabilities': [{}],
      'get /openapi.json': [{}],
      'get /healthz': [{}],
      'get /readyz': [{}],
      'get /metrics': [{}],
    };
    expect(Object.keys(asked)).toEqual(judge.operations);
    for (const [operation, asks] of Object.entries(asked)) {
      for (const ask of asks)
        expect({ operation, ask, ...(await judge.check(operation, ask)) }).toEqual({
          operation,
          ask,
          status: ask.status ?? 200,
          problems: [],
        });
    }
  });

  it('draws what it finds: files hold the same molecules as the answer, with coordinates', async () => {
    const ask = (query: string): Promise<Response> => fetch(`${url}/v1/search${query}`, {
      method: 'POST', body: JSON.stringify({ query: { text: 'aspirin' }, k: 20, mode: 'similarity' }), headers: { 'content-type': 'application/json' },
    });
    const { hits } = searchResponseSchema.parse(await (await ask('')).json());
    const sdf = await ask('?format=sdf');
    expect(sdf.headers.get('x-skipped')).toBeNull();
    const records = await readBack(await sdf.text());
    const molecules = await chem.standardise(records.map(({ structure }) => structure));
    expect(molecules.map((one) => valueOf(one).inchiKey)).toEqual(hits.map(({ inchiKey }) => inchiKey));
    expect(records.map(({ id }) => id)).toEqual(hits.map(({ id }) => id));
    expect(records[0]!.properties).toMatchObject({ rank: 1, index: 'small', target: 'COX-1', inchiKey: ASPIRIN });
    for (const { structure } of records.slice(0, 5)) expect(new Set(structure.match(/^ +-?\d+\.\d{4} +-?\d+\.\d{4}/gm)).size).toBeGreaterThan(2);
  });

  it('exports what can be drawn and names what cannot', async () => {
    const list = [{ smiles: 'CCO', id: 'good' }, { smiles: 'C(C)(C)(C)(C)C', id: 'bad one', fields: { note: 'kept' } }, { smiles: '[*:1]c1ccccc1', id: 'fragment' }];
    const response = await fetch(`${url}/v1/export`, { method: 'POST', body: JSON.stringify({ format: 'sdf', records: list }), headers: { 'content-type': 'application/json' } });
    expect([response.headers.get('x-skipped'), response.headers.get('x-skipped-count')]).toEqual(['bad%20one', '1']);
    const records = await readBack(await response.text());
    expect(records.map(({ id, properties }) => [id, properties['smiles']])).toEqual(list.map(({ id, smiles }) => [id, smiles]));
    expect(records[1]!.properties['note']).toBe('kept');
    expect(records.map(({ structure }) => Number(structure.split('\n')[3]!.slice(0, 3)))).toEqual([3, 0, 7]);
  });

  it('works a list off as single searches would', async () => {
    expect(jobs.book.get(ENDED_JOB)).toMatchObject({ done: 4, rejected: 2 });
    const { results } = jobResultsSchema.parse(await (await fetch(`${url}/v1/jobs/${ENDED_JOB}/results`)).json());
    expect(results.map((one) => ('problem' in one ? one.problem.code : one.response.hits.length))).toEqual([4, 'SMILES_SYNTAX', 'NAME_UNKNOWN', 4]);
    const single = await fetch(`${url}/v1/search`, { method: 'POST', body: '{"query":{"text":"aspirin"},"k":4,"mode":"similarity"}', headers: { 'content-type': 'application/json' } });
    const { hits } = searchResponseSchema.parse(await single.json());
    expect('response' in results[0]! && results[0].response.hits).toEqual(hits);
    const records = await readBack(await (await fetch(`${url}/v1/jobs/${ENDED_JOB}/results?format=sdf`)).text());
    expect(records.map(({ properties }) => properties['queryId'])).toEqual([...Array(4).fill('q0'), ...Array(4).fill('q3')]);
  });

  it('finds a molecule by all its names and keys, in any case, as a search does', async () => {
    for (const name of [
      'D/1 x',
      'D2',
      'Aspirin',
      'aspirin',
      'ASPIRIN',
      'acetylsalicylic acid',
      ASPIRIN,
      ASPIRIN.toLowerCase(),
      `InChIKey=${ASPIRIN}`,
      `inchikey=${ASPIRIN.toLowerCase()}`,
      ` ${ASPIRIN} `,
    ]) {
      const at = `${url}/v1/molecules/${encodeURIComponent(name)}`;
      const molecule = (await (await fetch(at)).json()) as { id: string; otherIds: string[]; inchiKey: string };
      const [id, other] = name === 'D2' ? ['D2', 'D/1 x'] : ['D/1 x', 'D2'];
      expect({ name, ...molecule }).toMatchObject({ name, id, otherIds: [other], inchiKey: ASPIRIN });
      expect(await (await fetch(`${at}/depiction.svg`)).text(), name).toContain('<svg');
      const search = await fetch(`${url}/v1/search`, {
        method: 'POST',
        body: JSON.stringify({ query: { text: name }, k: 1, mode: 'similarity' }),
        headers: { 'content-type': 'application/json' },
      });
      expect(await search.json(), name).toMatchObject({ query: { kind: 'id', inchiKey: ASPIRIN }, hits: [{ id: 'D/1 x' }] });
    }
    for (const nobody of ['salicylic acid', 'BSYNRYMUTXBXSQ-UHFFFAOYSA-M', 'InChIKey=', 'CCO', '%']) {
      const problem = await problemIn(await fetch(`${url}/v1/molecules/${encodeURIComponent(nobody)}`));
      expect(problem).toMatchObject({ status: 404, code: 'NAME_UNKNOWN', detail: expect.stringContaining('identifier') });
    }
  });
});
