/** Every route of a live server, its answers and its refusals, held against the document that the same server hands out. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FILE_FORMAT_IDS } from '../../src/api/index.ts';
import { IsoLensError } from '../../src/core/index.ts';
import { JobStore } from '../../src/store/index.ts';
import { BARE, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';
import { answers, judgeOf } from './judge.ts';
import type { Ask, Judge } from './judge.ts';

let app: RunningApp;
let judge: Judge;
beforeAll(async () => {
  const store = new JobStore(':memory:');
  const job = { createdAt: '2026-11-20T10:00:00.000Z', index: 'demo', generation: 'g1', options: { k: 1 }, queries: [{ id: '1', text: 'CCO' }, { id: '2', text: '' }] };
  for (const id of [JOB, OTHER_JOB]) store.add({ ...job, kind: 'search', id });
  app = await startApp(undefined, {}, store);
  await vi.waitUntil(() => app.jobs.book.list().every(({ state }) => state === 'done'));
  judge = await judgeOf(app.url);
});
afterAll(() => app.close());

/** Two that have ended. */
const JOB = 'job-1';
const OTHER_JOB = 'job-2';
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
const post = (body: unknown, type = 'application/json'): Ask => ({
  body: body instanceof Uint8Array || body instanceof FormData || typeof body === 'string' ? body : JSON.stringify(body),
  ...(body instanceof FormData ? {} : { type }),
});
const formOf = (...names: readonly string[]): FormData => {
  const form = new FormData();
  for (const name of names) form.append(name, new Blob([PNG]));
  return form;
};

