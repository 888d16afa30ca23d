/** The service over a bundle of its own, in this process: real chemistry behind real HTTP, held against the document. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { BundleService } from '../../src/cli/service.ts';
import { SILENT_LOGGER, SILENT_PROGRESS } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { Replacements, TABLE_FILE } from '../../src/replacements/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import { createApp } from '../../src/server/index.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';
import { problemIn } from '../server/fake-service.ts';
import { judgeOf } from '../server/judge.ts';
import type { Ask, Judge } from '../server/judge.ts';
import { drawing } from './fixtures.ts';

const ASPIRIN = 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N';
/** Records that no molecule can be made of. */
const WRONG = ['X1,not a smiles,,', 'X2,C(C)(C)(C)(C)C,,', 'X3,also none,,'];
const root = new URL('../..', import.meta.url).pathname;

let folder = '';
let chem: ChemPool;
let engine: SearchEngine;
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
  const service = new BundleService({ engines: [engine], chem, replacements: () => replacements, reader: undefined, version: '1.2.3', now });
  server = createServer(
    createApp({ service, version: '1.2.3', logger: SILENT_LOGGER, webRoot: folder, now, hosts: { listening: '127.0.0.1', allowed: [] } }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  judge = await judgeOf(url);
}, 120_000);
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await engine.close();
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

const json = (value: unknown, status?: number): Ask => ({
  body: JSON.stringify(value),
  type: 'application/json',
  ...(status === undefined ? {} : { status }),
});

describe('the service', { timeout: 120_000 }, () => {
  it('answers every route as the document says', async () => {
    const picture = new Uint8Array(await drawing());
    const asked: Readonly<Record<string, readonly Ask[]>> = {
      'post /v1/search': [
        json({ query: { smiles: 'OC(=O)c1ccccc1OC(C)=O.Cl' }, k: 5, mode: 'similarity' }),
        json({ query: { text: 'aspirin' }, k: 3, reasons: false, mode: 'similarity' }),
        json({ query: { smiles: 'C(C)(C)(C)(C)C' } }, 422),
        json({ query: { id: 'nobody' } }, 404),
        json({ query: { smiles: 'C' }, index: 'other' }, 404),
        json({ query: { smiles: 'CCO' }, forbid: ['[#6'], mode: 'similarity' }, 422),
        json({ query: { smiles: 'CCO' }, properties: ['weight<3'], mode: 'similarity' }, 400),
      ],
      'post /v1/search/image': [
        { body: picture, type: 'image/png', query: 'k=2' },
        { body: 'no picture', type: 'image/png', status: 415 },
        { body: picture.slice(0, 200), type: 'image/png', status: 422 },
      ],
      'post /v1/read': [{ body: picture, type: 'image/png', status: 422 }],
      'post /v1/replacements': [
        json({ smiles: 'CC(=O)Nc1ccc(O)cc1', k: 3 }),
        json({ smiles: '[*:1]C(=O)N[*:2]', k: 3 }),
        json({ smiles: 'CCO', atoms: [90] }, 422),
        json({ smiles: 'C(' }, 422),
      ],
      'get /v1/molecules/{id}': [{ id: 'D/1 x' }, { id: 'nobody', status: 404 }, { id: 'M1', query: 'index=other', status: 404 }],
      'get /v1/molecules/{id}/depiction.svg': [{ id: 'Aspirin' }, { id: 'nobody', status: 404 }],
      'post /v1/depictions': [json({ smiles: '[*:1]C(=O)N[*:2]' }), json({ smiles: 'c1cccc1' }, 422)],
      'get /v1/indexes': [{}],
      'get /v1/indexes/{name}': [{ name: 'small' }, { name: 'other', status: 404 }],
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
