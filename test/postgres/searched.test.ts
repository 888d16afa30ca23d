/** A library that is searched in the database answers as the files that it was pushed from. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { SearchedLibrary, databasePlace, pushBundle } from '../../src/postgres/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import type { SearchOptions, SearchQuery, SearchResult } from '../../src/search/index.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';
import { draw, paracetamol } from '../image/structures.ts';
import { writeAnyScore } from '../score/support.ts';
import { PGliteServer } from './pglite-server.ts';

const MOLECULES = ['OC(=O)CCc1ccccc1', 'NS(=O)(=O)CCc1ccccc1', 'c1ccc(CCc2nnn[nH]2)cc1', 'OC(=O)CCc1ccsc1', 'OC(=O)CCc1ccncc1', 'COC(=O)CCc1ccccc1', 'O=Cc1ccccc1', 'CC(=O)Oc1ccccc1C(=O)O', 'CC(=O)Nc1ccc(O)cc1', 'CCCCCCCCCC'];
/** Of the library, and of none. */
const ASKED = [...MOLECULES.slice(0, 4), ...someSmiles(40).filter((_, i) => i % 10 === 0), 'OC(=O)CCc1ccc(F)cc1', 'CCOC(=O)Cc1ccc2ccccc2c1', 'C1CCNCC1'];
const WAYS: readonly (readonly [string, Partial<SearchOptions>])[] = [
  ['default', {}],
  ['similarity', { mode: 'similarity' }],
  ['tanimoto', { mode: 'tanimoto' }],
  ['tanimoto in a window', { mode: 'tanimoto', properties: ['mw<=260'] }],
  ['hop', { mode: 'hop' }],
  ['replace', { mode: 'replace' }],
  ['exact', { exact: true, reasons: 'none' }],
  ['a window', { properties: ['mw<=250'], mode: 'similarity' }],
  ['windows about the query', { properties: ['logp~1.5', 'tpsa=0..90'] }],
  ['no alerts, without itself', { noAlerts: true, excludeSelf: true }],
  ['unlike it', { maxTanimoto: 0.4 }],
  ['with and without a group', { require: ['c1ccccc1'], forbid: ['C(=O)[OH]'] }],
  ['one of each scaffold, diverse', { onePerScaffold: true, diversity: 0.4, k: 6 }],
  ['among some', { among: Array.from({ length: 50 }, (_, i) => `M${7 * i}`) }],
  ['without a list', { exclude: ['M0', 'name 3', 'CC(=O)Oc1ccccc1C(=O)O', 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', 'nothing so'], mode: 'similarity', k: 30 }],
  ['nothing left', { properties: ['mw>5000'] }],
];

let folder = '';
let chem: ChemPool;
let database: PGliteServer;
let local: SearchEngine;
let remote: SearchEngine;
const now = (): number => performance.now();

async function push(): ReturnType<typeof pushBundle> {
  const bundle = await openBundle(folder, 'mine');
  try {
    return await pushBundle(bundle, databasePlace(database.url), { progress: SILENT_PROGRESS });
  } finally {
    bundle.close();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'searched-'));
  chem = new ChemPool({ workers: 1 });
  database = await PGliteServer.start();
  const model = await makeModel(join(folder, 'model'));
  await writeAnyScore(join(folder, 'model'));
  const path = join(folder, 'library.csv');
  // More than are all compared, so that the nearest of each kind must be found.
  const rows = [...MOLECULES, ...someSmiles(700)].map((smiles, i) => `M${i},${smiles},Name ${i},${i % 7}`);
  await writeFile(path, `id,smiles,name,batch\n${rows.join('\n')}\n`);
  await buildBundle({ root: folder, name: 'mine', source: { path }, model, backend: 'hnsw', chem, command: 'test', seed: 1, now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS });
  await push();
  local = await SearchEngine.open(folder, 'mine', { chem, now });
  remote = await SearchEngine.over(await SearchedLibrary.open(databasePlace(database.url), 'mine', { scratch: folder }), { chem, now });
}, 600_000);
afterAll(async () => {
  await local?.close();
  await remote?.close();
  await database?.close();
  await chem?.close();
  await rm(folder, { recursive: true, force: true });
});

const untimed = ({ tookMs: _, ...answer }: SearchResult): object => answer;
const same = async (query: SearchQuery, options: Partial<SearchOptions> = {}): Promise<void> => {
  const asked = { k: 10, ...options };
  const expected = await local.search(query, asked);
  expect(untimed(await remote.search(query, asked))).toEqual(untimed(expected));
};

describe('a search in the database', { timeout: 300_000 }, () => {
  it.each(WAYS)('answers as the files do: %s', async (_, options) => {
    for (const smiles of ASKED) await same({ kind: 'smiles', smiles }, options);
  });

  it('knows molecules by identifier, name, InChIKey, and pictures', async () => {
    for (const text of ['M4', 'name 17', 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', 'Name 8 hydrochloride']) {
      await same({ kind: 'text', text }, { mode: 'similarity' });
      expect(await remote.understand(text)).toEqual(await local.understand(text));
    }
    await same({ kind: 'image', bytes: await draw(paracetamol([200, 150])) });
    for (const query of [{ kind: 'text', text: 'nome 17' }, { kind: 'id', id: 'nobody' }] as const) {
      const thrown = async (engine: SearchEngine): Promise<object> => engine.search(query, { k: 1 }).then(() => ({}), ({ code, message, details }: { code: string; message: string; details: object }) => ({ code, message, details }));
      expect(await thrown(remote)).toEqual(await thrown(local));
    }
  });

  it('answers lists, single molecules and places on the map', async () => {
    const outcomes = (engine: SearchEngine): Promise<unknown[]> => engine.searchMany([...ASKED, 'no molecule'], { k: 5 }).then((all) => all.map((one) => (one.ok ? untimed(one.result) : one.error)));
    expect(await outcomes(remote)).toEqual(await outcomes(local));
    expect(await remote.molecule('M12')).toEqual(await local.molecule('M12'));
    expect(await remote.molecules.rowsOfIds(['M3', 'none', 'M9'])).toEqual(await local.molecules.rowsOfIds(['M3', 'none', 'M9']));
    const key = (await local.molecule('M5')).inchiKey.slice(0, 14);
    expect([await remote.molecules.holdsConnectivity(key), await remote.molecules.holdsConnectivity('AAAAAAAAAAAAAA')]).toEqual([true, false]);
  });

  it('is refused for a library that an earlier version pushed, until it is pushed again', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows: [live] } = await client.query<{ schema: string }>('SELECT schema_name AS schema FROM isolens.generations');
    await client.query(`DROP TABLE ${live!.schema}.fingerprints`);
    await client.end();
    await expect(SearchedLibrary.open(databasePlace(database.url), 'mine', { scratch: folder })).rejects.toMatchObject({ code: 'DATABASE_UNSUITABLE', message: expect.stringContaining('push it again') });
    expect(await push()).toMatchObject({ isNew: false });
    await same({ kind: 'smiles', smiles: ASKED[0]! });
  });

  it('leaves no file behind', async () => {
    const library = await SearchedLibrary.open(databasePlace(database.url), 'mine', { scratch: folder });
    const there = async (): Promise<number> => (await readdir(folder)).filter((name) => name.startsWith('isolens-library-')).length;
    expect(await there()).toBe(2);
    await library.close();
    expect(await there()).toBe(1);
  });
});
