import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import { NOTHING_HELD_OUT, heldOutKey, readSafetensors, resolveRecipe, runTraining } from '../../src/train/index.ts';
import type { HeldOut, TrainingOptions } from '../../src/train/index.ts';

/** Both recipes at the smallest size that still goes through every part: molecules, drawings or graphs, engine, ONNX files. */
const small = (id: string, encoders: readonly [string, object], steps: number) => {
  const [preset, overrides] = encoders;
  const base = resolveRecipe(id);
  const fingerprint = { radius: 2, bits: 256, transform: 'log1p' };
  return resolveRecipe(id, {
    towers: [
      { ...base.towers[0]!, encoderConfig: preset, encoderOverrides: overrides, ...(base.towers[0]!.modality === 'drawing' ? { modalityConfig: { height: 32, width: 48 } } : {}), projection: { layers: 1, hidden: 16 } },
      { ...base.towers[1]!, encoderConfig: 'tiny', encoderOverrides: {}, modalityConfig: fingerprint, projection: { layers: 1, hidden: 16 } },
    ],
    embeddingDimension: 16,
    auxiliary: base.auxiliary.map((auxiliary) => ({ ...auxiliary, targetConfig: { ...fingerprint, transform: 'binary' } })),
    sources: [{ file: 'molecules.smi' }],
    validationMolecules: 20,
    training: { steps, batchSize: 16, warmupSteps: 2, validateEvery: 4, checkpointEvery: 4, logEvery: 1, precision: 'f32' },
  });
};

describe('a training run', () => {
  const chem = new ChemPool({ workers: 1 });
  let data = '';
  const folders: string[] = [];
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'isolens-train-'));
    folders.push(made);
    return made;
  };

  beforeAll(() => {
    data = folder();
    const library = gunzipSync(readFileSync(new URL('../../indexes/demo-library/molecules.smi.gz', import.meta.url))).toString('utf8');
    writeFileSync(join(data, 'molecules.smi'), [...library.split('\n').slice(0, 100), 'not-a-molecule x'].join('\n'));
  });
  afterAll(async () => {
    await chem.close();
    for (const made of folders) rmSync(made, { recursive: true, force: true });
  });

  const options = (recipe: TrainingOptions['recipe'], output: string, more: Partial<TrainingOptions> = {}): TrainingOptions => ({
    recipe, dataFolder: data, folder: output, heldOut: NOTHING_HELD_OUT, chem, threads: 1, resume: false, initial: undefined, halfWeights: true,
    command: 'test', date: () => '2026-01-01T00:00:00.000Z', version: '0', progress: SILENT_PROGRESS, signal: new AbortController().signal, ...more,
  });
  const losses = (output: string): Map<number, number> => new Map(readFileSync(join(output, 'log.jsonl'), 'utf8').trim().split('\n')
    .map((line) => JSON.parse(line) as { event: string; step: number; loss: number }).filter(({ event }) => event === 'step').map(({ step, loss }) => [step, loss]));

  it('goes from molecules to a checked model with a card', async () => {
    const output = folder();
    const { model, summary } = await runTraining(options(small('drawing-structure', ['tiny', {}], 8), output));
    expect(summary.step).toBe(8);
    const { towers, gallery, info } = await readModel(model);
    expect(towers.map((tower) => tower.name)).toEqual(['drawing', 'structure']);
    expect(gallery).toBe('structure');
    expect(info).toMatchObject({ recipe: 'drawing-structure', seed: 1, data: { read: 101, unreadable: { SMILES_SYNTAX: 1 }, validation: 20 } });
  });

  it('resumes to the losses of an uninterrupted run', async () => {
    const whole = folder();
    const parts = folder();
    const recipe = small('graph-fingerprint', ['tiny', {}], 8);
    await runTraining(options(recipe, whole));
    const stop = new AbortController();
    const progress = { ...SILENT_PROGRESS, update: (done: number, note?: string) => void (note?.startsWith('loss') === true && done >= 4 && stop.abort()) };
    await expect(runTraining(options(recipe, parts, { signal: stop.signal, progress }))).rejects.toMatchObject({ code: 'CANCELLED' });
    await runTraining(options(recipe, parts, { resume: true }));
    const expected = losses(whole);
    for (const [step, loss] of losses(parts)) expect(loss, `step ${step}`).toBe(expected.get(step));
    expect([...losses(parts).keys()].at(-1)).toBe(8);
  });

  it('does not write over a checkpoint unasked', async () => {
    const output = folder();
    const recipe = small('graph-fingerprint', ['tiny', {}], 2);
    await runTraining(options(recipe, output));
    await expect(runTraining(options(recipe, output))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('drops held-out molecules, whole and as parent, and counts them', async () => {
    const output = folder();
    const lines = readFileSync(join(data, 'molecules.smi'), 'utf8').split('\n').slice(0, 100).map((line) => line.split(' ')[0]!);
    const outcomes = await chem.standardise(lines.slice(0, 7));
    const keys = new Set(outcomes.map((outcome) => (outcome.ok ? heldOutKey(outcome.value.inchiKey) : '')));
    const heldOut: HeldOut = { size: keys.size, digest: 'seven', has: (inchiKeys) => inchiKeys.some((key) => keys.has(heldOutKey(key))) };
    const { model } = await runTraining(options(small('graph-fingerprint', ['tiny', {}], 2), output, { heldOut }));
    const { info } = await readModel(model);
    expect(info).toMatchObject({ data: { heldOut: 7 } });
    const rows = (name: string): number => Number(readSafetensors(join(output, 'data', `${name}.safetensors`)).metadata['rows']);
    expect(existsSync(join(output, 'data', 'train-0001.safetensors'))).toBe(true);
    expect(rows('validation') + rows('train-0001')).toBe(93);
  });
});
