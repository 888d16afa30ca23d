/** What is promised to others: a modality, an encoder and an objective from outside of src, trained by a recipe like the house's own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { IsoLensError, SILENT_PROGRESS, createRng } from '../../src/core/index.ts';
import { defineEncoder } from '../../src/encoders/index.ts';
import { InferencePool } from '../../src/inference/index.ts';
import { defineImageModality } from '../../src/modalities/index.ts';
import type { TrainEvent } from '../../src/native/index.ts';
import { defineObjective } from '../../src/objectives/index.ts';
import { defineRecipe } from '../../src/recipes/index.ts';
import { NOTHING_HELD_OUT, runTraining } from '../../src/train/index.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const WIDTH = 20;

/** A spectrum in a text file, a number a line, from 0 to 255. */
const spectrum = defineImageModality({
  id: 'spectrum',
  summary: 'A spectrum of twenty places.',
  config: z.strictObject({}),
  inputs: () => [{ role: 'dense', dtype: 'f32', shape: ['N', WIDTH] }],
  encoderFields: () => ({}),
  read: async (bytes) => ({ parts: { dense: Float32Array.from(await read(bytes), (value) => value / 255) }, warnings: [] }),
  training: {
    augmentation: z.strictObject({}),
    request: () => ({}),
    feed: () => ({ kind: 'dense', column: 'spectrum', options: { scale: 1 / 255 } }),
    files: { column: 'spectrum', shape: () => [WIDTH], read: ([bytes]) => read(bytes!) },
  },
});

function read(bytes: Uint8Array): Promise<Uint8Array> {
  const values = Buffer.from(bytes).toString().trim().split('\n').map(Number);
  if (values.length !== WIDTH) return Promise.reject(new IsoLensError('FILE_UNREADABLE', `Expected ${WIDTH} numbers but received ${values.length}.`));
  return Promise.resolve(Uint8Array.from(values));
}

const wave = defineEncoder({
  id: 'wave',
  summary: 'A linear map, a sine-like activation, and dropout that tells two views apart.',
  references: [],
  config: z.strictObject({ width: z.number() }),
  presets: { tiny: { width: 24 } },
  inputs: () => [{ role: 'dense', dtype: 'f32', shape: ['N', WIDTH] }],
  outputWidth: ({ width }) => width,
  build: (g, { dense }, { width }) => {
    const weight = g.parameter('weight', [width, WIDTH], { kind: 'normal', std: 0.5 });
    return g.apply('Dropout', [g.apply('Tanh', [g.apply('Gemm', [dense!, weight], { transB: 1 })])], { rate: 0.2 });
  },
});

/** Views come together, and away from where they were on average in the step before: an objective with a state. */
const centred = defineObjective({
  id: 'centred',
  summary: 'Squared distance of two views, less that to the mean of the batch before.',
  references: ['Caron et al. 2021, arXiv:2104.14294 (centring)'],
  config: z.strictObject({ share: z.number().min(0).max(1).default(0.5) }),
  build: (g, { a, b }, { share }) => {
    const centre = g.parameter('centre', [Number(b.shape[1])], { kind: 'zeros' }, { trainable: false });
    g.rule({ rule: 'assign', parameter: centre, from: g.apply('ReduceMean', [b], { axes: [0], keepdims: 0 }) });
    const distance = (y: ReturnType<typeof g.apply>): ReturnType<typeof g.apply> => {
      const apart = g.apply('Sub', [a, y]);
      return g.apply('ReduceMean', [g.apply('Mul', [apart, apart])]);
    };
    return { loss: g.apply('Sub', [distance(b), g.apply('Mul', [distance(centre), g.constant(share)])]), metrics: {} };
  },
});

const tower = { modality: 'spectrum', encoder: 'wave', encoderConfig: 'tiny', projection: { layers: 1, hidden: 16 } };
const recipe = defineRecipe({
  id: 'spectra',
  summary: 'Two views of one spectrum.',
  references: [],
  towers: [{ ...tower, name: 'spectrum' }, { ...tower, name: 'view', weightsOf: 'spectrum' }],
  embeddingDimension: 8,
  losses: [{ objective: 'centred', between: ['spectrum', 'view'] }],
  images: { table: 'spectra.csv', file: 'name', group: 'day', class: 'kind', folds: 2, leaveOut: 1 },
  validationMolecules: 16,
  training: {
    steps: 80, batchSize: 16, learningRate: 1e-2, warmupSteps: 2, finalFraction: 0.1, weightDecay: 0, clipNorm: 5, precision: 'f32',
    validateEvery: 80, checkpointEvery: 80, logEvery: 1, seed: 1,
  },
});

describe('from outside', () => {
  let chem: ChemPool;
  beforeAll(() => {
    chem = new ChemPool({ workers: 1 });
    mkdirSync(path('data'), { recursive: true });
    const rng = createRng(5);
    const lines = ['name,day,kind'];
    for (let i = 0; i < 90; i++) {
      writeFileSync(path(`data/${i}.txt`), i === 10 ? 'torn' : Array.from({ length: WIDTH }, (_, at) => Math.round(127 + 100 * Math.sin(at * (1 + i % 5) / 3) * rng.next())).join('\n'));
      lines.push(`${i}.txt,D${i % 6},${i % 2}`);
    }
    writeFileSync(path('data/spectra.csv'), lines.join('\n'));
  });
  afterAll(() => chem.close());

  it('a modality, an encoder and an objective with a state are named in a recipe, trained and exported', async () => {
    const plugins = { modalities: [spectrum], encoders: [wave], objectives: [centred] };
    const { model } = await runTraining({
      recipe, plugins, dataFolder: path('data'), folder: path('run'), heldOut: NOTHING_HELD_OUT, chem, threads: 1, resume: false, initial: undefined, halfWeights: false,
      command: 'isolens train', date: () => '2026-01-01T00:00:00.000Z', version: '0.0.0', progress: SILENT_PROGRESS, signal: new AbortController().signal,
    });
    const events = readFileSync(path('run/log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as TrainEvent);
    const losses = events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)));
    const { towers: [only], directory, info } = await readModel(model);
    expect(only).toMatchObject({ name: 'spectrum', modality: 'spectrum', encoder: 'wave' });
    expect(info).toMatchObject({ data: { leftOut: 30, unreadable: { FILE_UNREADABLE: 1 } } });
    const pool = await InferencePool.open([{ name: 'spectrum', path: `${directory}/${only!.file}` }], { workers: 1 });
    try {
      const { parts } = await spectrum.read(readFileSync(path('data/3.txt')), {});
      const { embedding } = await pool.run('spectrum', { dense: { dtype: 'f32', data: parts['dense']!, shape: [1, WIDTH] } });
      expect(Math.hypot(...embedding!.data)).toBeCloseTo(1, 4);
    } finally {
      await pool.close();
    }
  });
});