/** What is asked of each operation: what it must answer, and how it must refuse. A route that is new has to be added here. */
const ASKED: Readonly<Record<string, readonly Ask[]>> = {
  'post /v1/search': [
    post({ query: { smiles: 'CCO' } }),
    post({ query: { id: 'M-1' }, k: 3, mode: 'hop', properties: ['mw<=450'], reasons: 'none' }),
    post({ query: { text: 'ethanol' }, noAlerts: 'true' }),
    post({ query: { embedding: [0.6, -0.8] } }),
    { ...post({ query: { embedding: [] } }), status: 400 },
    ...FILE_FORMAT_IDS.map((format) => ({ ...post({ query: { smiles: 'CCO' } }), query: `format=${format}` })),
    { ...post({ query: { smiles: 'CCO' } }), query: 'format=pdf', status: 406 },
    { ...post({ query: {} }), status: 400 },
    { ...post('{'), status: 400 },
    { ...post('CCO', 'text/plain'), status: 415 },
    { ...post({ query: { text: 'x'.repeat(70_000) } }), status: 413 },
  ],
  'post /v1/embeddings': [
    post({ smiles: ['CCO', 'C('] }),
    post({ smiles: ['CCO'], index: 'demo', from: 'structure' }),
    { ...post({ smiles: [] }), status: 400 },
    { ...post({ smiles: ['CCO'], index: 'other' }), status: 404 },
    { ...post('CCO', 'text/plain'), status: 415 },
  ],
  'post /v1/understand': [
    post({ text: 'ethanol' }),
    post({ text: 'ethanol', index: 'demo' }),
    { ...post({ text: 'etanol' }), status: 404 },
    { ...post({}), status: 400 },
    { ...post('CCO', 'text/plain'), status: 415 },
  ],
  'post /v1/search/image': [
    post(PNG, 'image/png'),
    post(PNG, 'image/gif'),
    ...FILE_FORMAT_IDS.map((format) => ({ ...post(PNG, 'image/png'), query: `format=${format}&k=3` })),
    { ...post(PNG, 'image/png'), query: 'format=pdf', status: 406 },
    { ...post(PNG, 'application/octet-stream'), query: 'k=3&properties=mw<450&exact=true' },
    post(formOf('image')),
    { ...post(formOf('picture')), status: 400 },
    { ...post(PNG, 'text/plain'), status: 415 },
    { ...post('', 'image/png'), status: 422 },
    { ...post(new Uint8Array(5000), 'image/png'), status: 413 },
  ],
  'post /v1/search/cells': [
    post(formOf('site')),
    post(formOf('site', 'site')),
    { ...post(formOf('site')), query: 'format=csv' },
    { ...post(formOf('site')), query: 'format=pdf', status: 406 },
    { ...post(formOf('image')), status: 400 },
    { ...post(formOf()), status: 422 },
    { ...post(formOf(...Array<string>(17).fill('site'))), status: 400 },
    { ...post(PNG, 'image/png'), status: 415 },
  ],
  'post /v1/search/profile': [
    post(formOf('table')),
    { ...post(formOf('table')), query: 'perturbation=BRD-K1&k=3&format=smiles' },
    { ...post(formOf('table')), query: 'perturbation=', status: 400 },
    { ...post(formOf('profile')), status: 400 },
    { ...post('Metadata_Plate', 'text/csv'), status: 415 },
  ],
  'post /v1/read': [
    post(PNG, 'image/png'),
    post(formOf('image')),
    { ...post(PNG, 'image/png'), query: 'structure=2' },
    { ...post(PNG, 'image/png'), query: 'structure=0', status: 400 },
    { ...post(PNG, 'image/png'), query: 'k=3', status: 400 },
    { ...post(formOf('picture')), status: 400 },
    { ...post(PNG, 'text/plain'), status: 415 },
    { ...post('', 'image/png'), status: 422 },
  ],
  'post /v1/replacements': [
    post({ smiles: 'CCO' }),
    post({ smiles: 'CCO', atoms: [2], k: 4, index: 'demo' }),
    { ...post({}), status: 400 },
    { ...post({ smiles: 'CCO', atoms: [9] }), status: 422 },
    { ...post('CCO', 'text/plain'), status: 415 },
  ],
  'post /v1/export': [
    ...FILE_FORMAT_IDS.map((format) => post({ format, records: [{ smiles: 'CCO', id: 'a', fields: { score: 1, note: null } }], name: 'x', provenance: { query: 'C' } })),
    { ...post({ format: 'pdf', records: [{ smiles: 'CCO', id: 'a' }] }), status: 400 },
    { ...post('CCO', 'text/plain'), status: 415 },
    { ...post({ format: 'csv', records: [{ smiles: 'C', id: 'a', fields: { x: 'x'.repeat(9_000_000) } }] }), status: 413 },
  ],
  'get /v1/jobs': [{}, { query: 'k=1', status: 400 }],
  'post /v1/jobs': [
    { ...post({ queries: [{ text: 'CCO', id: 'a' }, { text: 'C(' }], options: { k: 3 } }), status: 202 },
    { ...post({ queries: [{ text: 'CCO' }], options: { index: 'nothing' } }), status: 404 },
    { ...post({ queries: [] }), status: 400 },
    { ...post('CCO', 'text/plain'), status: 415 },
    { ...post({ queries: [{ text: 'x'.repeat(9_000_000) }] }), status: 413 },
  ],
  'get /v1/jobs/{id}': [{ id: JOB }, { id: 'nobody', status: 404 }, { id: JOB, query: 'k=1', status: 400 }],
  'delete /v1/jobs/{id}': [{ id: 'nobody', status: 404 }, { id: JOB }],
  'get /v1/jobs/{id}/events': [{ id: OTHER_JOB }, { id: 'nobody', status: 404 }, { id: OTHER_JOB, query: 'k=1', status: 400 }],
  'get /v1/jobs/{id}/results': [
    { id: OTHER_JOB },
    ...FILE_FORMAT_IDS.map((format) => ({ id: OTHER_JOB, query: `format=${format}` })),
    { id: OTHER_JOB, query: 'offset=1&limit=1' },
    { id: OTHER_JOB, query: 'limit=0', status: 400 },
    { id: OTHER_JOB, query: 'format=pdf', status: 406 },
    { id: 'nobody', status: 404 },
  ],
  'get /v1/molecules/{id}': [
    { id: 'M-1' },
    { id: 'A/B c%', query: 'index=demo' },
    { id: 'nobody', status: 404 },
    { id: 'M-1', query: 'index=other', status: 404 },
    { id: 'M-1', query: 'size=1', status: 400 },
  ],
  'get /v1/molecules/{id}/depiction.svg': [
    { id: 'M-1', query: 'width=100&theme=dark' },
    { id: 'nobody', status: 404 },
    { id: 'M-1', query: 'width=1', status: 400 },
  ],
  'post /v1/depictions': [
    post({ smiles: 'CCO', alignTo: 'CCN', highlightDifference: true }),
    { ...post({ smiles: '' }), status: 422 },
    { ...post({}), status: 400 },
    { ...post('CCO', 'text/plain'), status: 415 },
  ],
  'get /v1/indexes': [{}],
  'get /v1/indexes/{name}': [{ name: 'demo' }, { name: 'other', status: 404 }, { name: 'demo', query: 'from=1', status: 400 }],
  // The others: test/cli/indexing.test.ts.
  'post /v1/indexes/{name}/library': [
    { ...post('CCO one', 'application/octet-stream'), name: 'mine', query: 'format=smi', status: 403 },
    { ...post('{}'), name: 'mine', status: 415 },
  ],
  'get /v1/indexes/{name}/rejects': [
    { name: 'demo' },
    { name: 'demo', query: 'from=0&limit=1000' },
    { name: 'demo', query: 'from=99' },
    { name: 'other', status: 404 },
    { name: 'demo', query: 'from=-1', status: 400 },
    { name: 'demo', query: 'limit=1001', status: 400 },
    { name: 'demo', query: 'page=2', status: 400 },
  ],
  'post /v1/indexes/{name}/recall': [
    { ...post({}), name: 'demo' },
    { ...post({ queries: 10, k: 100, efSearch: 16 }), name: 'demo' },
    { ...post({ queries: 9 }), name: 'demo', status: 400 },
    { ...post({ queries: '100' }), name: 'demo', status: 400 },
    { ...post({ k: 101 }), name: 'demo', status: 400 },
    { ...post({ exact: true }), name: 'demo', status: 400 },
    { ...post({}), name: 'other', status: 404 },
    { ...post('10', 'text/plain'), name: 'demo', status: 415 },
  ],
  'get /v1/indexes/{name}/map': [{ name: 'demo' }, { name: BARE, status: 404 }, { name: 'other', status: 404 }, { name: 'demo', query: 'k=1', status: 400 }],
  'post /v1/indexes/{name}/places': [
    { ...post({}), name: 'demo' },
    { ...post({ ids: ['M-1', 'nobody'], smiles: 'CCO' }), name: 'demo' },
    { ...post({ ids: 'M-1' }), name: 'demo', status: 400 },
    { ...post({ ids: Array.from({ length: 10_001 }, () => 'x') }), name: 'demo', status: 400 },
    { ...post({ ids: ['x'.repeat(1_100_000)] }), name: 'demo', status: 413 },
    { ...post({ ids: [] }), name: BARE, status: 404 },
    { ...post('M-1', 'text/plain'), name: 'demo', status: 415 },
  ],
  'get /v1/capabilities': [{}],
  'get /openapi.json': [{}],
  'get /healthz': [{}],
  'get /readyz': [{}],
  'get /metrics': [{}],
};

