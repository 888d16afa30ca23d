/** Towers of a model as they embed molecules, and their trunks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { dot, rowOf, matrixOf } from '../../src/core/index.ts';
import { encoderById } from '../../src/encoders/index.ts';
import { openEncoder, openTrunk } from '../../src/ingest/index.ts';
import { FOUR, makeModel, someSmiles } from './model.ts';

let folder: string;
let model: Model;
const chem = new ChemPool({ workers: 1 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encoder-'));
  model = await makeModel(folder, 1, FOUR);
});
afterAll(async () => {
  await chem.close();
  await rm(folder, { recursive: true });
});

describe('the trunk of a tower', { timeout: 60_000 }, () => {
  it.each(['structure', 'graph', 'smiles'])('of "%s" comes before the projection head', async (gallery) => {
    const smiles = someSmiles(6);
    const trunk = await openTrunk({ ...model, gallery });
    const encoder = await openEncoder(model, { tower: gallery });
    try {
      const of = async (inputs: readonly string[]) => trunk.encode(await chem.featurise(inputs, trunk.request));
      const rows = await of(smiles);
      const tower = model.towers.find(({ name }) => name === gallery)!;
      const width = encoderById(tower.encoder).outputWidth(tower.encoderConfig);
      expect(rows.length).toBe(smiles.length * width);
      const own = await of([smiles[4]!]);
      own.forEach((value, i) => expect(value).toBeCloseTo(rows[4 * width + i]!, 4));
      // No unit length: that is what the head gives.
      const lengths = smiles.map((_, row) => dot(rowOf(matrixOf(rows, width), row), rowOf(matrixOf(rows, width), row)));
      expect(lengths.every((length) => Math.abs(length - 1) < 1e-3)).toBe(false);
      const embedded = await encoder.encode(await chem.featurise(smiles, encoder.request));
      expect(embedded.length).toBe(smiles.length * model.dimension);
    } finally {
      await trunk.close();
      await encoder.close();
    }
  });

  it('is refused of a tower that reads pictures, and of one that is not there', async () => {
    await expect(openTrunk({ ...model, gallery: 'drawing' })).rejects.toMatchObject({ code: 'MODEL_INVALID', message: expect.stringMatching(/reads images/) as string });
    await expect(openTrunk({ ...model, gallery: 'other' })).rejects.toMatchObject({ code: 'MODEL_INVALID', message: expect.stringMatching(/drawing, structure/) as string });
  });
});
