/** Bundles that get molecules more, others in the place of some, or lose some, against bundles that are built whole. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/index.ts';
import type { Bundle, Model } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { buildBundle, updateBundle } from '../../src/ingest/index.ts';
import type { UpdateBundleOptions } from '../../src/ingest/index.ts';
import { makeModel, someSmiles } from './model.ts';

let folder = '';
let model: Model;
let chem: ChemPool;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'update-'));
  model = await makeModel(join(folder, 'model'));
  chem = new ChemPool({ workers: 2 });
});
afterAll(async () => {
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});

let clock = 0;
const now = (): Date => new Date(Date.UTC(2026, 10, 20, 10, 0, clock++));
const root = (): string => join(folder, 'indexes');
const SMILES = someSmiles(200);

async function library(name: string, lines: readonly string[]): Promise<{ source: { path: string } }> {
  await writeFile(join(folder, name), `${lines.join('\n')}\n`);
  return { source: { path: join(folder, name) } };
}
const lines = (from: number, to: number): string[] => SMILES.slice(from, to).map((smiles, i) => `${smiles} M${from + i}`);

async function build(name: string, text: readonly string[], galleries: readonly string[] = []): Promise<void> {
  await buildBundle({ root: root(), name, ...(await library(`${name}.smi`, text)), model, galleries, backend: 'hnsw', chem, command: 'test', seed: 1, now, progress: SILENT_PROGRESS, shardRecords: 32, facts: { licence: 'CC0' } });
}
const update = (name: string, more: Partial<UpdateBundleOptions>): ReturnType<typeof updateBundle> => (
  updateBundle({ root: root(), name, chem, command: 'test', now, progress: SILENT_PROGRESS, shardRecords: 32, ...more })
);

async function opened<Result>(name: string, look: (bundle: Bundle) => Result | Promise<Result>): Promise<Result> {
  const bundle = await openBundle(root(), name);
  try {
    return await look(bundle);
  } finally {
    bundle.close();
  }
}
/** All that a search reads. */
const content = (name: string): Promise<unknown> => opened(name, async ({ directory, molecules, manifest }) => ({
  molecules: [...molecules.all()],
  files: await Promise.all(['vectors.f32', 'profiles.bin', 'readings.bin', 'ann.index', 'ann.index.payload', 'map.bin'].map(async (file) => (await readFile(join(directory, file))).toString('latin1'))),
  galleries: manifest.galleries?.map(({ tower }) => tower), licence: manifest.licence,
}));

describe('a bundle that is updated', { timeout: 180_000 }, () => {
  it('is what a whole build of both files gives, duplicates, galleries and refused records included', async () => {
    const [first, second] = [[...lines(0, 120), `${SMILES[3]} twin`, 'C(C)(C)(C)(C)C bad'], [...lines(120, 200), `${SMILES[5]} other`, 'nonsense! worse']];
    await build('part', first, ['fingerprint']);
    const { manifest, added, removed } = await update('part', { add: await library('more.smi', second) });
    await build('whole', [...first, ...second], ['fingerprint']);
    expect(await content('part')).toEqual(await content('whole'));
    expect([added, removed, manifest.count]).toEqual([80, 0, 200]);
    expect(manifest.counts).toEqual({ records: 204, rejected: 2, merged: 2 });
    expect(manifest.sources.map(({ file, records }) => [file, records])).toEqual([['part.smi', 122], ['more.smi', 82]]);
    const rejects = (await readFile(join(root(), 'part', manifest.generation, 'rejects.jsonl'), 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id);
    expect(rejects).toEqual(['bad', 'worse']);
  });

  it('loses what is removed, and finds it no more', async () => {
    await build('less', [...lines(0, 60), `${SMILES[3]} twin`]);
    const key = await opened('less', ({ molecules }) => molecules.findId('M7')!.inchiKey);
    const { manifest, removed, unknown } = await update('less', { remove: ['M3', key, 'nobody', 'InChIKey=AAAAAAAAAAAAAA-BBBBBBBBBB-C'] });
    expect([manifest.count, removed, unknown]).toEqual([58, 2, ['nobody', 'InChIKey=AAAAAAAAAAAAAA-BBBBBBBBBB-C']]);
    await build('never', [...lines(0, 3), ...lines(4, 7), ...lines(8, 60)]);
    expect(await content('less')).toEqual(await content('never'));
  });

  it('has others in the place of those whose identifiers come again, but for records that are refused', async () => {
    await build('prices', lines(0, 40));
    const { manifest, added, removed } = await update('prices', { add: await library('new.smi', [`${SMILES[150]} M4`, 'broken( M5', `${SMILES[6]} M6`, 'CCO']) });
    expect([manifest.count, added, removed]).toEqual([41, 3, 2]);
    await opened('prices', ({ molecules }) => {
      expect(molecules.findId('M4')!.smiles).not.toBe(SMILES[4]);
      expect(molecules.findId('M5')).toBeDefined();
      expect([...molecules.all()].filter(({ ids }) => ids.includes('M6'))).toHaveLength(1);
      expect(molecules.findInchiKey('LFQSCWFLJHTTHZ-UHFFFAOYSA-N')!.ids[0]).toMatch(/^mol-/);
    });
  });

  it('refuses nothing to do, a bundle that is not there or made by other rules, and taking everything away; the one before stays', async () => {
    await build('kept', lines(0, 10));
    const before = await opened('kept', ({ manifest }) => manifest.generation);
    await expect(update('kept', {})).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(update('nowhere', { remove: ['x'] })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    await expect(update('kept', { remove: lines(0, 10).map((line) => line.split(' ')[1]!) })).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    expect(await opened('kept', ({ manifest }) => manifest.generation)).toBe(before);
  });
});
