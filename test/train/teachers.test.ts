/** Frozen towers: they compute what the served model computes, stay as they are, and are refused where they do not fit. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { SILENT_PROGRESS, createRng } from '../../src/core/index.ts';
import { encoderById } from '../../src/encoders/index.ts';
import { initialWeights as freshWeights, readOnnxWeights } from '../../src/graph/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../../src/model/index.ts';
import type { Recipe } from '../../src/recipes/index.ts';
import { NOTHING_HELD_OUT, resolveRecipe, runTraining } from '../../src/train/index.ts';
import { assemble } from '../../src/train/assemble.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { teacherWeights } from '../../src/train/teachers.ts';
import { nativeProgram, noisyWeights, relativeError, runOnnx, uniform } from '../contracts/execute.ts';
import { someSmiles } from '../ingest/model.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
let chem: ChemPool;
const common = { sources: [{ file: 'mine.smi' }], pictures: { molecules: 0, repeat: 1 }, validationMolecules: 16, embeddingDimension: 16 };
const training = { steps: 6, batchSize: 16, warmupSteps: 1, validateEvery: 6, checkpointEvery: 6, logEvery: 1, precision: 'f32' as const };
const fingerprint = { modality: 'fingerprint', modalityConfig: { radius: 2, bits: 256, transform: 'log1p' }, encoder: 'mlp', encoderConfig: 'tiny', projection: { layers: 1, hidden: 32 } };
const drawing = { modality: 'drawing', modalityConfig: { height: 32, width: 48 }, encoder: 'resnet', encoderConfig: 'tiny', projection: { layers: 1, hidden: 32 } };

const run = (name: string, recipe: Recipe, more: object = {}) => runTraining({
  recipe, dataFolder: path('data'), folder: path(name), heldOut: NOTHING_HELD_OUT, chem, threads: 1, resume: false, initial: undefined, halfWeights: false,
  command: 'isolens train', date: () => '2026-01-01T00:00:00.000Z', version: '0.0.0', progress: SILENT_PROGRESS, signal: new AbortController().signal, ...more,
});

const student = (change: object = {}): Recipe => resolveRecipe('crd-compression', {
  ...common, training, gallery: 'structure', auxiliary: [],
  towers: [
    { ...drawing, name: 'small', encoderOverrides: { widths: [4, 8] } },
    { ...drawing, name: 'teacher', frozenAs: 'drawing', inputsOf: 'small' },
    { ...fingerprint, name: 'structure', frozenAs: 'structure' },
  ],
  losses: [{ objective: 'clip', between: ['small', 'structure'] }, { objective: 'crd', config: { queue: 32, dimension: 8 }, between: ['small', 'teacher'], weight: 0.8 }],
  ...change,
});

let teacher = '';
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  mkdirSync(path('data'), { recursive: true });
  writeFileSync(path('data/mine.smi'), `${someSmiles(90).join('\n')}\n`);
  const recipe = resolveRecipe('drawing-structure', { ...common, training, auxiliary: [], neighbours: undefined, towers: [{ ...drawing, name: 'drawing' }, { ...fingerprint, name: 'structure' }] });
  teacher = (await run('teacher', recipe)).model;
});
afterAll(() => chem.close());

describe('frozen towers', () => {
  it('compute while others are trained what they compute when served, batch normalisation and dropout included', async () => {
    const encoder = encoderById('mlp');
    const tower = { encoder, config: 'tiny', prefix: 'frozen', projection: { layers: 2, hidden: 16 } };
    const { ir, embeddings } = buildTrainingGraph({ towers: [{ ...tower, isFrozen: true }, { ...tower, prefix: 'own' }], losses: [{ objective: 'clip', between: ['own', 'frozen'] }], embeddingDimension: 8 });
    expect(ir.parameters.filter(({ name }) => name.startsWith('frozen.')).every(({ trainable, decay }) => !trainable && !decay)).toBe(true);
    const served = buildEncoderGraph(tower, 8).ir;
    const weights = noisyWeights(served, 3);
    for (const [name, values] of weights) if (name.endsWith('.var')) weights.set(name, values.map((value) => 0.5 + Math.abs(value)));
    const dense = uniform(createRng(2), [5, 256], 0, 1);
    const program = nativeProgram(ir, new Map([...freshWeights(ir, 1), ...weights]), { 'frozen.dense': dense, 'own.dense': dense }, { N: 5 }, 'loss');
    program.forward(true, 7);
    expect(relativeError(program.value(embeddings['frozen']!).data, (await runOnnx(served, weights, { dense })).embedding!.data)).toBeLessThanOrEqual(1e-4);
  });

  it('come from a model, stay as they are, and leave with the gallery alone', async () => {
    const warnings: string[] = [];
    const { model } = await run('student', student(), { teachers: { '': teacher }, progress: { ...SILENT_PROGRESS, warn: (message: string) => warnings.push(message) } });
    // Nobody gave weights for what is trained: that it starts fresh goes without saying.
    expect(warnings.filter((message) => message.includes('start fresh'))).toEqual([]);
    const assembly = assemble(student());
    const taught = await teacherWeights(assembly, { '': teacher });
    const stored = readSafetensors(path('student/checkpoint.safetensors')).tensors;
    for (const [name, { data }] of Object.entries(taught)) expect(stored[name]!.data, name).toEqual(data);
    const exported = await readModel(model);
    expect(exported.towers.map(({ name }) => name)).toEqual(['small', 'structure']);
    expect(exported.gallery).toBe('structure');
    // The library's encoder is the teacher's, to the last number.
    const weights = (folder: string) => readOnnxWeights(readFileSync(join(folder, 'structure.onnx')));
    expect(weights(model)).toEqual(weights(teacher));
    // One drawing is read by both: no second feed.
    expect(assembly.feeds.map(({ kind }) => kind)).toEqual(['drawing', 'sparse']);
    expect(assembly.graph.inputs['teacher']).toEqual(assembly.graph.inputs['small']);
  });

  it.each([
    ['no model', {}, {}, /frozen tower "teacher" but received none; name it with --teacher teacher=FOLDER/],
    ['a model for a tower that is not frozen', {}, { '': 'x', small: 'x' }, /frozen tower of the recipe \(teacher, structure\) but received one for "small"/],
    ['a tower that the model lacks', { towers: [{ ...drawing, name: 'small' }, { ...drawing, name: 'teacher', frozenAs: 'picture' }], losses: [{ objective: 'crd', between: ['small', 'teacher'], config: { queue: 32 } }], gallery: 'small' }, undefined, /expected a tower "picture" in .* but it has drawing, structure/],
    ['a tower of another shape', { towers: [{ ...drawing, name: 'small' }, { ...drawing, name: 'teacher', frozenAs: 'drawing', encoderOverrides: { widths: [16, 32] } }], losses: [{ objective: 'crd', between: ['small', 'teacher'], config: { queue: 32 } }], gallery: 'small' }, undefined, /expected the parameter drawing\.\S+ of shape \(.*\) .* but received \(/],
  ])('refuse %s', async (_, change, teachers, message) => {
    await expect(teacherWeights(assemble(student(change)), teachers ?? { '': teacher })).rejects.toThrow(message);
  });

  it.each([
    ['a tower that is frozen and borrows', { weightsOf: 'small' }, /Tower "teacher": expected "frozenAs" or "weightsOf" but received both/],
    ['inputs of another modality', { inputsOf: 'structure' }, /Tower "teacher": expected "inputsOf" to name a tower before it that reads the same inputs \("small"\) but received "structure"/],
    ['inputs of another size', { modalityConfig: { height: 40, width: 48 } }, /reads the same inputs \(there is none\)/],
  ])('refuse %s', (_, change, message) => {
    const [small, taught, structure] = student().towers;
    expect(() => assemble(student({ towers: [small, { ...taught, ...change }, structure] }))).toThrow(message);
  });
});
