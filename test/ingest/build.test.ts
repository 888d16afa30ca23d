import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBundle, readManifest } from '../../src/bundle/index.ts';
import type { Model } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, dot, rowOf } from '../../src/core/index.ts';
import { MAX_PROPERTY_CHARACTERS } from '../../src/ingest/columns.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import type { BuildBundleOptions } from '../../src/ingest/index.ts';
import { makeModel, someSmiles } from './model.ts';

let folder = '';
let model: Model;
let chem: ChemPool;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-'));
  model = await makeModel(join(folder, 'model'));
  chem = new ChemPool({ workers: 2 });
});
afterAll(async () => {
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

const root = (): string => join(folder, 'indexes');
afterEach(() => rm(root(), { recursive: true, force: true }));

function options(path: string, more: Partial<BuildBundleOptions> = {}): BuildBundleOptions {
  return {
    root: root(), name: 'demo', source: { path }, model, backend: 'hnsw', chem, command: 'test', seed: 1,
    now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS, shardRecords: 32, ...more,
  };
}

async function library(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const plain = (count: number): string => someSmiles(count).map((smiles, i) => `${smiles} M${i}\n`).join('');

describe('building a bundle', { timeout: 180_000 }, () => {
  it('keeps every identifier, name and column of duplicates, and every reject with its reason', async () => {
    const rows = ['id,smiles,name,target', 'A,CC(=O)Oc1ccccc1C(=O)O,aspirin,COX-1', 'B,CCO,ethanol,', 'C,not a smiles,,', 'D,OC(=O)c1ccccc1OC(C)=O,ASA,', 'E,OCC.Cl,,x', 'E,CCN,,', 'F,C(C)(C)(C)(C)C,,', ',CCCN,,', 'G,,,'];
    const rejectsPath = join(folder, 'rejects.jsonl');
    const { manifest, resumed } = await buildBundle(options(await library('few.csv', `\uFEFF${rows.join('\r\n')}\r\n\r\n`), { rejectsPath }));
    expect(resumed).toBe(0);
    expect(manifest).toMatchObject({ count: 4, dimension: 32, gallery: 'structure', counts: { records: 9, rejected: 3, merged: 2 }, sources: [{ file: 'few.csv', records: 9 }] });
    const bundle = await openBundle(root(), 'demo');
    expect(bundle.molecules.findId('D')).toMatchObject({ row: 0, ids: ['A', 'D'], names: ['aspirin', 'ASA'], properties: { target: 'COX-1' } });
    expect(bundle.molecules.findName('asa')[0]?.row).toBe(0);
    expect(bundle.molecules.findId('B')).toMatchObject({ ids: ['B', 'E'], properties: { target: 'x' } });
    // "E" was taken when the next molecule claimed it.
    expect(bundle.molecules.findId('E~2')?.smiles).toBe('CCN');
    expect(bundle.molecules.findId('mol-8')?.smiles).toBe('CCCN');
    bundle.close();
    const rejects = (await readFile(rejectsPath, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as object);
    expect(rejects).toEqual([
      { line: 4, id: 'C', input: 'not a smiles', code: 'SMILES_SYNTAX', message: expect.any(String) },
      { line: 8, id: 'F', input: 'C(C)(C)(C)(C)C', code: 'SMILES_VALENCE', message: expect.any(String) },
      { line: 10, id: 'G', input: 'G,,,', code: 'SMILES_EMPTY', message: expect.any(String) },
    ]);
  });

  it('says once what was read and yet lost something', async () => {
    const long = 'x'.repeat(MAX_PROPERTY_CHARACTERS + 1);
    const rows = [
      `"CC[C@H](N)C |&1:2|",a,${long},${long}`, `CCO,b,${long},short`,
      '"CC |Sg:n:0,1::ht|",c,,', 'CCN |$_R1;;$|,d,,', 'CCNC |$;;;_AP1$|,e,,', 'CCCCN,f,,',
    ];
    const path = await library('odd.csv', `smiles,id,abstract,notes\n${rows.join('\n')}\n`);
    const warnings: string[] = [];
    const progress = { ...SILENT_PROGRESS, warn: (message: string) => void warnings.push(message) };
    const { manifest } = await buildBundle(options(path, { progress, shardRecords: 2 }));
    expect(manifest.counts).toMatchObject({ records: 6, rejected: 3 });
    expect(warnings).toEqual([
      expect.stringMatching(/^CXSMILES blocks .* of 1 mol/),
      expect.stringMatching(/10000 characters were cut, in the columns: abstract \(2\), notes \(1\)\.$/),
    ]);
    const rejects = await readFile(join(root(), 'demo', manifest.generation, 'rejects.jsonl'), 'utf8');
    expect(rejects.trim().split('\n').map((line) => (JSON.parse(line) as { id: string; code: string }))).toEqual([
      expect.objectContaining({ id: 'c', code: 'MOLECULE_UNSUPPORTED' }), expect.objectContaining({ id: 'd', code: 'SMILES_IS_QUERY' }),
      expect.objectContaining({ id: 'e', code: 'SMILES_IS_QUERY' }),
    ]);
  });

  it('rejects in .smi what is a polymer or has open ends only by its CXSMILES block', async () => {
    const text = 'CCC |Sg:n:0,1,2::ht| chain\nCCCN |$_R2;;;$|\topen\nCCOC |$;;;_AP1$| hung\nC[C@@H](N)CO |o1:1| relative\nCCCO plain\n';
    const warnings: string[] = [];
    const progress = { ...SILENT_PROGRESS, warn: (message: string) => void warnings.push(message) };
    const { manifest } = await buildBundle(options(await library('odd.smi', text), { progress }));
    expect(manifest).toMatchObject({ count: 2, counts: { records: 5, rejected: 3 } });
    expect(warnings).toEqual([expect.stringContaining('CXSMILES')]);
    const bundle = await openBundle(root(), 'demo');
    expect(['relative', 'plain'].map((id) => bundle.molecules.findId(id)?.row)).toEqual([0, 1]);
    bundle.close();
  });

  it.each(['exact', 'hnsw'])('with backend %s finds each molecule by its own vector', async (backend) => {
    const path = await library('some.smi', plain(100));
    const { manifest } = await buildBundle(options(path, { backend }));
    const bundle = await openBundle(root(), 'demo');
    expect(manifest.count).toBe(bundle.molecules.count);
    for (const row of [0, 50, manifest.count - 1]) {
      const { scores } = bundle.index.search(rowOf(bundle.vectors, row), 1);
      expect(scores[0]).toBeCloseTo(1, 5);
      expect(dot(rowOf(bundle.vectors, row), rowOf(bundle.vectors, row))).toBeCloseTo(1, 5);
    }
    bundle.close();
  });

  it('gives the same bundle from the same input, from stdin too', async () => {
    const path = await library('same.smi', plain(80));
    const digests = async (source: BuildBundleOptions['source']): Promise<unknown> => {
      const { manifest } = await buildBundle(options(path, { source }));
      return manifest.files.filter((file) => file.path !== 'molecules.sqlite');
    };
    const first = await digests({ path });
    expect(await digests({ path })).toEqual(first);
    expect(await digests({ path: '-', format: 'smi', stdin: Readable.from([Buffer.from(plain(80))]) })).toEqual(first);
  });

  it('stops at the end of a shard when interrupted, and goes on from there', async () => {
    const path = await library('interrupted.smi', plain(300));
    const stop = new AbortController();
    const progress = { ...SILENT_PROGRESS, update: () => stop.abort() };
    await expect(buildBundle(options(path, { signal: stop.signal, progress }))).rejects.toMatchObject({ code: 'CANCELLED' });
    const shards = (await readdir(join(root(), 'demo', '.work'))).filter((name) => name.endsWith('.bin'));
    expect(shards.length).toBeGreaterThan(0);
    expect(shards.length).toBeLessThan(10);
    await expect(openBundle(root(), 'demo')).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    const { resumed, manifest } = await buildBundle(options(path));
    expect(resumed).toBe(shards.length * 32);
    await rm(root(), { recursive: true });
    const { manifest: whole } = await buildBundle(options(path));
    expect(manifest.counts).toEqual(whole.counts);
    expect(manifest.canaries).toEqual(whole.canaries);
  });

  it('makes damaged or missing parts again, and drops parts of another input or model', async () => {
    const path = await library('damaged.smi', plain(200));
    const interrupt = async (): Promise<void> => {
      const stop = new AbortController();
      await expect(buildBundle(options(path, { signal: stop.signal, progress: { ...SILENT_PROGRESS, update: () => stop.abort() } }))).rejects.toMatchObject({ code: 'CANCELLED' });
    };
    await interrupt();
    const work = join(root(), 'demo', '.work');
    const shards = (await readdir(work)).filter((name) => name.endsWith('.bin')).sort();
    const [first] = shards;
    const bytes = await readFile(join(work, first!));
    bytes[bytes.length >> 1]! ^= 4;
    await writeFile(join(work, first!), bytes);
    const { resumed, manifest } = await buildBundle(options(path));
    // All but the damaged one.
    expect(resumed).toBe((shards.length - 1) * 32);
    await rm(root(), { recursive: true });
    const { manifest: whole } = await buildBundle(options(path));
    expect(manifest.canaries).toEqual(whole.canaries);
    await interrupt();
    expect((await buildBundle(options(path, { model: await makeModel(join(folder, 'other'), 2) }))).resumed).toBe(0);
    await interrupt();
    expect((await buildBundle(options(path, { fresh: true }))).resumed).toBe(0);
  });

  it('goes on after being killed, with nothing lost', { timeout: 180_000 }, async () => {
    const path = await library('killed.smi', plain(800));
    const dist = pathToFileURL(join(import.meta.dirname, '../../dist/')).href;
    const script = `
      import { buildBundle } from '${dist}ingest/index.js';
      import { readModel } from '${dist}bundle/index.js';
      import { ChemPool } from '${dist}chem/index.js';
      const quiet = { start() {}, update() {}, finish() {}, warn() {} };
      await buildBundle({ root: ${JSON.stringify(root())}, name: 'demo', source: { path: ${JSON.stringify(path)} }, model: await readModel(${JSON.stringify(model.directory)}),
        backend: 'hnsw', chem: new ChemPool({ workers: 1 }), command: 'test', seed: 1, now: () => new Date('2026-11-20T10:00:00Z'), progress: quiet, shardRecords: 32 });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const work = join(root(), 'demo', '.work');
    while (!existsSync(join(work, 'shard-000002.bin')) && child.exitCode === null) await sleep(10);
    expect(child.exitCode).toBeNull();
    await expect(buildBundle(options(path))).rejects.toMatchObject({ code: 'BUNDLE_BUSY' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { resumed, manifest } = await buildBundle(options(path));
    expect(resumed).toBeGreaterThanOrEqual(96);
    expect(manifest.counts.records).toBe(800);
    (await openBundle(root(), 'demo')).close();
    expect((await readdir(join(root(), 'demo'))).sort()).toEqual(['CURRENT', (await readManifest(root(), 'demo')).manifest.generation].sort());
  });

  it('refuses an input without one molecule, a missing column, file or backend, and leaves nothing locked', async () => {
    const rejectsPath = join(folder, 'none.jsonl');
    await expect(buildBundle(options(await library('none.smi', 'x y\nz\n'), { rejectsPath }))).rejects.toMatchObject({ code: 'RECORD_INVALID', message: expect.stringContaining('all 2 were rejected') });
    expect((await readFile(rejectsPath, 'utf8')).split('\n')).toHaveLength(3);
    await expect(buildBundle(options(await library('empty.smi', '')))).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    await expect(buildBundle(options(await library('columns.csv', 'a,b\n1,2\n')))).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
    await expect(buildBundle(options(join(folder, 'nowhere.smi')))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(buildBundle(options(folder))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(buildBundle(options(await library('ok.smi', 'CCO\n'), { backend: 'faiss' }))).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect((await buildBundle(options(await library('ok.smi', 'CCO\n')))).manifest.count).toBe(1);
  });
});
