/** Data files of profiles: prepared by controls, split by molecule, with the features that all tables have. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { NOTHING_HELD_OUT, assemble, heldOutKey, resolveRecipe } from '../../src/train/index.ts';
import { prepareProfiles, readTrainingProfiles } from '../../src/train/profiles.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { someSmiles } from '../ingest/model.ts';
import { profileTable } from '../ingest/profiles/tables.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const chem = new ChemPool({ workers: 1 });
const molecules = someSmiles(40);
const recipe = (profiles: object = {}, more: object = {}) => resolveRecipe('profile', { profiles: { tables: ['a.csv', 'b.csv'], folds: 4, ...profiles }, validationMolecules: 8, ...more });

async function prepare(name: string, profiles: object = {}, heldOut = NOTHING_HELD_OUT) {
  const read = await readTrainingProfiles(recipe(profiles), path(''));
  const request = { counts: { ecfp: { kind: 'morgan' as const, radius: 2, bits: 512 } } };
  return { read: read!, ...await prepareProfiles({ profiles: read!, molecules: { chem, request, heldOut }, folder: path(name), progress: SILENT_PROGRESS }) };
}

beforeAll(() => {
  mkdirSync(path(''), { recursive: true });
  writeFileSync(path('a.csv'), profileTable(molecules));
  // Another microscope: other noise, two features of its own, one well without a SMILES, one that cannot be read, one of a salt.
  const names = ['Cells_Own', ...Array.from({ length: 10 }, (_, f) => `Cells_F${f}`), 'Nuclei_Own'];
  const other = profileTable([...molecules, 'C1CC', `${molecules[0]!}.Cl`], { names, noiseSeed: 5 });
  writeFileSync(path('b.csv'), `${other}P1,Z1,,,${names.map(() => '0.5').join(',')}\n`);
  writeFileSync(path('bare.csv'), profileTable(molecules).replaceAll('negcon', ''));
  writeFileSync(path('others.csv'), profileTable(molecules, { names: Array.from({ length: 12 }, (_, f) => `Cells_G${f}`) }));
});
afterAll(() => chem.close());

describe('data files of profiles', () => {
  it('hold the common features of wells, split by molecule', async () => {
    const { read, counts, train, validation } = await prepare('first');
    expect(read.tables.map(({ features }) => features)).toEqual([0, 1].map(() => Array.from({ length: 10 }, (_, f) => `Cells_F${f}`)));
    expect(counts).toMatchObject({ features: 10, controls: 32, withoutSmiles: 1, unreadable: { SMILES_UNCLOSED_RING: 3 }, validation: 8, heldOut: 0 });
    expect(counts.leftOutGroups).toHaveLength(10);
    expect(counts.train + counts.validation + counts.alsoInValidation + counts.leftOut).toBe(40 * 6 + 3);
    const { tensors } = readSafetensors(train[0]!);
    expect(tensors['profile']!.shape).toEqual([counts.train, 10]);
    const classesOf = (file: string): number[] => [...readSafetensors(file).tensors['class']!.data as Int32Array];
    expect(classesOf(validation).filter((label) => classesOf(train[0]!).includes(label))).toEqual([]);
    expect(new Set(classesOf(validation)).size).toBe(8);
    // Wells of one compound look alike, whichever table they stand in: its mean is far from that of all.
    const { data } = tensors['profile']!;
    expect((data as Float32Array).every((value) => Math.abs(value) <= 20)).toBe(true);
  });

  it('leave other compounds out in another fold, and all of them once', async () => {
    const all: string[] = [];
    for (const leaveOut of [0, 1, 2, 3]) all.push(...(await prepare('folds', { leaveOut })).counts.leftOutGroups);
    expect(new Set(all).size).toBe(40);
    expect(all).toHaveLength(40);
  });

  it('hold a row a compound and table where means are asked for', async () => {
    const { counts } = await prepare('means', { level: 'compound' });
    expect(counts.train + counts.validation + counts.alsoInValidation + counts.leftOut).toBe(81);
  });

  it('leave out compounds that look like nothing where that is asked', async () => {
    // Every second compound is noise alone.
    const [header, ...lines] = profileTable(molecules, { strength: 4 }).trim().split('\n');
    const noise = profileTable(molecules, { strength: 0, noiseSeed: 11 }).trim().split('\n').slice(1);
    const mixed = lines.map((line, i) => (i >= 16 && Math.floor((i - 16) / 3) % 2 === 1 ? noise[i]! : line));
    writeFileSync(path('mixed.csv'), [header, ...mixed].join('\n'));
    const all = (await prepare('mixed', { tables: ['mixed.csv'] })).counts;
    const active = (await prepare('active', { tables: ['mixed.csv'], activeOnly: true })).counts;
    expect(all.inactive).toBe(0);
    // One in twenty of the others is taken for active by chance.
    expect(active.inactive).toBeGreaterThanOrEqual(3 * 17);
    expect(active.inactive).toBeLessThanOrEqual(3 * 20);
    expect(active.leftOutGroups).toEqual(all.leftOutGroups);
    expect(active.train + active.validation + active.alsoInValidation).toBeLessThan(all.train + all.validation + all.alsoInValidation);
  });

  it('hold no molecule that is held out', async () => {
    const { molecules: [standard] } = await chem.featurise([molecules[3]!], {});
    const key = heldOutKey(standard!.inchiKey);
    const heldOut = { size: 1, digest: key, has: (keys: readonly string[]) => keys.some((one) => heldOutKey(one) === key) };
    expect((await prepare('held', {}, heldOut)).counts.heldOut).toBe(6);
  });

  it('refuse a plate without controls, and tables that have no feature in common', async () => {
    await expect(prepare('bare', { tables: ['bare.csv'] })).rejects.toThrow(/at least two wells of negative controls on plate P1 of .*bare\.csv but it has 0/);
    await expect(prepare('others', { tables: ['a.csv', 'others.csv'] })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });
});

describe('recipes of profiles', () => {
  it('refuse towers and tables that do not go together', () => {
    const [tower, structure] = recipe().towers;
    expect(() => assemble(recipe({}, { towers: [{ ...structure!, name: 'other', frozenAs: undefined }, structure] }))).toThrow(/a tower of profiles/);
    expect(() => assemble(resolveRecipe('simcse', { towers: [tower, { ...structure!, frozenAs: undefined }], losses: [{ objective: 'clip', between: ['profile', 'structure'] }] }))).toThrow(/Tower "profile": expected "profiles"/);
    expect(() => recipe({ leaveOut: 4 })).toThrow(/a fold below "folds"/);
  });
});
