/** One bundle in which every modality finds every other. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, dot, rowOf } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { modalityById } from '../../src/modalities/index.ts';
import type { ImageModality } from '../../src/modalities/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import type { SearchOptions, SearchQuery } from '../../src/search/index.ts';
import { FOUR, makeModel, someSmiles } from '../ingest/model.ts';

const MODALITIES = FOUR.map(({ modality }) => modality);
const PAIRS = MODALITIES.flatMap((from) => MODALITIES.map((to) => [from, to] as const));
const LIBRARY = someSmiles(40);
const UNDRAWN = 'CC';
const warnings: string[] = [];
let folder = '';
let chem: ChemPool;
let all: SearchEngine;
let plain: SearchEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pairs-'));
  chem = new ChemPool({ workers: 1 });
  const path = join(folder, 'library.smi');
  // The last is a single line on paper, which no reader of drawings takes for one.
  await writeFile(path, [...LIBRARY, UNDRAWN].map((smiles, i) => `${smiles} M${i}\n`).join(''));
  const model = await makeModel(join(folder, 'model'), 1, FOUR);
  const common = { root: folder, source: { path }, model, backend: 'hnsw', chem, command: 'test', seed: 1, now: () => new Date('2026-11-20T10:00:00Z'), map: false };
  await buildBundle({ ...common, name: 'all', galleries: ['drawing', 'graph', 'smiles', 'fingerprint'], shardRecords: 16, progress: { ...SILENT_PROGRESS, warn: (text) => void warnings.push(text) } });
  await buildBundle({ ...common, name: 'plain', progress: SILENT_PROGRESS });
  [all, plain] = [await open('all'), await open('plain')];
}, 300_000);
afterAll(async () => {
  await Promise.all([all?.close(), plain?.close()]);
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (name: string): Promise<SearchEngine> => SearchEngine.open(folder, name, { chem, now: () => performance.now() });

/** A molecule as this modality reads it: by its SMILES, or by its picture. */
async function queryAs(modality: string, smiles: string): Promise<SearchQuery> {
  const { source, portray } = modalityById(modality) as ImageModality;
  if (source !== 'image') return { kind: 'smiles', smiles };
  const [bytes] = await portray!([smiles], chem);
  return { kind: 'image', bytes: bytes! };
}

async function vectorAs(modality: string, smiles: string): Promise<Float32Array> {
  const query = await queryAs(modality, smiles);
  return rowOf((await all.embed(modality, [query.kind === 'image' ? query.bytes : smiles])).vectors, 0);
}

