/** A recipe whose projection serves its losses alone: what is exported are principal components of the trunk about ordinary molecules. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/bundle/index.ts';
import type { Model } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { readOnnxWeights } from '../../src/graph/index.ts';
import { openEncoder, openTrunk } from '../../src/ingest/index.ts';
import { NOTHING_HELD_OUT, heldOutKey, joinModels, resolveRecipe, runTraining } from '../../src/train/index.ts';
import type { HeldOut } from '../../src/train/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const DIMENSION = 8;
const view = {
  modality: 'fingerprint', modalityConfig: { kind: 'morgan-count', radius: 2, bits: 256, transform: 'log1p' }, encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 2, hidden: 32 },
};
const RECIPE = resolveRecipe('simcse', {
  towers: [{ ...view, name: 'structure' }, { ...view, name: 'view', weightsOf: 'structure' }],
  embeddingDimension: DIMENSION,
  components: { background: { file: 'ordinary.smi' } },
  sources: [{ file: 'mine.smi' }],
  validationMolecules: 16,
  training: { steps: 6, batchSize: 16, warmupSteps: 2, validateEvery: 6, checkpointEvery: 6, logEvery: 1, precision: 'f32' },
});
const MOLECULES = someSmiles(120);
const ORDINARY = MOLECULES.slice(0, 60);

let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
  mkdirSync(path('data'));
  writeFileSync(path('data/mine.smi'), `${MOLECULES.join('\n')}\n`);
  writeFileSync(path('data/ordinary.smi'), `${[...ORDINARY, 'no molecule'].join('\n')}\n`);
});
afterAll(() => chem.close());

const train = async (folder: string, recipe = RECIPE, heldOut: HeldOut = NOTHING_HELD_OUT, initial?: string): Promise<Model> => readModel((await runTraining({
  recipe, dataFolder: path('data'), folder: path(folder), heldOut, chem, threads: 1, resume: false, initial, halfWeights: false,
  command: 'isolens train', date: () => '2026-01-01T00:00:00.000Z', version: '0.0.0', progress: SILENT_PROGRESS, signal: new AbortController().signal,
})).model);

async function rows(model: Model, smiles: readonly string[], layer: 'embedding' | 'trunk'): Promise<number[][]> {
  const encoder = layer === 'trunk' ? await openTrunk(model) : await openEncoder(model);
  try {
    const batch = await chem.featurise(smiles, encoder.request);
    const data = await encoder.encode(batch);
    const width = data.length / batch.rows.length;
    return Array.from(batch.rows, (_, r) => Array.from(data.subarray(r * width, (r + 1) * width)));
  } finally {
    await encoder.close();
  }
}

const unit = (row: readonly number[]): number[] => row.map((value) => value / Math.hypot(...row));
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('components', () => {
  let model: Model;
  beforeAll(async () => {
    model = await train('run');
  });

  it('are orthogonal directions of the features of ordinary molecules, the widest first, about their mean', async () => {
    const weights = readOnnxWeights(readFileSync(join(model.directory, 'structure.onnx')));
    expect([...weights.keys()].filter((name) => name.includes('projection'))).toEqual([]);
    const { values, shape } = weights.get('structure.components.weight')!;
    expect(shape).toEqual([DIMENSION, 64]);
    const directions = Array.from({ length: DIMENSION }, (_, k) => Array.from(values.subarray(k * 64, (k + 1) * 64)));
    directions.forEach((a, i) => directions.forEach((b, j) => expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 5)));
    const bias = weights.get('structure.components.bias')!.values;
    const along = (await rows(model, ORDINARY, 'trunk')).map(unit).map((row) => directions.map((direction, k) => dot(direction, row) + bias[k]!));
    const variances = directions.map((_, k) => along.reduce((sum, row) => sum + row[k]! ** 2, 0) / along.length);
    directions.forEach((_, k) => expect(along.reduce((sum, row) => sum + row[k]!, 0) / along.length).toBeCloseTo(0, 5));
    expect(variances).toEqual([...variances].sort((a, b) => b - a));
    const embedded = await rows(model, ORDINARY, 'embedding');
    embedded.forEach((row, i) => unit(along[i]!).forEach((value, k) => expect(row[k]).toBeCloseTo(value, 3)));
    expect(model.info['components']).toMatchObject({ molecules: ORDINARY.length, heldOut: 0 });
  });

  it('stay what they are beside another model', async () => {
    const joined = path('joined');
    await joinModels({ models: [model.directory, model.directory], shares: [0.5, 0.5], folder: joined, halfWeights: false, version: '0', command: 'join', date: '2026-01-01' });
    const [alone, both] = [await rows(model, ORDINARY.slice(0, 3), 'embedding'), await rows(await readModel(joined), ORDINARY.slice(0, 3), 'embedding')];
    expect(dot(both[0]!, both[1]!)).toBeCloseTo(dot(alone[0]!, alone[1]!), 5);
    expect(dot(both[0]!, both[2]!)).toBeCloseTo(dot(alone[0]!, alone[2]!), 5);
  });

  it('are made anew where training starts from a model that has them', async () => {
    const again = await train('again', RECIPE, NOTHING_HELD_OUT, model.directory);
    expect((await rows(again, ORDINARY.slice(0, 1), 'embedding'))[0]).toHaveLength(DIMENSION);
  });

  it('are made of no held-out molecule', async () => {
    const { molecules } = await chem.featurise(ORDINARY.slice(0, 5), {});
    const keys = new Set(molecules.map(({ inchiKey }) => heldOutKey(inchiKey)));
    const heldOut: HeldOut = { size: keys.size, digest: 'five', has: (inchiKeys) => inchiKeys.some((key) => keys.has(heldOutKey(key))) };
    const { info } = await train('held', RECIPE, heldOut);
    expect(info['components']).toMatchObject({ molecules: ORDINARY.length - 5, heldOut: 5 });
  });

  it('are refused before anything is trained: of two towers, and of fewer features', async () => {
    const drawing = { name: 'drawing', modality: 'drawing', modalityConfig: { height: 32, width: 48 }, encoder: 'resnet', encoderConfig: 'tiny', projection: { layers: 1, hidden: 32 } };
    const two = resolveRecipe('drawing-structure', { ...RECIPE, id: 'drawing-structure', losses: [{ objective: 'clip', between: ['drawing', 'structure'] }], towers: [drawing, { ...view, name: 'structure' }] });
    await expect(train('two', two)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining('received 2 towers') as string });
    const wide = resolveRecipe('simcse', { ...RECIPE, embeddingDimension: 100 });
    await expect(train('wide', wide)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining('with 64') as string });
    const few = resolveRecipe('simcse', { ...RECIPE, embeddingDimension: 64, components: { background: { file: 'ordinary.smi', limit: 20 } } });
    await expect(train('few', few)).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('received 20') as string });
    const missing = resolveRecipe('simcse', { ...RECIPE, components: { background: { file: 'nowhere.smi' } } });
    await expect(train('missing', missing)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('nowhere.smi') as string });
    for (const name of ['two', 'wide', 'missing']) expect(existsSync(path(`${name}/log.jsonl`)), name).toBe(false);
  });
});
