/** A laboratory's folder: listed, trained on and probed by three commands. */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { siteTiff } from '../image/fixtures.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  for (let plate = 0; plate < 3; plate++) {
    for (const [row, column] of [[1, 1], [1, 2], [2, 1], [2, 2]] as const) {
      for (let site = 1; site <= 3; site++) {
        const stack = await siteTiff(2, 40, 48, 1000 * plate + 100 * row + 10 * column + site);
        for (const channel of [1, 2]) {
          const path = world.path(`screen/P${plate}__2026-01-0${plate + 1}/Images/r0${row}c0${column}f0${site}p01-ch${channel}sk1fk1fl1.tiff`);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, await sharp(stack, { page: channel - 1 }).extractChannel(0).toColourspace('b-w').tiff().toBuffer());
        }
      }
    }
  }
  await mkdir(world.path('P7'));
  await writeFile(world.path('P7/r01c01f01p01-ch1sk1fk1fl1.tiff'), await siteTiff(1, 40, 48, 7));
  await world.write('wells.csv', 'well,compound,SMILES,control\nA01,aspirin,CC(=O)Oc1ccccc1C(=O)O,\nA02,caffeine,Cn1c(=O)c2c(ncn2C)n(C)c1=O,\nB01,DMSO,,negcon\n');
}, 120_000);
afterAll(() => world.remove());