async function fails(query: SearchQuery, options: Partial<SearchOptions>, engine = all): Promise<string> {
  const error: unknown = await engine.search(query, { k: 3, ...options }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ARGUMENT_INVALID' });
  return (error as Error).message;
}

describe('search from one modality to another', { timeout: 180_000 }, () => {
  it.each(PAIRS)('from %s to %s compares the vectors of these two', async (from, to) => {
    const [asked, other] = [LIBRARY[17]!, 'Cc1ccc(CCOC(=O)N)cc1'];
    for (const smiles of [asked, other]) {
      const query = await queryAs(from, smiles);
      const { hits, mode } = await all.search(query, { k: 41, from, to });
      expect(mode).toBe('similarity');
      expect(hits).toHaveLength(41);
      const vector = await vectorAs(from, smiles);
      for (const { smiles: hit, cosine } of hits.slice(0, 12)) if (hit !== UNDRAWN) expect(cosine).toBeCloseTo(dot(vector, await vectorAs(to, hit)), 4);
      expect(hits.map(({ cosine }) => cosine)).toEqual(hits.map(({ cosine }) => cosine).toSorted((a, b) => b - a));
      if (from !== to || smiles !== asked) continue;
      expect(hits[0]!.id).toBe('M17');
      expect(hits[0]!.cosine).toBeCloseTo(1, 5);
    }
  });

  it('takes towers by their names, one side alone, identifiers and lists', async () => {
    const smiles = LIBRARY[3]!;
    const ids = async (query: SearchQuery, options: Partial<SearchOptions>): Promise<string[]> => (await all.search(query, { k: 5, mode: 'similarity', ...options })).hits.map(({ id, cosine }) => `${id} ${cosine.toFixed(4)}`);
    const usual = await ids({ kind: 'smiles', smiles }, { from: 'fingerprint', to: 'fingerprint' });
    expect(await ids({ kind: 'smiles', smiles }, { from: 'structure', to: 'structure' })).toEqual(usual);
    expect(await ids({ kind: 'smiles', smiles }, {})).toEqual(usual);
    const across = await ids({ kind: 'smiles', smiles }, { from: 'fingerprint', to: 'smiles' });
    expect(across).not.toEqual(usual);
    expect(await ids({ kind: 'smiles', smiles }, { to: 'smiles' })).toEqual(across);
    expect(await ids({ kind: 'id', id: 'M3' }, { to: 'smiles' })).toEqual(across);
    const [listed] = await all.searchMany([smiles], { k: 5, to: 'smiles' });
    expect(listed).toMatchObject({ ok: true, result: { hits: across.map((hit) => expect.objectContaining({ id: hit.split(' ')[0] })) } });
    // By filters and by every vector the same vectors are compared.
    expect(await ids({ kind: 'smiles', smiles }, { to: 'smiles', exact: true })).toEqual(across);
    expect(await ids({ kind: 'smiles', smiles }, { to: 'smiles', properties: ['mw<=5000'] })).toEqual(across);
  });

  it('reads a molecule of the library by a tower that did not embed it', async () => {
    const { hits } = await plain.search({ kind: 'id', id: 'M5' }, { k: 40, from: 'graph' });
    const same = await all.search({ kind: 'smiles', smiles: LIBRARY[5]! }, { k: 40, from: 'graph', to: 'fingerprint' });
    expect(hits.map(({ id }) => id)).toEqual(same.hits.map(({ id }) => id));
    hits.forEach(({ cosine }, i) => expect(cosine).toBeCloseTo(same.hits[i]!.cosine, 5));
  });

  it('answers as before where no pair is named, whatever else the bundle holds', async () => {
    for (const query of [await queryAs('drawing', LIBRARY[2]!), { kind: 'smiles', smiles: 'CCOc1ccccc1' }, { kind: 'id', id: 'M9' }] as const) {
      const [few, many] = [await plain.search(query, { k: 10 }), await all.search(query, { k: 10 })];
      expect(many.hits).toEqual(few.hits);
      expect(many.query).toEqual(few.query);
    }
  });

  it('says what is missing, and how to get it', async () => {
    const molecule = { kind: 'smiles', smiles: LIBRARY[0]! } as const;
    const picture = await queryAs('drawing', LIBRARY[0]!);
    expect(await fails(molecule, { to: 'smiles' }, plain)).toMatch(/holds \(structure \(fingerprint\)\) but received "smiles"; .*"isolens index --gallery smiles"/);
    expect(await fails(molecule, { to: 'cells' })).toMatch(/holds \(structure \(fingerprint\), drawing, graph, smiles\) but received "cells"; its encoders are drawing, .*"isolens train".*"isolens index --model"/);
    expect(await fails(molecule, { from: 'cells' })).toMatch(/an encoder of "all" \(drawing, structure \(fingerprint\), graph, smiles\) but received "cells".*isolens train/);
    expect(await fails(molecule, { from: 'drawing' })).toMatch(/a picture for "from" "drawing".*received a molecule; give a picture, or .*\(structure \(fingerprint\), graph, smiles\)/);
    expect(await fails({ kind: 'id', id: 'M1' }, { from: 'drawing' })).toMatch(/give a picture/);
    expect(await fails(picture, { from: 'graph' })).toMatch(/a molecule for "from" "graph".*received a picture; .*"reading", or .*\(drawing\)/);
    expect(await fails(molecule, { to: 'graph', mode: 'default' })).toMatch(/cosine alone from "structure" to "graph"/);
    expect(await fails({ ...picture, via: 'both' } as SearchQuery, { to: 'graph' })).toMatch(/by its reading and as a whole/);
  });
});

describe('a bundle with several galleries', { timeout: 180_000 }, () => {
  it('holds vectors and an index of each; one with the model\'s own alone looks as it always did', async () => {
    const { manifest } = await readManifest(folder, 'all');
    expect(manifest.gallery).toBe('structure');
    expect(manifest.galleries?.map(({ tower }) => tower)).toEqual(['drawing', 'graph', 'smiles']);
    const paths = manifest.files.map(({ path }) => path);
    for (const { vectors, index } of manifest.galleries!) expect(paths).toEqual(expect.arrayContaining([vectors, index]));
    const before = (await readManifest(folder, 'plain')).manifest;
    expect(before).not.toHaveProperty('galleries');
    const own = (files: typeof manifest.files): unknown => files.filter(({ path }) => /^(vectors|ann|reading)/.test(path));
    expect(own(manifest.files)).toEqual(own(before.files));
    expect(before.files.some(({ path }) => path.startsWith('galleries/'))).toBe(false);
  });

  it('takes the vector of the model\'s own gallery where a molecule cannot be shown as a picture, and says so', async () => {
    const { hits: [first] } = await all.search({ kind: 'smiles', smiles: UNDRAWN }, { k: 1, to: 'drawing' });
    expect(first).toMatchObject({ smiles: UNDRAWN, cosine: expect.closeTo(1, 5) });
    expect(warnings).toEqual(['Molecules of which there is no picture for the encoder "drawing": 1; their vectors by the model\'s own gallery stand in.']);
  });

  it('refuses a gallery that the model has not', async () => {
    const model = await makeModel(join(folder, 'model-2'));
    const wrong = buildBundle({ root: folder, name: 'wrong', source: { path: join(folder, 'library.smi') }, model, galleries: ['graph'], backend: 'hnsw', chem, command: 'test', seed: 1, now: () => new Date(0), progress: SILENT_PROGRESS });
    await expect(wrong).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringMatching(/\(drawing, structure \(fingerprint\)\) but received "graph"/) });
  });

  it('is refused where a further index or its vectors were changed', async () => {
    const { manifest, directory } = await readManifest(folder, 'all');
    for (const file of [manifest.galleries![0]!.vectors, manifest.galleries![2]!.index]) {
      const bytes = await readFile(join(directory, file));
      await writeFile(join(directory, file), Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]));
      await expect(open('all')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT', message: expect.stringContaining(file) });
      await writeFile(join(directory, file), bytes);
    }
  });
});
