import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BundleWriter, backgroundOf, listBundles, openBundle, percentileOf, readManifest } from '../../src/bundle/index.ts';
import { STAMP_FILE, isStamped, stampOf, writeStamp } from '../../src/bundle/stamp.ts';
import { createRng, rowOf } from '../../src/core/index.ts';
import { fill, makeBundle, randomVectors } from './make-bundle.ts';

let root = '';
beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'bundle-')); });
afterEach(() => rm(root, { recursive: true, force: true }));

describe('bundle', () => {
  it.each(['hnsw', 'exact'])('with backend %s is published and opened', async (backend) => {
    const manifest = await makeBundle(root, 'demo', { backend });
    const bundle = await openBundle(root, 'demo');
    expect(bundle.manifest).toEqual(manifest);
    expect(bundle.vectors).toMatchObject({ rows: 200, cols: 16 });
    expect(bundle.index.search(rowOf(bundle.vectors, 7), 1).labels[0]).toBe(7);
    expect(bundle.molecules.findId('M7')?.row).toBe(7);
    expect(bundle.profiles.column({ name: 'number', type: 'i32', width: 1 })[7]).toBe(7);
    bundle.close();
    expect(await listBundles(root)).toEqual(['demo']);
  });

  it('keeps the current generation and the one before', async () => {
    const made = [];
    for (let i = 0; i < 4; i++) made.push(await makeBundle(root, 'demo', { rows: 50 + i, createdAt: new Date(Date.UTC(2026, 10, 20, i)) }));
    const generations = (await readdir(join(root, 'demo'))).filter((entry) => entry.includes('Z-')).sort();
    expect(generations).toEqual(made.slice(2).map((manifest) => manifest.generation).sort());
    expect((await readManifest(root, 'demo')).manifest.count).toBe(53);
  });

  it('leaves readers the old generation until the new one is complete', async () => {
    const before = await makeBundle(root, 'demo', { rows: 50 });
    const writer = await BundleWriter.open(root, 'demo');
    await writeFile(writer.path('vectors.f32'), 'half');
    expect((await readManifest(root, 'demo')).manifest.generation).toBe(before.generation);
    (await openBundle(root, 'demo')).close();
    await writer.close();
    expect((await readdir(join(root, 'demo'))).sort()).toEqual(['.work', 'CURRENT', before.generation].sort());
  });

  it('is not found by a wrong name, and the message lists what there is', async () => {
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND', message: expect.stringContaining('isolens index') });
    await makeBundle(root, 'demo');
    await expect(openBundle(root, 'dem')).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND', message: expect.stringContaining('demo') });
    await expect(openBundle(root, '../demo')).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    await expect(BundleWriter.open(root, '../x')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('is verified once: a stamp proves that nothing has changed since', async () => {
    const manifest = await makeBundle(root, 'demo');
    const home = join(root, 'demo', manifest.generation);
    (await openBundle(root, 'demo')).close();
    expect(await isStamped(home, await stampOf(manifest, home))).toBe(true);
    // A change takes the stamp's proof away, whatever it is.
    const path = join(home, 'encoders/structure.onnx');
    const whole = await readFile(path);
    const flipped = Buffer.from(whole);
    flipped[0]! ^= 1;
    await writeFile(path, flipped);
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    // What is stamped is not hashed again.
    await writeStamp(home, await stampOf(manifest, home));
    (await openBundle(root, 'demo')).close();
    await writeFile(path, whole);
    await writeFile(join(home, STAMP_FILE), '{}');
    (await openBundle(root, 'demo')).close();
    expect(await isStamped(home, await stampOf(manifest, home))).toBe(true);
  });

  it('refuses each file when it is missing, truncated, longer or has a flipped bit', async () => {
    const { generation, files } = await makeBundle(root, 'demo');
    const home = join(root, 'demo', generation);
    expect(files.map((file) => file.path).sort()).toEqual(['ann.index', 'ann.index.payload', 'encoders/structure.onnx', 'molecules.sqlite', 'profiles.bin', 'vectors.f32']);
    const rng = createRng(5);
    const refuses = (): Promise<void> => expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    for (const path of [...files.map((file) => file.path), 'manifest.json']) {
      const whole = await readFile(join(home, path));
      await truncate(join(home, path), whole.length - 1);
      await refuses();
      await writeFile(join(home, path), Buffer.concat([whole, Buffer.from('x')]));
      await refuses();
      const flipped = Buffer.from(whole);
      flipped[rng.int(whole.length)]! ^= 1 << rng.int(8);
      await writeFile(join(home, path), flipped);
      await refuses();
      await rm(join(home, path));
      await refuses();
      await writeFile(join(home, path), whole);
    }
    (await openBundle(root, 'demo')).close();
  });

  it('refuses another dimension, another format, and a CURRENT that names nothing', async () => {
    const { generation } = await makeBundle(root, 'demo');
    const current = join(root, 'demo', 'CURRENT');
    const path = join(root, 'demo', generation, 'manifest.json');
    const text = await readFile(path, 'utf8');
    const rewrite = async (change: (json: Record<string, unknown>) => void): Promise<void> => {
      const json = JSON.parse(text) as Record<string, unknown>;
      change(json);
      const changed = JSON.stringify(json);
      await writeFile(path, changed);
      const { createHash } = await import('node:crypto');
      await writeFile(current, `${generation} ${createHash('sha256').update(changed).digest('hex')}`);
    };
    await rewrite((json) => { json['dimension'] = 32; });
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_INCOMPATIBLE' });
    await rewrite((json) => { json['version'] = 99; });
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_INCOMPATIBLE' });
    await rewrite((json) => { json['towers'] = [{ ...(json['towers'] as object[])[0], file: '../../../etc/passwd' }]; });
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    await rewrite((json) => { (json['canaries'] as { neighbours: { scores: number[] }[] }).neighbours[0]!.scores[1] = 0.123; });
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT', message: expect.stringContaining('neighbours') });
    for (const bad of ['', 'nowhere 00', '../x y']) {
      await writeFile(current, bad);
      await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    }
  });
});

describe('writer lock', () => {
  it('lets one writer in', async () => {
    const first = await BundleWriter.open(root, 'demo');
    await expect(BundleWriter.open(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_BUSY', message: expect.stringContaining(String(process.pid)) });
    await expect(openBundle(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_BUSY' });
    await first.close();
    await fill(await BundleWriter.open(root, 'demo'), {});
  });

  it('lets exactly one of many in at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => BundleWriter.open(root, 'demo')));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('takes over from a writer that was killed, or whose number another process has now', async () => {
    const child = spawn('sleep', ['0']);
    await once(child, 'exit');
    await mkdir(join(root, 'demo'), { recursive: true });
    for (const owner of [{ token: 'x', pid: child.pid, started: '1', host: hostname() }, { token: 'x', pid: process.pid, started: '1', host: hostname() }]) {
      await writeFile(join(root, 'demo', '.lock'), JSON.stringify(owner));
      await mkdir(join(root, 'demo', '.building-1'), { recursive: true });
      const writer = await BundleWriter.open(root, 'demo');
      expect((await readdir(join(root, 'demo'))).filter((entry) => entry.startsWith('.building'))).toEqual([`.building-${process.pid}`]);
      await writer.close();
    }
    await writeFile(join(root, 'demo', '.lock'), 'half a lo');
    await (await BundleWriter.open(root, 'demo')).close();
  });

  it('trusts a lock of another machine', async () => {
    await mkdir(join(root, 'demo'), { recursive: true });
    await writeFile(join(root, 'demo', '.lock'), JSON.stringify({ token: 'x', pid: 1, started: '', host: 'elsewhere' }));
    await expect(BundleWriter.open(root, 'demo')).rejects.toMatchObject({ code: 'BUNDLE_BUSY' });
  });
});

describe('background of random pairs', () => {
  it('gives the share of pairs that are less alike', () => {
    const vectors = randomVectors(3000, 16, 1);
    const background = backgroundOf(vectors, vectors, 1, 100_000);
    expect(background.pairs).toBe(100_000);
    expect(percentileOf(background, 0)).toBeCloseTo(50, 0);
    // Cosines of random directions in 16 dimensions have a standard deviation of 1/4.
    expect(percentileOf(background, 0.25)).toBeGreaterThan(82);
    expect(percentileOf(background, 0.25)).toBeLessThan(85);
    expect(percentileOf(background, 0.75)).toBeGreaterThan(99.8);
    expect(percentileOf(background, 1)).toBe(100);
    expect(percentileOf(background, -1)).toBe(0);
    let last = 0;
    for (let cosine = -1; cosine <= 1; cosine += 0.01) {
      const percentile = percentileOf(background, cosine);
      expect(percentile).toBeGreaterThanOrEqual(last);
      last = percentile;
    }
  });

  it('takes all pairs of few vectors, and does without where there is none', () => {
    const few = randomVectors(4, 8, 2);
    expect(backgroundOf(few, few, 1).pairs).toBe(6);
    expect(backgroundOf(few, randomVectors(5, 8, 3), 1).pairs).toBe(20);
    const one = randomVectors(1, 8, 2);
    expect(percentileOf(backgroundOf(one, one, 1), 0.5)).toBe(0);
  });
});
