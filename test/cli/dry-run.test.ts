/** What a library would take, looked through and counted, against what it then takes. */
import { readFile, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleManifest } from '../../src/bundle/index.ts';
import type { Forecast } from '../../src/ingest/index.ts';
import type { LibraryPlan } from '../../src/plan/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

let world: World;
const GOOD = 900;
beforeAll(async () => {
  world = await makeWorld();
  const lines = someSmiles(GOOD).map((smiles, i) => `${smiles} M${i}`);
  await world.write('library.smi', [...lines, 'C(C)(C)(C)(C)C bad', 'nonsense! worse', `${lines[0]!.split(' ')[0]} again`].join('\n'));
});
afterAll(() => world.remove());

describe('index --dry-run', { timeout: 300_000 }, () => {
  it('tells what would be refused and what the index takes, and makes none', async () => {
    const { code, stdout, stderr } = await world.run(['index', '--dry-run', '--input', 'library.smi', '--bundle', 'lib', '--model', world.model, '--json']);
    expect(code, stderr).toBe(0);
    const forecast = JSON.parse(stdout) as Forecast & { plan: LibraryPlan };
    expect(forecast).toMatchObject({ records: GOOD + 3, sampled: GOOD + 3, merged: 1, galleries: 1 });
    expect(Object.fromEntries(forecast.rejected.map(({ code: reason, count }) => [reason, count]))).toEqual({ SMILES_SYNTAX: 1, SMILES_VALENCE: 1 });
    expect(forecast.rejected.flatMap(({ examples }) => examples.map(({ line }) => line)).sort((a, b) => a - b)).toEqual([GOOD + 1, GOOD + 2]);
    expect(forecast.perSecond).toBeGreaterThan(10);
    expect(await readdir(world.path('indexes')).catch(() => [])).toEqual([]);

    await world.run(['index', '--input', 'library.smi', '--bundle', 'lib', '--model', world.model, '--no-map']);
    const generation = (await readFile(world.path('indexes/lib/CURRENT'), 'utf8')).split(' ')[0]!;
    const manifest = JSON.parse(await readFile(world.path(`indexes/lib/${generation}/manifest.json`), 'utf8')) as BundleManifest;
    expect(manifest.count).toBe(forecast.plan.molecules);
    const [vectors, index, profiles, molecules] = forecast.plan.disk.map(({ bytes }) => bytes);
    const taken = (path: string): number => manifest.files.find((file) => file.path === path)!.bytes;
    expect(taken('vectors.f32')).toBe(vectors);
    expect(taken('molecules.sqlite') / molecules!).toBeCloseTo(1, 1);
    expect(taken('profiles.bin') / profiles!).toBeCloseTo(1, 1);
    expect(taken('ann.index.payload') / index!).toBeCloseTo(1, 1);
  });

  it('is told in words', async () => {
    const { stdout } = await world.run(['index', '--dry-run', '--input', 'library.smi', '--bundle', 'lib', '--model', world.model]);
    expect(stdout).toContain('SMILES_VALENCE: 1');
    expect(stdout).toMatch(/memory of the service .* MB/);
  });

  it('refuses what it cannot look through', async () => {
    expect(errorCode(await world.run(['index', '--dry-run', '--input', '-', '--format', 'smi', '--bundle', 'x', '--model', world.model], 'C\n'))).toBe('ARGUMENT_INVALID');
    await world.write('empty.smi', '');
    expect(errorCode(await world.run(['index', '--dry-run', '--input', 'empty.smi', '--bundle', 'x', '--model', world.model]))).toBe('FILE_UNREADABLE');
    expect(errorCode(await world.run(['index', '--dry-run', '--input', 'nowhere.smi', '--bundle', 'x', '--model', world.model]))).toBe('FILE_NOT_FOUND');
  });
});

describe('plan --molecules', { timeout: 60_000 }, () => {
  it('grows with the library, and says when one machine is not enough', async () => {
    const plan = async (molecules: string): Promise<LibraryPlan> => JSON.parse((await world.run(['plan', '--molecules', molecules, '--json'])).stdout) as LibraryPlan;
    const [million, billion] = [await plan('1e6'), await plan('1e9')];
    expect(billion.disk[0]!.bytes).toBe(1000 * million.disk[0]!.bytes);
    expect(billion.seconds.index).toBeGreaterThan(1000 * million.seconds.index);
    expect(million.service.own).toBeLessThan(1.3e9);
    expect((await world.run(['plan', '--molecules', '1e9'])).stdout).toContain('PostgreSQL');
    for (const wrong of [['0'], ['1.5'], ['-3'], ['1e6', '--recipe', 'moco'], ['1e6', '--dimension', '0']]) {
      expect(errorCode(await world.run(['plan', '--molecules', ...wrong])), wrong.join(' ')).toBe('ARGUMENT_INVALID');
    }
  });
});
