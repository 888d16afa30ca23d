/** What the service tells of a library, on bundles that were built here: one with all its facts, one with none of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { LiveBundles } from '../../src/cli/live-bundles.ts';
import { BundleService } from '../../src/cli/service.ts';
import { cardFacts } from '../../src/cli/model-card.ts';
import { SILENT_LOGGER, SILENT_PROGRESS, matrixOf, rowOf } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { SearchEngine, measureRecall, spreadRows } from '../../src/search/index.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';

const WRONG = ['not a smiles X0', 'C(C)(C)(C)(C)C X1', 'neither X2', 'C( X3', 'nor X4'];
const COUNT = 300;
const now = (): number => performance.now();
const STAYS = new AbortController().signal;

let folder = '';
let chem: ChemPool;
let full: SearchEngine;
let bare: SearchEngine;
let service: BundleService;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'library-'));
  chem = new ChemPool({ workers: 1 });
  const model = await makeModel(join(folder, 'chosen'));
  const path = join(folder, 'library.smi');
  const good = someSmiles(COUNT).map((smiles, i) => `${smiles} M${i}`);
  await writeFile(path, `${[...WRONG, ...good].join('\n')}\n`);
  const make = async (name: string, more: object): Promise<SearchEngine> => {
    await buildBundle({
      root: folder, name, source: { path }, model, backend: 'hnsw', parameters: { efSearch: 20 }, chem, command: 'test', seed: 7,
      now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS, ...more,
    });
    return SearchEngine.open(folder, name, { chem, now });
  };
  full = await make('full', { facts: { licence: 'CC BY 4.0', sourceUrl: 'https://example.org/x', link: 'https://example.org/{inchiKey}' } });
  bare = await make('bare', { map: false });
  service = new BundleService({
    bundles: LiveBundles.of([full, bare], SILENT_LOGGER), chem, replacements: () => { throw new Error('not asked'); }, reader: undefined, version: '1', now,
  });
}, 120_000);
afterAll(async () => {
  await Promise.all([full.close(), bare.close()]);
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

describe('provenance', () => {
  it('tells what the manifest and the model card hold', async () => {
    const detail = await service.library('full');
    const { files } = full.manifest;
    expect(detail).toMatchObject({
      name: 'full', refused: null, formatVersion: 2, count: COUNT, records: COUNT + WRONG.length, merged: 0, seed: 7, command: 'test',
      rejected: { total: 5, codes: { SMILES_SYNTAX: 4, SMILES_VALENCE: 1 } },
      licence: 'CC BY 4.0', sourceUrl: 'https://example.org/x', link: 'https://example.org/{inchiKey}',
      sources: [{ file: 'library.smi', records: COUNT + WRONG.length }],
      vectors: { dimension: 32, metric: 'cosine' }, backend: { id: 'hnsw', parameters: { m: 24, efConstruction: 120, efSearch: 20 } },
      model: { id: 'chosen', licence: null, heldOut: null, score: null, modalities: ['drawing', 'fingerprint'], card: { recipe: 'test' } },
    });
    expect(detail.sources[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(detail.totalBytes).toBe(files.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(detail.files.map(({ path }) => path)).toContain('map.bin');
    expect(detail.model.encoders.map(({ name, gallery }) => [name, gallery])).toEqual([['drawing', false], ['structure', true]]);
    expect(detail.map?.neighbourShare).toBeGreaterThan(0.5);
  });

  it('tells nothing that was not stated', async () => {
    expect(await service.library('bare')).toMatchObject({ licence: null, sourceUrl: null, link: null, map: null, columns: [], reader: null });
    const told = service.indexes().map(({ name, licence, link, hasMap, rejected }) => ({ name, licence, link, hasMap, rejected }));
    expect(told).toEqual([
      { name: 'full', licence: 'CC BY 4.0', link: 'https://example.org/{inchiKey}', hasMap: true, rejected: 5 },
      { name: 'bare', licence: null, link: null, hasMap: false, rejected: 5 },
    ]);
  });

  it('finds what was held out in a card, joined of parts or not', () => {
    const alone = { recipe: 'clip', summary: 's', licence: 'MIT', data: { dropped: { heldOutOrOther: 1500 }, train: 9 } };
    expect(cardFacts(alone)).toEqual({ summary: 's', licence: 'MIT', heldOut: 'clip: 1,500 molecules were left out of the training data.' });
    const { heldOut } = cardFacts({ parts: [alone, { recipe: 'other', data: { a: { heldOut: 2 } } }] });
    expect(heldOut).toBe('clip: 1,500 molecules were left out of the training data. other: 2 molecules were left out of the training data.');
    expect(cardFacts({ heldOut: 'None.', parts: [alone] }).heldOut).toBe('None.');
    expect(cardFacts({})).toEqual({ summary: null, licence: null, heldOut: null });
  });
});

describe('rejected records', () => {
  it('come page by page, and none beyond the end', async () => {
    const all = (await service.rejects('full', 0, 100)).rows;
    expect(all.map(({ line, code }) => [line, code])).toEqual([
      [1, 'SMILES_SYNTAX'], [2, 'SMILES_VALENCE'], [3, 'SMILES_SYNTAX'], [4, expect.any(String)], [5, 'SMILES_SYNTAX'],
    ]);
    expect(await service.rejects('full', 1, 2)).toMatchObject({ index: 'full', total: 5, from: 1, rows: all.slice(1, 3) });
    expect((await service.rejects('full', 4, 2)).rows).toEqual(all.slice(4));
    expect(await service.rejects('full', 5, 2)).toMatchObject({ total: 5, rows: [] });
    expect(await service.rejects('full', 5000, 2)).toMatchObject({ total: 5, rows: [] });
  });
});

describe('a file of rejects that is gone', () => {
  it('is told, and the service goes on', async () => {
    const gone = join(bare.directory, 'rejects.jsonl');
    await rm(gone);
    await expect(service.rejects('bare', 0, 10)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    await expect(service.library('bare')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    expect((await service.rejects('full', 0, 10)).total).toBe(WRONG.length);
  });
});

describe('recall', () => {
  it('is what the engine itself measures', async () => {
    const answer = await service.recall('full', { queries: 60, k: 10 }, STAYS);
    const rows = spreadRows(COUNT, 60);
    const vectors = await Promise.all(rows.map((row) => full.vectorOf(row)));
    const queries = matrixOf(Float32Array.from(vectors.flatMap((vector) => [...vector])), vectors[0]!.length);
    expect(answer).toMatchObject({ index: 'full', queries: 60, k: 10, efSearch: 20, recall: await full.recall(queries, 10) });
    expect(answer.hnswMs).toBeGreaterThan(0);
    expect(answer.exactMs).toBeGreaterThan(0);
  });

  it('takes the whole of a small library, and a breadth that is asked for', async () => {
    const answer = await service.recall('full', { queries: 500, k: 5, efSearch: COUNT }, STAYS);
    expect(answer).toMatchObject({ queries: COUNT, k: 5, efSearch: COUNT, recall: 1 });
  });

  it('ends when time runs out, or when nobody waits', async () => {
    const left = new AbortController();
    left.abort();
    expect((await measureRecall(full, { queries: 50, k: 5, budgetMs: 1e6, left: left.signal, now })).queries).toBe(0);
    expect((await measureRecall(full, { queries: 50, k: 5, budgetMs: 0, now })).queries).toBe(1);
  });

  it('leaves the thread to others between two searches', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await service.recall('full', { queries: 300, k: 50 }, STAYS);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

describe('the map', () => {
  it('shows every molecule of a small library within the square', () => {
    const { points, count, sampled, method } = service.map('full');
    expect([points.length, sampled, count]).toEqual([COUNT, COUNT, COUNT]);
    expect(points.flat().every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(method).toContain('UMAP');
    expect(new Set(points.map(String)).size).toBeGreaterThan(COUNT / 2);
  });

  it('places hits by identifier, a molecule of the library where it lies, and another near its neighbours', async () => {
    const { points } = service.map('full');
    const [first] = someSmiles(1);
    const { places, query } = await service.places('full', { ids: ['M5', 'nobody', 'M0'], smiles: first! });
    expect(places).toEqual([points[5], null, points[0]]);
    expect(query).toEqual(points[0]);
    // One that it does not hold lies within the box of its five nearest.
    const { vectors } = await full.embed('molecule', ['CCCCOCCOCCc1ccccc1F']);
    const near = [...(await full.nearest(rowOf(vectors, 0), { k: 5 })).labels].map((label) => points[label]!);
    const stranger = (await service.places('full', { smiles: 'CCCCOCCOCCc1ccccc1F' })).query!;
    for (const axis of [0, 1] as const) {
      expect(stranger[axis]).toBeGreaterThanOrEqual(Math.min(...near.map((one) => one[axis])) - 1e-3);
      expect(stranger[axis]).toBeLessThanOrEqual(Math.max(...near.map((one) => one[axis])) + 1e-3);
    }
    expect(await service.places('full', {})).toEqual({ places: [], query: null });
  });

  it('is missing where the bundle was made without, and says what to do', async () => {
    expect(() => service.map('bare')).toThrow(expect.objectContaining({ code: 'MAP_MISSING', status: 404, message: expect.stringContaining('isolens index') }));
    await expect(service.places('bare', { ids: ['M1'] })).rejects.toMatchObject({ code: 'MAP_MISSING' });
    await expect(service.places('bare', { smiles: 'CCO' })).rejects.toMatchObject({ code: 'MAP_MISSING' });
    await expect(service.places('full', { smiles: 'C(' })).rejects.toMatchObject({ status: 422 });
  });
});

it('refuses names of bundles that are not open', async () => {
  const unknown = { code: 'BUNDLE_NOT_FOUND' };
  await expect(service.library('x')).rejects.toMatchObject(unknown);
  await expect(service.rejects('x', 0, 1)).rejects.toMatchObject(unknown);
  await expect(service.recall('x', { queries: 10, k: 1 }, STAYS)).rejects.toMatchObject(unknown);
  await expect(service.places('x', {})).rejects.toMatchObject(unknown);
  expect(() => service.map('x')).toThrow(expect.objectContaining(unknown));
});
