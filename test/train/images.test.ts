/** Data files of sites: a fold left out, bad files counted, and a preparation that is used again. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { modalityById, modalityConfig } from '../../src/modalities/index.ts';
import { assemble } from '../../src/train/assemble.ts';
import { prepareImages } from '../../src/train/images.ts';
import { NOTHING_HELD_OUT, heldOutKey, resolveRecipe } from '../../src/train/index.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { siteTiff } from '../image/fixtures.ts';
import { someSmiles } from '../ingest/model.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const modality = modalityById('cells');
const config = modalityConfig(modality, { channels: 2, side: 24, size: 16 });
const recipe = (images: object = {}) => resolveRecipe('simclr-cells', { images: { table: 'sites.tsv', class: 'class', folds: 3, ...images }, validationMolecules: 16 });
const prepare = (name: string, images: object = {}) => prepareImages({ recipe: recipe(images), modality, modalityConfig: config, dataFolder: path(''), folder: path(name), progress: SILENT_PROGRESS });

beforeAll(async () => {
  mkdirSync(path(''), { recursive: true });
  const lines = ['file\tplate\tclass'];
  for (let i = 0; i < 60; i++) {
    const bytes = await siteTiff(2, 24, 24, i);
    writeFileSync(path(`${i}.tif`), i === 7 ? bytes.subarray(0, 300) : i === 8 ? Buffer.from('no picture') : bytes);
    lines.push(`${i}.tif\tP${i % 6}\t${i % 6 < 3 ? 'a' : 'b'}`);
  }
  lines.push('gone.tif\tP0\ta', 'lost.tif\t\ta');
  writeFileSync(path('sites.tsv'), lines.join('\n'));
});

describe('data files of images', () => {
  it('leave out a fold of whole plates, and what cannot be read', async () => {
    const { counts, train, validation } = await prepare('first');
    expect(counts).toMatchObject({ read: 62, incomplete: 1, leftOut: 21, leftOutGroups: ['P0', 'P3'], validation: 16 });
    expect(Object.values(counts.unreadable).reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(counts.train + counts.validation + counts.leftOut + 2).toBe(61);
    const { tensors } = readSafetensors(train[0]!);
    expect(tensors['cells']!.shape).toEqual([counts.train, 2, 24, 24]);
    expect(readSafetensors(validation).tensors['cells']!.shape).toEqual([16, 2, 24, 24]);
    // No image of the fold is among the rows.
    const rows = new Set(Array.from({ length: counts.train }, (_, r) => Buffer.from(tensors['cells']!.data.subarray(r * 1152, (r + 1) * 1152) as Uint8Array).toString('base64')));
    for (const i of [0, 3, 6, 9]) expect(rows.has(Buffer.from(await modality.training.files!.read([readFileSync(path(`${i}.tif`))], config)).toString('base64'))).toBe(false);
  });

  it('are used again, and made anew for another fold', async () => {
    const [first] = (await prepare('again')).train;
    const before = statSync(first!).mtimeMs;
    expect((await prepare('again')).counts).toEqual((await prepare('first')).counts);
    expect(statSync(first!).mtimeMs).toBe(before);
    const other = await prepare('again', { leaveOut: 1 });
    expect(other.counts.leftOutGroups).toEqual(['P1', 'P4']);
    expect(statSync(first!).mtimeMs).toBeGreaterThan(before);
  });

  it('refuse a table that is too small, and columns that are not there', async () => {
    await expect(prepareImages({ recipe: { ...recipe(), validationMolecules: 30 }, modality, modalityConfig: config, dataFolder: path(''), folder: path('small'), progress: SILENT_PROGRESS })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    await expect(prepare('none', { group: 'dish' })).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
  });
});

describe('data files of images and molecules', () => {
  const chem = new ChemPool({ workers: 1 });
  afterAll(() => chem.close());
  const both = (change: object = {}) => resolveRecipe('cloome', { images: { table: 'treated.tsv', folds: 4, ...change }, validationMolecules: 16 });
  const prepareBoth = (name: string, heldOut = NOTHING_HELD_OUT, table = 'treated.tsv') => prepareImages({
    recipe: both({ table }), modality, modalityConfig: config, molecules: { chem, request: { counts: { ecfp: { kind: 'morgan', radius: 2, bits: 512 } } }, heldOut },
    dataFolder: path(''), folder: path(name), progress: SILENT_PROGRESS,
  });
  const molecules = someSmiles(50);

  beforeAll(async () => {
    const lines = ['file,smiles'];
    for (let i = 0; i < 100; i++) {
      writeFileSync(path(`treated-${i}.tif`), await siteTiff(2, 24, 24, 1000 + i));
      // The second site of a molecule names it as a salt.
      lines.push(`treated-${i}.tif,${i < 50 ? molecules[i]! : `${molecules[i - 50]!}.Cl`}`);
    }
    lines.push('treated-0.tif,C1CC', 'treated-0.tif,', 'lost.tif,CCOCCOCC');
    writeFileSync(path('treated.tsv'), lines.join('\n'));
  });

  it('split by molecule, whatever salt it is named as, and count what is left out', async () => {
    const { counts, train, validation } = await prepareBoth('both');
    expect(counts).toMatchObject({ read: 103, incomplete: 1, validation: 16, alsoInValidation: 16, heldOut: 0 });
    expect(Object.values(counts.unreadable).reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(counts.train + counts.validation + counts.alsoInValidation + counts.leftOut + 2).toBe(102);
    const rowsOf = (file: string): number[] => [...readSafetensors(file).tensors['class']!.data as Int32Array];
    const [seen, asked] = [rowsOf(train[0]!), rowsOf(validation)];
    expect(new Set(asked).size).toBe(16);
    expect(asked.filter((molecule) => seen.includes(molecule))).toEqual([]);
    // Both sites of a molecule are trained on, or neither, and they have one fingerprint.
    const counted = new Map<number, number[]>();
    seen.forEach((molecule, row) => counted.set(molecule, [...(counted.get(molecule) ?? []), row]));
    expect([...counted.values()].every((rows) => rows.length === 2)).toBe(true);
    const { tensors } = readSafetensors(train[0]!);
    const offsets = tensors['ecfp.offsets']!.data as BigInt64Array;
    const bitsOf = (row: number): number[] => [...(tensors['ecfp.indices']!.data as Int32Array).subarray(Number(offsets[row]), Number(offsets[row + 1]))];
    for (const [first, second] of counted.values()) expect(bitsOf(first!)).toEqual(bitsOf(second!));
    expect(new Set([...counted.values()].map(([row]) => bitsOf(row!).join())).size).toBeGreaterThan(counted.size * 0.9);
  });

  it('hold no molecule that is held out', async () => {
    const { molecules: [standard] } = await chem.featurise([molecules[3]!], {});
    const key = heldOutKey(standard!.inchiKey);
    const heldOut = { size: 1, digest: key, has: (keys: readonly string[]) => keys.some((one) => heldOutKey(one) === key) };
    expect((await prepareBoth('held', heldOut)).counts.heldOut).toBe(2);
  });

  it('refuse a table without molecules, or with too few', async () => {
    await expect(prepareBoth('without', NOTHING_HELD_OUT, 'sites.tsv')).rejects.toMatchObject({ code: 'COLUMN_MISSING' });
    writeFileSync(path('few.csv'), ['file,smiles', ...molecules.slice(0, 20).map((smiles, i) => `treated-${i}.tif,${smiles}`)].join('\n'));
    await expect(prepareBoth('few', NOTHING_HELD_OUT, 'few.csv')).rejects.toThrow(/at least 32 molecules to train on/);
  });
});

describe('recipes of images', () => {
  const towers = (change: object): object[] => recipe().towers.map((tower, i) => (i === 1 ? { ...tower, ...change } : tower));
  it.each([
    ['molecules and images', { sources: [{ file: 'a.smi' }] }, /one of "sources" of molecules, "images" and "profiles"/],
    ['a fold that is not there', { images: { leaveOut: 5 } }, /leaveOut: expected a fold below "folds"/],
    ['plates and molecules at once', { images: { smiles: 'smiles' } }, /smiles: expected either "group" and "class" or "smiles"/],
    ['another side in one tower', { towers: towers({ modalityConfig: { side: 128, size: 128 } }) }, /Tower "view": expected channels and side of "cells"/],
    ['a tower of molecules', { towers: towers({ modality: 'fingerprint', weightsOf: undefined, encoder: 'mlp', encoderConfig: 'tiny', modalityConfig: { radius: 2, bits: 256, transform: 'binary' }, augmentation: {} }) }, /Tower "view": expected a modality of images from files/],
    ['a crop larger than what is stored', { towers: towers({ modalityConfig: { size: 512 } }) }, /size: expected a size that is at most the side|size that is at most/],
    ['a momentum encoder of another shape', { towers: towers({ weightsOf: undefined, momentumOf: { tower: 'cells', momentum: 0.9 }, encoderOverrides: { widths: [8, 16, 32] } }) }, /Tower "view": expected "momentumOf" to name a tower of the same encoder/],
  ])('refuse %s', (_, change, message) => {
    expect(() => assemble(resolveRecipe('simclr-cells', change))).toThrow(message);
  });

  it('refuse images where a recipe is of molecules', () => {
    expect(() => assemble(resolveRecipe('simcse', { towers: [{ ...recipe().towers[0]!, name: 'structure' }, { ...recipe().towers[1]!, weightsOf: 'structure' }] }))).toThrow(/expected "images" in a recipe with towers of images from files but received none/);
  });
});