describe('plate', { timeout: 120_000 }, () => {
  it('lists sites, which are trained on and probed', async () => {
    const listed = await world.run(['plate', 'screen', '--map', 'wells.csv', '--channels', '2=DNA,1=Mito', '--output', 'sites.tsv']);
    expect(listed.code, listed.stderr).toBe(0);
    expect(listed.stdout).toContain('36 sites of 12 wells on 3 plates, named as by phenix.');
    expect(listed.stdout).toContain('Channels, in this order: 2 = DNA, 1 = Mito.');
    expect(listed.stdout).toMatch(/The map says nothing of 3 wells: P0 B02, P1 B02, P2 B02/);
    const [header, first] = (await readFile(world.path('sites.tsv'), 'utf8')).split('\n');
    expect(header).toBe('file\tplate\twell\tsite\tcompound\tsmiles\tconcentration\tcontrol');
    expect(first!.split('\t').slice(1)).toEqual(['P0', 'A01', '1', 'aspirin', 'CC(=O)Oc1ccccc1C(=O)O', '', '']);

    const tower = { modality: 'cells', modalityConfig: { channels: 2, side: 40, size: 32 }, encoder: 'resnet', encoderConfig: 'tiny', projection: { layers: 2, hidden: 16 }, augmentation: { varyValidation: true } };
    const images = { table: 'sites.tsv', class: 'compound', folds: 3, leaveOut: 0 };
    await world.write('small.json', JSON.stringify({ images, towers: [{ ...tower, name: 'cells' }, { ...tower, name: 'view', weightsOf: 'cells' }], training: { steps: 3, batchSize: 4, warmupSteps: 1 }, validationMolecules: 16 }));
    // Eighteen sites of two plates have a compound: too few for a validation set of sixteen.
    const few = await world.run(['train', 'simclr-cells', '--config', 'small.json', '--data', '.', '--held-out', 'none', '--output', 'few']);
    expect([few.code, errorCode(few)]).toEqual([1, 'DATASET_INVALID']);
    await world.write('wells.csv', `well,compound\n${['A01', 'A02', 'B01', 'B02'].map((well, i) => `${well},c${i % 2}`).join('\n')}\n`);
    expect((await world.run(['plate', 'screen', '--map', 'wells.csv'])).code).toBe(0);
    await world.write('small.json', (await readFile(world.path('small.json'), 'utf8')).replace('"folds":3', '"folds":4').replace('"leaveOut":0', '"leaveOut":3'));
    const trained = await world.run(['train', 'simclr-cells', '--config', 'small.json', '--data', '.', '--held-out', 'none', '--output', 'run']);
    expect(trained.code, trained.stderr).toBe(0);

    const probed = await world.run(['probe', '--images', 'sites.tsv', '--class', 'compound', '--folds', '3', '--channels', '2', '--method', 'pixels', '--model', 'own=run/model']);
    expect(probed.code, probed.stderr).toBe(0);
    expect(probed.stdout).toMatch(/^own +64 {2}k-NN/m);
    expect(probed.stdout).toContain('36 images of 3 plates: 18 c0, 18 c1.');
  });

  it('looks at sites, and says which are saturated, empty, torn', async () => {
    const file = (row: number, site: number, channel: number): string => world.path(`screen/P1__2026-01-02/Images/r0${row}c01f0${site}p01-ch${channel}sk1fk1fl1.tiff`);
    const flat = (value: number): Promise<Buffer> => sharp(new Uint8Array(40 * 48).fill(value), { raw: { width: 48, height: 40, channels: 1 } }).toColourspace('b-w').tiff().toBuffer();
    const bright = Uint8Array.from({ length: 40 * 48 }, (_, i) => (i % 7 < 2 ? 255 : 60 + (i % 11)));
    const before = await Promise.all([file(1, 1, 1), file(1, 2, 2), file(2, 1, 1)].map((path) => readFile(path)));
    await writeFile(file(1, 1, 1), await flat(12));
    await writeFile(file(1, 2, 2), await sharp(bright, { raw: { width: 48, height: 40, channels: 1 } }).toColourspace('b-w').tiff().toBuffer());
    await writeFile(file(2, 1, 1), before[2]!.subarray(0, 90));
    const checked = await world.run(['plate', 'screen', '--channels', '2=DNA,1=Mito', '--check', '--output', 'checked.tsv']);
    await Promise.all([file(1, 1, 1), file(1, 2, 2), file(2, 1, 1)].map((path, i) => writeFile(path, before[i]!)));
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout).toContain('P1 A01 site 1: Mito empty.');
    expect(checked.stdout).toContain('P1 A01 site 2: DNA saturated.');
    expect(checked.stdout).toContain('P1 B01 site 1: IMAGE_CORRUPT.');
    const lines = (await readFile(world.path('checked.tsv'), 'utf8')).trim().split('\n').map((line) => line.split('\t'));
    expect(lines[0]!.at(-1)).toBe('flags');
    expect(lines.slice(1).filter((line) => line.at(-1) !== '' && line.length === 9)).toHaveLength(3);
  });

  it('writes sites under even light, leaves out those that cannot be read, and names the others in the table', async () => {
    await world.write('held.csv', 'well,compound,control\nA01,aspirin,\nA02,caffeine,\nB01,DMSO,negcon\nB02,known,poscon\n');
    const file = world.path('screen/P1__2026-01-02/Images/r01c02f02p01-ch2sk1fk1fl1.tiff');
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length >> 1));
    const written = await world.run(['plate', 'screen', '--map', 'held.csv', '--write', 'even', '--normalise', 'controls', '--output', 'even.tsv']);
    await writeFile(file, whole);
    // Done, but for some.
    expect(written.code, written.stderr).toBe(3);
    expect(written.stdout).toContain('P1 A02 site 2 cannot be read and was left out: IMAGE_CORRUPT.');
    expect(written.stdout).toContain('35 of 36 sites were written.');
    expect(written.stdout).toMatch(/Plate P1 has 11 sites that can be read/);
    expect(written.stdout).not.toMatch(/known as a control/);
    const lines = (await readFile(world.path('even.tsv'), 'utf8')).trim().split('\n').map((line) => line.split('\t'));
    expect(lines).toHaveLength(36);
    expect(lines[1]!.slice(0, 5)).toEqual([join('even', 'P0', 'A01_1.tiff'), 'P0', 'A01', '1', 'aspirin']);
    expect((await readdir(world.path('even'), { recursive: true })).filter((name) => !name.endsWith('.tiff')).sort()).toEqual(['P0', 'P1', 'P2']);
    const { width, pageHeight, pages } = await sharp(world.path(lines[1]![0]!), { pages: -1 }).metadata();
    expect([width, pageHeight, pages]).toEqual([48, 40, 2]);
    const probed = await world.run(['probe', '--images', 'even.tsv', '--class', 'compound', '--folds', '3', '--channels', '2', '--method', 'pixels']);
    expect(probed.code, probed.stderr).toBe(0);
    expect(probed.stdout).toContain('35 images of 3 plates');
  });

  it('scales by all sites where no control is known, and says so', async () => {
    const written = await world.run(['plate', 'screen', '--write', 'all', '--normalise', 'controls', '--check', '--output', 'all.tsv']);
    expect(written.code, written.stderr).toBe(0);
    expect(written.stdout).toContain('Plate P2 has no site that is known as a control: its intensities are scaled by those of all its sites.');
    expect((await readFile(world.path('all.tsv'), 'utf8')).split('\n')[0]).toMatch(/\tflags$/);
  });

  it('takes a plate with a torn file as it is: the site is left out when it is read', async () => {
    const path = world.path('screen/P0__2026-01-01/Images/r01c01f01p01-ch1sk1fk1fl1.tiff');
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, 100));
    const probed = await world.run(['probe', '--images', 'sites.tsv', '--class', 'compound', '--folds', '3', '--channels', '2', '--method', 'pixels']);
    await writeFile(path, whole);
    expect(probed.code, probed.stderr).toBe(0);
    expect(probed.stdout).toMatch(/35 images of 3 plates.*\n.*|cannot be read: 1 IMAGE_CORRUPT/);
    expect(probed.stdout).toContain('cannot be read: 1 IMAGE_CORRUPT');
  });

  it.each([
    ['a folder that is not there', ['nowhere'], 'FILE_NOT_FOUND'],
    ['a map that is not there', ['screen', '--map', 'none.csv'], 'FILE_NOT_FOUND'],
    ['a pattern that says too little', ['screen', '--pattern', '(?<well>A)'], 'ARGUMENT_INVALID'],
    ['a pattern that reads nothing', ['screen', '--pattern', 'cellvoyager'], 'DATASET_INVALID'],
    ['a channel that is not there', ['screen', '--channels', '7=DNA'], 'ARGUMENT_INVALID'],
    ['a folder to write among the images', ['screen', '--write', 'screen/even'], 'ARGUMENT_INVALID'],
    ['a folder whose plates are those of the images', ['P7', '--write', '.'], 'ARGUMENT_INVALID'],
    ['a scale for nothing', ['screen', '--normalise', 'controls'], 'ARGUMENT_INVALID'],
    ['a plane that no site has', ['screen', '--plane', '9'], 'DATASET_INVALID'],
  ])('refuses %s', async (_, args, code) => {
    const outcome = await world.run(['plate', ...args, '--output', 'refused.tsv']);
    expect(outcome.code).not.toBe(0);
    expect(errorCode(outcome)).toBe(code);
    await rm(world.path('refused.tsv'), { force: true });
  });
});
