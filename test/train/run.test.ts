/** From molecules to a model, in small: every part runs as it does for the shipped one. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { InferencePool } from '../../src/inference/index.ts';
import { NOTHING_HELD_OUT, resolveRecipe, runTraining } from '../../src/train/index.ts';
import type { TrainingOptions, TrainingResult } from '../../src/train/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { parametersOf } from '../../src/train/export.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const BITS = 256;
const RECIPE = resolveRecipe('drawing-structure', {
  towers: [
    { name: 'drawing', modality: 'drawing', modalityConfig: { height: 32, width: 48 }, encoder: 'resnet', encoderConfig: 'tiny', projection: { layers: 1, hidden: 32 }, augmentation: { strength: 0.2 } },
    { name: 'structure', modality: 'fingerprint', modalityConfig: { kind: 'morgan-count', radius: 2, bits: BITS, transform: 'log1p' }, encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 1, hidden: 32 } },
  ],
  embeddingDimension: 16,
  auxiliary: [],
  sources: [{ file: 'mine.smi' }],
  validationMolecules: 16,
  training: { steps: 12, batchSize: 16, warmupSteps: 2, validateEvery: 6, checkpointEvery: 4, logEvery: 1, precision: 'f32' },
});

let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
  mkdirSync(path('data'));
  writeFileSync(path('data/mine.smi'), `${someSmiles(96).join('\n')}\n`);
});
afterAll(() => chem.close());

function run(folder: string, options: Partial<TrainingOptions> = {}): Promise<TrainingResult> {
  return runTraining({
    recipe: RECIPE, dataFolder: path('data'), folder: path(folder), heldOut: NOTHING_HELD_OUT, chem, threads: 1, resume: false, initial: undefined, halfWeights: false,
    command: 'isolens train drawing-structure', date: () => '2026-01-01T00:00:00.000Z', version: '0.0.0', progress: SILENT_PROGRESS, signal: new AbortController().signal, ...options,
  });
}

interface Event {
  readonly event: string;
  readonly step: number;
  readonly loss: number;
}

const eventsOf = (folder: string): Event[] => readFileSync(path(`${folder}/log.jsonl`), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Event);
const lossesOf = (folder: string): [number, number][] => eventsOf(folder).filter(({ event }) => event === 'step').map(({ step, loss }) => [step, loss]);

describe('runTraining', () => {
  let whole: TrainingResult;
  beforeAll(async () => {
    whole = await run('whole');
  });

  it('ends with a model that ONNX Runtime reads, and a card that says what it is', async () => {
    const model = await readModel(whole.model);
    expect(model.towers.map(({ name, modality, encoder }) => [name, modality, encoder])).toEqual([['drawing', 'drawing', 'resnet'], ['structure', 'fingerprint', 'mlp']]);
    expect(model.gallery).toBe('structure');
    expect(model.info).toMatchObject({
      recipe: 'drawing-structure', command: 'isolens train drawing-structure', date: '2026-01-01T00:00:00.000Z', seed: RECIPE.training.seed, steps: 12, samplesSeen: 12 * 16,
      data: { read: 96, validation: 16, heldOut: 0 }, validation: { event: 'validation', rows: 16 },
    });
    const pool = await InferencePool.open(model.towers.map(({ name, file }) => ({ name, path: join(model.directory, file) })), { workers: 1 });
    try {
      const { data } = Object.values(await pool.run('structure', { dense: { dtype: 'f32', data: new Float32Array(2 * BITS).fill(1), shape: [2, BITS] } }))[0]!;
      expect(Math.hypot(...data.slice(0, 16))).toBeCloseTo(1, 5);
    } finally {
      await pool.close();
    }
  });

  it('writes its log, its recipe, a checkpoint and the best weights', () => {
    expect(lossesOf('whole').map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const file of ['recipe.json', 'checkpoint.safetensors', 'best.safetensors']) expect(existsSync(path(`whole/${file}`)), file).toBe(true);
  });

  it('goes on after an interruption to the same losses', async () => {
    const stop = new AbortController();
    const progress = { ...SILENT_PROGRESS, update: (done: number, note?: string): void => { if (note?.startsWith('loss') === true && done >= 5) stop.abort(); } };
    await expect(run('cut', { progress, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(run('cut')).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await run('cut', { resume: true });
    expect(new Map(lossesOf('cut'))).toEqual(new Map(lossesOf('whole')));
    expect(readFileSync(path('cut/model/structure.onnx')).equals(readFileSync(path('whole/model/structure.onnx')))).toBe(true);
  });

  it('resumes although the log ends in half a line, and writes whole lines after it', async () => {
    const recipe = resolveRecipe('drawing-structure', { ...RECIPE, training: { ...RECIPE.training, steps: 6 } });
    await run('torn', { recipe });
    const torn = '{"event":"validation","step":6,"r1":0.0';
    writeFileSync(path('torn/log.jsonl'), torn, { flag: 'a' });
    const longer = resolveRecipe('drawing-structure', { ...RECIPE, training: { ...RECIPE.training, steps: 8 } });
    await run('torn', { recipe: longer, resume: true });
    const lines = readFileSync(path('torn/log.jsonl'), 'utf8').trim().split('\n');
    const after = lines.slice(lines.indexOf(torn) + 1).map((line) => JSON.parse(line) as Event);
    expect(after.filter(({ event }) => event === 'step').map(({ step }) => step)).toEqual([7, 8]);
  });

  it('refuses to resume on other data', async () => {
    const training = { ...RECIPE.training, steps: 4 };
    const recipe = resolveRecipe('drawing-structure', { ...RECIPE, sources: [{ file: 'changing.smi' }], training });
    const resumed = async (folder: string, molecules: readonly string[]): Promise<string[]> => {
      const warnings: string[] = [];
      writeFileSync(path('data/changing.smi'), `${molecules.join('\n')}\n`);
      await run(folder, { recipe, resume: true, progress: { ...SILENT_PROGRESS, warn: (message) => void warnings.push(message) } });
      return warnings;
    };
    const molecules = someSmiles(96);
    expect(await resumed('changing', molecules)).toEqual([]);
    expect(await resumed('changing', molecules)).toEqual([]);
    // As many, one of them another.
    await expect(resumed('changing', [...molecules.slice(1), 'CCOC(=O)c1ccncc1'])).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringMatching(/received other data.*--initial/) as string });
  });

  it('starts from given weights', async () => {
    mkdirSync(path('initial'));
    copyFileSync(path('whole/best.safetensors'), path('initial.safetensors'));
    await run('initial', { initial: path('initial.safetensors') });
    expect(lossesOf('initial')[0]![1]).toBeLessThan(lossesOf('whole')[0]![1]);
  });

  it('starts from an exported model', async () => {
    mkdirSync(path('again'));
    await run('again', { initial: path('whole/model') });
    expect(lossesOf('again')[0]![1]).toBeLessThan(lossesOf('whole')[0]![1]);
  });

  it('takes trunks from a model whose heads have another shape, and refuses trunks that have', async () => {
    const towers = RECIPE.towers.map((tower) => ({ ...tower, projection: { layers: 2, hidden: 24 } }));
    const other = resolveRecipe('drawing-structure', { ...RECIPE, towers, embeddingDimension: 24 });
    await run('heads', { recipe: other, initial: path('whole/model') });
    const [taken, given] = ['heads/initial.safetensors', 'whole/best.safetensors'].map((file) => parametersOf(path(file)));
    // A served file holds constants as well.
    const trunk = [...taken!].filter(([name]) => !name.includes('.projection.') && given!.has(name));
    expect(trunk.length).toBeGreaterThan(10);
    for (const [name, values] of trunk) expect([...values], name).toEqual([...given!.get(name)!]);
    // Two layers in place of one: no head fits.
    expect([...taken!.keys()].filter((name) => name.includes('.projection.') && name.endsWith('weight'))).toEqual([]);
    const wider = resolveRecipe('drawing-structure', { ...RECIPE, towers: RECIPE.towers.map((tower) => (tower.encoder === 'mlp' ? { ...tower, encoderOverrides: { hidden: [48] } } : tower)) });
    await expect(run('trunks', { recipe: wider, initial: path('whole/model') })).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('trains in chunks, with an auxiliary head, and resumes to the same losses', async () => {
    // So many that a run is cut before it ends, on however busy a machine.
    const STEPS = 40;
    const recipe = resolveRecipe('drawing-structure', {
      ...RECIPE, training: { ...RECIPE.training, batchSize: 32, chunk: 12, steps: STEPS },
      auxiliary: [{ id: 'fingerprint', tower: 'drawing', target: 'fingerprint', targetConfig: { radius: 2, bits: 64, transform: 'binary' }, weight: 0.5 }],
    });
    await run('chunks', { recipe });
    expect(lossesOf('chunks').map(([step]) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    expect(lossesOf('chunks').every(([, loss]) => Number.isFinite(loss))).toBe(true);
    const stop = new AbortController();
    const progress = { ...SILENT_PROGRESS, update: (done: number, note?: string): void => { if (note?.startsWith('loss') === true && done >= 2) stop.abort(); } };
    await expect(run('chunks-cut', { recipe, progress, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await run('chunks-cut', { recipe, resume: true });
    expect(new Map(lossesOf('chunks-cut'))).toEqual(new Map(lossesOf('chunks')));
  });
});
