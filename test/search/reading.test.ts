/** Pictures asked of a bundle by what is read of them. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest, readReaderModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { svgToPng } from '../../src/image/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import { DrawingReader, PathCounter, READINGS_FILE, decodeTable, graphOfSmiles } from '../../src/reading/index.ts';
import { SearchEngine } from '../../src/search/index.ts';
import { ROOT } from '../architecture/sources.ts';
import { draw } from '../image/structures.ts';
import { makeModel, someSmiles } from '../ingest/model.ts';

const MODEL = join(ROOT, 'indexes', 'models', 'structure-reader');
const PARACETAMOL = 'CC(=O)Nc1ccc(O)cc1';
/** Relatives that differ in an atom or two: what a picture as a whole can hardly tell apart. */
const SERIES = ['CC(=O)Nc1ccc(F)cc1', 'CC(=O)Nc1ccc(O)cn1', 'CC(=O)Oc1ccc(N)cc1', 'CCC(=O)Nc1ccc(O)cc1', 'CC(=O)Nc1cccc(O)c1', 'CC(=S)Nc1ccc(O)cc1', 'CC(=O)NCc1ccc(O)cc1'];

describe.skipIf(!existsSync(MODEL))('pictures that are read', { timeout: 120_000 }, () => {
  let folder = '';
  let chem: ChemPool;
  let reader: DrawingReader;
  let engine: SearchEngine;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'search-reading-'));
    chem = new ChemPool({ workers: 1 });
    const path = join(folder, 'library.smi');
    await writeFile(path, [PARACETAMOL, ...SERIES, ...someSmiles(60)].map((smiles, i) => `${smiles} M${i}\n`).join(''));
    await buildBundle({
      root: folder, name: 'small', source: { path }, model: await makeModel(join(folder, 'model')), backend: 'hnsw', chem, command: 'test', seed: 1,
      now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS,
    });
    reader = await DrawingReader.open(await readReaderModel(MODEL));
    engine = await SearchEngine.open(folder, 'small', { chem, reader, now: () => performance.now() });
  }, 120_000);
  afterAll(async () => {
    await engine?.close();
    await reader?.close();
    await chem.close();
    await rm(folder, { recursive: true, force: true });
  });

  const picture = async (smiles: string): Promise<Uint8Array> => {
    const [drawn] = await chem.picture([{ smiles, renderer: 'rdkit', seed: 1 }]);
    if (drawn?.ok !== true) throw new Error(`${smiles} was not drawn`);
    return svgToPng(drawn.value, 420);
  };

  it('finds the drawn molecule among its relatives, whatever the encoder knows', async () => {
    for (const smiles of [PARACETAMOL, ...SERIES.slice(0, 4)]) {
      const { query, hits, mode } = await engine.search({ kind: 'image', bytes: await picture(smiles) }, { k: 5 });
      expect(mode).toBe('similarity');
      expect(query).toMatchObject({ kind: 'image', smiles: null });
      const [asked] = await chem.standardise([smiles]);
      const key = asked?.ok === true ? asked.value.inchiKey : '';
      expect(query.reading).toMatchObject({ inchiKey: key });
      expect(hits[0]!.inchiKey, smiles).toBe(key);
      expect(hits[0]!.reading).toBeCloseTo(1, 6);
      expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
    }
  });

  it('keeps filters and exclusions', async () => {
    const bytes = await picture(PARACETAMOL);
    const { hits } = await engine.search({ kind: 'image', bytes }, { k: 5, properties: ['mw>=160'], exclude: ['M0'] });
    expect(hits.map(({ id }) => id)).not.toContain('M0');
    for (const { descriptors } of hits) expect(descriptors.molecularWeight).toBeGreaterThanOrEqual(160);
    expect(hits[0]!.reading).toBeLessThan(1);
  });

  it('searches by the reading as if its SMILES were given', async () => {
    const bytes = await picture(PARACETAMOL);
    const read = await engine.search({ kind: 'image', bytes, via: 'reading' }, { k: 5, mode: 'similarity' });
    const typed = await engine.search({ kind: 'smiles', smiles: PARACETAMOL }, { k: 5, mode: 'similarity' });
    expect(read.query).toMatchObject({ kind: 'image', smiles: PARACETAMOL, inchiKey: typed.query.inchiKey, reading: { smiles: PARACETAMOL } });
    expect(read.hits).toEqual(typed.hits);
    expect(read.hits[0]!.reason).not.toBeNull();
  });

  it('compares the picture as a whole where that is asked, or where nothing can be read', async () => {
    const bytes = await picture(PARACETAMOL);
    const whole = await engine.search({ kind: 'image', bytes, via: 'embedding' }, { k: 3 });
    expect(whole.query.reading).toBeNull();
    for (const { reading } of whole.hits) expect(reading).toBeNull();
    const scrawl = await draw('<path d="M60 200 L120 190 L190 215 L260 195 L340 220" fill="none" stroke="black" stroke-width="9"/>');
    const answer = await engine.search({ kind: 'image', bytes: scrawl }, { k: 3 }).catch((thrown: unknown) => thrown as { code: string });
    if ('code' in answer) expect(answer.code).toMatch(/^(IMAGE|DRAWING)_/);
    else expect(answer.query.reading === null || answer.query.reading.confidence < 0.9).toBe(true);
  });

  it('keeps what readings are compared with in the bundle, a row a molecule', async () => {
    const { manifest, directory } = await readManifest(folder, 'small');
    expect(manifest.files.map(({ path }) => path)).toContain(READINGS_FILE);
    const table = decodeTable(await readFile(join(directory, READINGS_FILE)));
    expect(table.count).toBe(manifest.count);
    const own = new PathCounter().of(graphOfSmiles((await engine.molecules.get(0)).smiles));
    expect(table.similarity(own, 0)).toBe(1);
  });

  it('refuses what cannot be asked', async () => {
    const plain = await SearchEngine.open(folder, 'small', { chem, now: () => performance.now() });
    const bytes = await picture(PARACETAMOL);
    await expect(plain.search({ kind: 'image', bytes, via: 'reading' }, { k: 3 })).rejects.toMatchObject({ code: 'MODALITY_UNSUPPORTED' });
    expect((await plain.search({ kind: 'image', bytes }, { k: 3 })).query.reading).toBeNull();
    await plain.close();
  });
});