describe('what the document promises', () => {
  it('is asked of every operation', () => {
    expect(judge.operations).toEqual(Object.keys(ASKED));
  });

  it.each(Object.keys(ASKED))('%s keeps', async (operation) => {
    for (const ask of ASKED[operation]!) {
      const isGood = ask.type === 'application/json' && (ask.status ?? 202) === 202;
      if (isGood) expect(judge.refusals(operation, JSON.parse(ask.body as string)), operation).toEqual([]);
      const { status, problems } = await judge.check(operation, ask);
      expect({ ask: JSON.stringify(ask), status, problems }).toEqual({
        ask: JSON.stringify(ask),
        status: ask.status ?? 200,
        problems: [],
      });
    }
  });

  it('is kept when the service fails, and under another name', async () => {
    for (const code of ['SMILES_VALENCE', 'OVERLOADED', 'WORKER_FAILED', 'MODALITY_UNSUPPORTED', 'BUNDLE_NOT_FOUND'] as const) {
      app.service.failure = new IsoLensError(code, 'Expected something else.', { details: { atoms: [1] } });
      const asked = ASKED['post /v1/search']![0]!;
      expect((await judge.check('post /v1/search', asked)).problems, code).toEqual([]);
    }
    app.service.failure = new Error('unforeseen');
    expect(await judge.check('post /v1/search', ASKED['post /v1/search']![0]!)).toEqual({ status: 500, problems: [] });
    app.service.failure = undefined;
  });

  it('is refused by a request that the service refuses for its shape', () => {
    for (const wrong of [
      {},
      { query: {} },
      { query: { smiles: 1 } },
      { query: { id: 'x', text: 'y' } },
      { query: { text: 'x' }, top: 3 },
      { query: { text: 'x' }, k: 0 },
    ])
      expect(judge.refusals('post /v1/search', wrong), JSON.stringify(wrong)).not.toEqual([]);
  });

  it('is shown by examples that keep it', () => {
    const examples = answers(judge.document);
    expect(examples.length).toBeGreaterThan(30);
    for (const { where, schema, example } of examples)
      expect({ where, problems: judge.validate(schema, example) }).toEqual({ where, problems: [] });
    for (const operation of judge.operations.filter((name) => name !== 'get /openapi.json'))
      expect(
        examples.some(({ where }) => / 20[02] /.test(where) && where.startsWith(`${operation} 20`)),
        operation,
      ).toBe(true);
  });
});
