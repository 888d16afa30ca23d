/** What a bundle says of its library, and its map: made, left out, interrupted, damaged. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBundle, readManifest } from '../../src/bundle/index.ts';
import type { Model } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { buildBundle } from '../../src/ingest/index.ts';
import type { BuildBundleOptions } from '../../src/ingest/index.ts';
import { makeModel, someSmiles } from './model.ts';

let folder = '';
let path = '';
let model: Model;
let chem: ChemPool;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facts-'));
  model = await makeModel(join(folder, 'a-model'));
  chem = new ChemPool({ workers: 1 });
  path = join(folder, 'library.smi');
  await writeFile(path, someSmiles(150).map((smiles, i) => `${smiles} M${i}\n`).join(''));
});
afterAll(async () => {
  await chem.close();
  await rm(folder, { recursive: true, force: true });
});
const root = (): string => join(folder, 'indexes');
afterEach(() => rm(root(), { recursive: true, force: true }));

function options(more: Partial<BuildBundleOptions> = {}): BuildBundleOptions {
  return {
    root: root(), name: 'demo', source: { path }, model, backend: 'hnsw', chem, command: 'test', seed: 1,
    now: () => new Date('2026-11-20T10:00:00Z'), progress: SILENT_PROGRESS, shardRecords: 64, ...more,
  };
}

describe('what is said of a library', { timeout: 120_000 }, () => {
  it('is kept in the manifest, and absent where nothing is said', async () => {
    const facts = { licence: 'CC0', sourceUrl: 'https://example.org/a?b', link: 'https://example.org/{id}' };
    await buildBundle(options({ facts }));
    expect((await readManifest(root(), 'demo')).manifest).toMatchObject({ ...facts, modelId: 'a-model', map: { file: 'map.bin' } });
    const { manifest } = await buildBundle(options({ map: false }));
    for (const name of ['licence', 'sourceUrl', 'link', 'map']) expect(manifest).not.toHaveProperty(name);
    expect(manifest.files.map((file) => file.path)).not.toContain('map.bin');
    (await openBundle(root(), 'demo')).close();
  });

  it('is not asked of bundles of earlier versions', async () => {
    await buildBundle(options({ map: false }));
    const { manifest: { modelId: _, ...old }, directory } = await readManifest(root(), 'demo');
    const text = JSON.stringify(old);
    await writeFile(join(directory, 'manifest.json'), text);
    const digest = createHash('sha256').update(text).digest('hex');
    await writeFile(join(root(), 'demo', 'CURRENT'), `${old.generation} ${digest}\n`);
    const bundle = await openBundle(root(), 'demo');
    expect([bundle.manifest.modelId, bundle.manifest.map, bundle.manifest.link]).toEqual([undefined, undefined, undefined]);
    bundle.close();
  });

  it.each([
    [{ link: 'javascript:{id}' }, '{inchiKey}'], [{ link: 'https://example.org/' }, 'names no molecule'],
    [{ sourceUrl: 'ftp://example.org' }, 'sourceUrl'], [{ sourceUrl: 'somewhere' }, 'sourceUrl'],
    [{ licence: '' }, 'licence'], [{ licence: 'x'.repeat(5001) }, 'licence'],
  ])('is refused before anything is read: %j', async (facts, message) => {
    const refused = buildBundle(options({ facts, source: { path: join(folder, 'nowhere.smi') } }));
    await expect(refused).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(message) });
    expect(await readdir(folder)).not.toContain('indexes');
  });
});

describe('the map of a bundle', { timeout: 120_000 }, () => {
  it('is listed and hashed like every file, and is the same after an interruption while it was made', async () => {
    const whole = (await buildBundle(options())).manifest;
    const hashOf = ({ files }: typeof whole): string | undefined => files.find((file) => file.path === 'map.bin')?.sha256;
    expect(hashOf(whole)).toMatch(/^[0-9a-f]{64}$/);
    expect(whole.map!.neighbourShare).toBeGreaterThan(0);
    await rm(root(), { recursive: true });
    const stop = new AbortController();
    const stages: string[] = [];
    const progress = {
      ...SILENT_PROGRESS,
      start: (stage: string): void => void stages.push(stage),
      update: (): void => { if (stages.at(-1) === 'map') stop.abort(); },
    };
    await expect(buildBundle(options({ signal: stop.signal, progress }))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(stages.at(-1)).toBe('map');
    const { manifest, resumed } = await buildBundle(options());
    expect(resumed).toBe(150);
    expect(hashOf(manifest)).toBe(hashOf(whole));
    expect(manifest.map).toEqual(whole.map);
  });

  it('is refused where it was changed', async () => {
    await buildBundle(options());
    const { directory } = await readManifest(root(), 'demo');
    const bytes = await readFile(join(directory, 'map.bin'));
    bytes[20]! ^= 1;
    await writeFile(join(directory, 'map.bin'), bytes);
    await expect(openBundle(root(), 'demo')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT', message: expect.stringContaining('map.bin') });
  });
});
