import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, dot, rowOf } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';
import { draw, ether, paracetamol } from '../image/structures.ts';

const ASPIRIN = 'CC(=O)Oc1ccccc1C(=O)O';
let folder = '';
let chem: ChemPool;
let engine: SearchEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'search-'));
  chem = new ChemPool({ workers: 1 });
  const path = join(folder, 'library.csv');
  const rows = someSmiles(150).map((smiles, i) => `M${i},${smiles},,${i}`);
  await writeFile(path, `id,smiles,name,rank\nDRUG-1,${ASPIRIN},aspirin,0\n${rows.join('\n')}\n`);
  await buildBundle({
    root: folder, name: 'demo', source: { path }, model: await makeModel(join(folder, 'model')), backend: 'hnsw', chem, command: 'test', seed: 1,
    now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS,
  });
  engine = await SearchEngine.open(folder, 'demo', { chem, now: () => performance.now() });
}, 300_000);
afterAll(async () => {
  await engine?.close();
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

/** Two lines on paper: enough ink for a drawing. */
function picture(): Promise<Buffer> {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="150"><rect width="200" height="150" fill="white"/><path d="M30 100L80 50L130 100L170 60" stroke="black" stroke-width="3" fill="none"/></svg>';
  return sharp(Buffer.from(svg)).png().toBuffer();
}

describe('search engine', { timeout: 180_000 }, () => {
  it('finds a molecule by any spelling of it, as a salt too', async () => {
    for (const smiles of [ASPIRIN, 'OC(=O)c1ccccc1OC(C)=O', '[Na+].[O-]C(=O)c1ccccc1OC(C)=O']) {
      const { query, hits, index } = await engine.search({ kind: 'smiles', smiles }, { k: 10 });
      expect(index).toMatchObject({ name: 'demo', count: engine.manifest.count });
      expect(query).toMatchObject({ kind: 'smiles', input: smiles, inchiKey: 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N' });
      expect(hits).toHaveLength(10);
      expect(hits[0]).toMatchObject({ id: 'DRUG-1', names: ['aspirin'], tanimoto: 1, sameScaffold: true, inchiKey: query.inchiKey, properties: { rank: 0 } });
      expect(hits[0]!.score).toBeCloseTo(1, 4);
      expect(hits[0]!.percentile).toBeGreaterThan(99.9);
      expect(hits.map((hit) => hit.score)).toEqual(hits.map((hit) => hit.score).sort((a, b) => b - a));
      for (const hit of hits.slice(1)) expect(hit.tanimoto).toBeLessThan(1);
      expect(query.removed).toHaveLength(smiles.includes('.') ? 1 : 0);
    }
  });

  it('understands a molecule that the library does not hold as well as one that it does', async () => {
    const outside = await engine.understand('O=[N+]([O-])c1ccc(N=Nc2ccccc2)cc1');
    expect(outside).toMatchObject({ kind: 'SMILES', id: null, formula: 'C12H9N3O2', descriptors: { heavyAtoms: 17 } });
    expect(outside.alerts.length).toBeGreaterThan(0);
    const held = await engine.understand('aspirin');
    expect(held).toMatchObject({ kind: 'name', id: 'DRUG-1', descriptors: { heavyAtoms: 13 } });
    const [hit] = (await engine.search({ kind: 'id', id: 'DRUG-1' }, { k: 1 })).hits;
    expect({ descriptors: held.descriptors, alerts: held.alerts }).toEqual({ descriptors: hit!.descriptors, alerts: hit!.alerts });
  });

  it('takes an identifier, and free text that is one of several things', async () => {
    const byId = await engine.search({ kind: 'id', id: 'M7' }, { k: 3 });
    expect(byId.hits[0]!.id).toBe('M7');
    for (const text of ['aspirin', 'Aspirin', 'DRUG-1', 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', ` ${ASPIRIN} `]) {
      expect((await engine.search({ kind: 'text', text }, { k: 1 })).hits[0]!.id).toBe('DRUG-1');
    }
    await expect(engine.search({ kind: 'id', id: 'nobody' }, { k: 3 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('gives the same by graph and by exact search', async () => {
    const query = { kind: 'smiles', smiles: 'CCNC(=O)c1ccccc1' } as const;
    const strip = async (exact: boolean): Promise<unknown> => (await engine.search(query, { k: 20, exact })).hits;
    expect(await strip(true)).toEqual(await strip(false));
  });

  it('says what is doubtful about a picture, and refuses what is no structure', async () => {
    const pictures = [paracetamol([200, 150]), paracetamol([180, 150]) + ether([560, 150])];
    const answers = await Promise.all(pictures.map(async (content) => engine.search({ kind: 'image', bytes: await draw(content) }, { k: 1 })));
    expect(answers[0]!.query.warnings).toEqual([]);
    expect(answers[1]!.query.warnings).toEqual([expect.stringMatching(/Several separate drawings .*the largest is searched/)]);
    const line = await draw('<path d="M50 200 H550" stroke="black" stroke-width="3"/>');
    await expect(engine.search({ kind: 'image', bytes: line }, { k: 1 })).rejects.toMatchObject({ code: 'IMAGE_NOT_A_DRAWING' });
  });

  it('measures its own recall', async () => {
    const { vectors } = await engine.embed('molecule', someSmiles(30));
    expect(await engine.recall(vectors, 10)).toBeGreaterThanOrEqual(0.99);
  });

  it('leaves out the query itself, and what is not alike enough', async () => {
    const { hits } = await engine.search({ kind: 'smiles', smiles: ASPIRIN }, { k: 5, excludeSelf: true });
    expect(hits).toHaveLength(5);
    expect(hits.map((hit) => hit.id)).not.toContain('DRUG-1');
    const floor = hits[2]!.score;
    const above = await engine.search({ kind: 'smiles', smiles: ASPIRIN }, { k: 50, minScore: floor });
    expect(above.hits.length).toBeGreaterThanOrEqual(4);
    for (const hit of above.hits) expect(hit.score).toBeGreaterThanOrEqual(floor);
  });

  it('answers a picture, without what only a molecule has', async () => {
    const { query, hits } = await engine.search({ kind: 'image', bytes: await picture() }, { k: 4 });
    expect(query).toEqual({ kind: 'image', smiles: null, input: null, inchiKey: null, removed: [], warnings: [], held: null, descriptors: null, applicability: null, chance: null, reading: null });
    expect(hits).toHaveLength(4);
    for (const hit of hits) {
      expect(hit).toMatchObject({ tanimoto: null, sameScaffold: null });
      expect(hit.percentile).toBeNull();
    }
  });

  it('passes on what is wrong with a query', async () => {
    await expect(engine.search({ kind: 'smiles', smiles: '' }, { k: 3 })).rejects.toMatchObject({ code: 'SMILES_EMPTY' });
    await expect(engine.search({ kind: 'smiles', smiles: 'C(C)(C)(C)(C)C' }, { k: 3 })).rejects.toMatchObject({ code: 'SMILES_VALENCE' });
    await expect(engine.search({ kind: 'image', bytes: Buffer.from('text') }, { k: 3 })).rejects.toMatchObject({ code: expect.stringMatching(/^IMAGE_/) });
    await expect(engine.search({ kind: 'smiles', smiles: ASPIRIN }, { k: 0 })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(engine.embed('cells', [])).rejects.toMatchObject({ code: 'MODALITY_UNSUPPORTED' });
  });

  it('answers many at once, each for itself', async () => {
    const outcomes = await engine.searchMany([ASPIRIN, 'nonsense', 'CCO'], { k: 2 });
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toMatchObject({ error: { index: 1, code: 'SMILES_SYNTAX' } });
    const single = await engine.search({ kind: 'smiles', smiles: ASPIRIN }, { k: 2 });
    const [many] = outcomes;
    expect(many?.ok === true && many.result.hits.map((hit) => hit.id)).toEqual(single.hits.map((hit) => hit.id));
    expect(await engine.searchMany([], { k: 2 })).toEqual([]);
  });

  it('embeds molecules and pictures by any name of the tower', async () => {
    const library = (await engine.molecules.findId('DRUG-1'))!;
    for (const tower of ['structure', 'fingerprint', 'molecule']) {
      const { rows, vectors, errors } = await engine.embed(tower, ['nonsense', ASPIRIN]);
      expect([...rows]).toEqual([1]);
      expect(errors).toHaveLength(1);
      expect((await engine.nearest(rowOf(vectors, 0), { k: 1 })).labels[0]).toBe(library.row);
    }
    const { vectors } = await engine.embed('drawing', [await picture(), await picture()]);
    expect(vectors).toMatchObject({ rows: 2, cols: 32 });
    expect(dot(rowOf(vectors, 0), rowOf(vectors, 1))).toBeCloseTo(1, 4);
  });

  it('searches by an embedding of any length, as by the molecule that it was made of', async () => {
    const { vectors, tower } = await engine.embed('molecule', [ASPIRIN, 'CCO']);
    expect(tower).toBe('structure');
    const { query, mode, hits } = await engine.search({ kind: 'embedding', vector: rowOf(vectors, 0).map((value) => 3 * value) }, { k: 20 });
    expect(query).toMatchObject({ kind: 'embedding', smiles: null, held: null });
    expect(mode).toBe('similarity');
    const { hits: expected } = await engine.search({ kind: 'smiles', smiles: ASPIRIN }, { k: 20, mode: 'similarity' });
    expect(hits.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    hits.forEach(({ cosine }, i) => expect(cosine).toBeCloseTo(expected[i]!.cosine, 5));
    const bad = [new Float32Array(32), new Float32Array(32).fill(Number.NaN), new Float32Array(31).fill(1)];
    for (const vector of bad) await expect(engine.search({ kind: 'embedding', vector }, { k: 1 })).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    const fine = { kind: 'embedding', vector: rowOf(vectors, 1) } as const;
    for (const options of [{ from: 'structure' }, { mode: 'tanimoto' }] as const) await expect(engine.search(fine, { k: 1, ...options })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('refuses a bundle whose encoder is another one than its vectors came from', async () => {
    const path = join(folder, 'small.smi');
    await writeFile(path, someSmiles(20).join('\n'));
    const model = await makeModel(join(folder, 'model-2'), 2);
    const other = await makeModel(join(folder, 'model-3'), 3);
    const base = { root: folder, name: 'swapped', source: { path }, backend: 'exact', chem, command: 'test', seed: 1, now: () => new Date(0), progress: SILENT_PROGRESS };
    // The directory of one model under the description of another: what a careless hand might do.
    await buildBundle({ ...base, model });
    const { directory, manifest } = await readManifest(folder, 'swapped');
    await copyFile(join(other.directory, 'structure.onnx'), join(directory, 'encoders', 'structure.onnx'));
    const bytes = await readFile(join(directory, 'encoders', 'structure.onnx'));
    const files = manifest.files.map((file) => (file.path === 'encoders/structure.onnx' ? { ...file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') } : file));
    const text = JSON.stringify({ ...manifest, files });
    await writeFile(join(directory, 'manifest.json'), text);
    await writeFile(join(folder, 'swapped', 'CURRENT'), `${manifest.generation} ${createHash('sha256').update(text).digest('hex')}\n`);
    await expect(SearchEngine.open(folder, 'swapped', { chem, now: () => 0 })).rejects.toMatchObject({ code: 'BUNDLE_INCOMPATIBLE' });
  });
});
