import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool, PICTURE_RENDERERS } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { hasFonts } from '../../src/image/index.ts';
import { renderDrawings } from '../../src/native/index.ts';
import { assemble } from '../../src/train/assemble.ts';
import { prepareDataset } from '../../src/train/dataset.ts';
import type { Dataset } from '../../src/train/dataset.ts';
import { NOTHING_HELD_OUT, readSafetensors, resolveRecipe } from '../../src/train/index.ts';
import { pictureColumns } from '../../src/train/pictures.ts';
import { someSmiles } from '../ingest/model.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const MOLECULES = 60;
const RENDERERS = PICTURE_RENDERERS.map(({ id }) => id);

let chem: ChemPool;
let fonts: boolean;
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  fonts = await hasFonts();
  mkdirSync(path('data'));
  writeFileSync(path('data/mine.smi'), `${someSmiles(MOLECULES).join('\n')}\n`);
});
afterAll(() => chem.close());

function prepare(folder: string, pictures: { molecules: number; repeat: number }): Promise<Dataset> {
  const recipe = resolveRecipe('drawing-structure', { sources: [{ file: 'mine.smi' }], validationMolecules: 16, counterIonShare: 0, pictures });
  const { request, pictures: size } = assemble(recipe);
  return prepareDataset({ recipe, request, pictures: size, dataFolder: path('data'), folder: path(folder), heldOut: NOTHING_HELD_OUT, chem, progress: SILENT_PROGRESS });
}

const namesOf = (files: readonly string[]): string[] => files.map((file) => file.split('/').at(-1)!);

describe('pictures by other programs', () => {
  it('come in shards of their own, beside shards that stay as they are', async () => {
    const before = await prepare('data-files', { molecules: 0, repeat: 1 });
    const times = (): (readonly [string, number])[] => readdirSync(path('data-files')).filter((name) => !name.startsWith('pictures')).map((name) => [name, statSync(path(`data-files/${name}`)).mtimeMs] as const);
    const old = times();
    const after = await prepare('data-files', { molecules: 5, repeat: 3 });
    expect(times()).toEqual(old);
    expect(before.counts.pictures).toEqual({});
    expect({ ...after.counts, pictures: {} }).toEqual(before.counts);
    if (!fonts) return;
    expect(after.counts.pictures).toEqual(Object.fromEntries(RENDERERS.map((renderer) => [renderer, 5])));
    expect(namesOf(after.train)).toEqual([...namesOf(before.train), ...RENDERERS.flatMap((renderer) => Array<string>(3).fill(`pictures-${renderer}-01.safetensors`))]);
    const drawn = after.train.find((file) => file.includes(RENDERERS[0]!))!;
    const { tensors } = readSafetensors(drawn);
    for (const name of ['layout.xy', 'picture.pixels', ...Object.keys(readSafetensors(before.validation).tensors)]) expect(Object.keys(tensors)).toContain(name);
    const rows = Int32Array.of(0, 1, 2, 3, 4);
    const options = { height: 64, width: 96, strength: 0.5, seed: 1 };
    expect(renderDrawings(drawn, 'layout', rows, { ...options, pictures: 'picture' })).not.toEqual(renderDrawings(drawn, 'layout', rows, options));
  });

  it('are made alike again, and for another question anew', async () => {
    await prepare('again', { molecules: 4, repeat: 1 });
    const shards = (): Record<string, string> => Object.fromEntries(readdirSync(path('again')).filter((name) => name.startsWith('pictures') && name.endsWith('.safetensors')).map((name) => [name, readFileSync(path(`again/${name}`)).toString('latin1')]));
    const first = shards();
    for (const name of Object.keys(first)) rmSync(path(`again/${name.replace('.safetensors', '.json')}`));
    await prepare('again', { molecules: 4, repeat: 1 });
    expect(shards()).toEqual(first);
    if (!fonts) return;
    await prepare('again', { molecules: 6, repeat: 1 });
    expect(shards()).not.toEqual(first);
  });

  it('may be missing for a row', () => {
    const columns = pictureColumns([null, { data: Uint8Array.of(1, 2, 3, 4, 5, 6), rows: 2, columns: 3 }, null]);
    expect(columns['picture.offsets']!.data).toEqual(BigInt64Array.of(0n, 0n, 6n, 6n));
    expect(columns['picture.heights']!.data).toEqual(Uint16Array.of(0, 2, 0));
    expect(columns['picture.widths']!.data).toEqual(Uint16Array.of(0, 3, 0));
    expect(columns['picture.pixels']).toEqual({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [6] });
  });
});
