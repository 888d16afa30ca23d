/**
 * The published systems as small training graphs of the house's own parts: each resumes to the same bits and has the same losses on a
 * device (its sources, run thread by thread on this processor).
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { encoderById } from '../../src/encoders/index.ts';
import { buildTrainingGraph } from '../../src/model/index.ts';
import type { TowerSpec, TrainingSpec } from '../../src/model/index.ts';
import type { FeedConfig, TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { buildEmulated, lossesOf, temporaryFolder, writeRows } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `${root}build/isolens-train`;
const MINUTES = 60_000;
const path = temporaryFolder();
const [CHANNELS, SIDE, ROWS] = [2, 32, 32];

beforeAll(buildEmulated, 20 * MINUTES);

function tower(prefix: string, size: number, more: Partial<TowerSpec> & { hidden?: number } = {}): TowerSpec {
  const { hidden, ...spec } = more;
  const common = { channels: CHANNELS, height: size, width: size };
  const config = hidden === undefined
    ? { ...common, stem: { kernel: 3, stride: 2, width: 4 }, widths: [4, 6], depths: [1, 1], block: 'basic', pool: 'average' }
    : { ...common, patch: 8, embedding: 12, layers: 1, heads: 2, dropout: 0, hidden };
  return { encoder: encoderById(hidden === undefined ? 'resnet' : 'vit'), config, prefix, projection: { layers: 2, hidden: 12 }, ...spec };
}

const shared = { weightsOf: 'a' };
const SYSTEMS: Readonly<Record<string, Omit<TrainingSpec, 'embeddingDimension'>>> = {
  simclr: { towers: [tower('a', 24), tower('b', 24, shared)], losses: [{ objective: 'nt-xent', between: ['a', 'b'] }] },
  moco: { towers: [tower('a', 24), tower('b', 24, { momentumOf: { tower: 'a', momentum: 0.9 } })], losses: [{ objective: 'moco', config: { queue: 24 }, between: ['a', 'b'] }] },
  'swav with multi-crop': {
    towers: [tower('a', 24), tower('b', 24, shared), tower('c', 16, shared), tower('d', 16, shared)],
    losses: [{ objective: 'swav', config: { prototypes: 6, frozenSteps: 2 }, between: ['a', 'b', 'c', 'd'] }],
  },
  't-rex': {
    towers: [tower('a', 24), tower('b', 24, shared), tower('c', 16, shared)],
    losses: [{ objective: 'cross-entropy', config: { classes: 3 }, between: ['a', 'b', 'c'] }],
  },
  'sup-con beside cross-entropy': {
    towers: [tower('a', 24), tower('b', 24, shared)],
    losses: [{ objective: 'sup-con', between: ['a', 'b'] }, { objective: 'cross-entropy', config: { classes: 3 }, between: ['a', 'b'], weight: 0.5 }],
  },
  cmae: {
    towers: [tower('a', 24, { hidden: 0.6 }), tower('b', 24, { hidden: 0, momentumOf: { tower: 'a', momentum: 0.9 } })],
    losses: [{ objective: 'info-nce', between: ['a', 'b'] }],
    auxiliary: [{ id: 'reconstruction', tower: 'a', weight: 1, config: { width: 8, layers: 1, heads: 2 } }],
  },
  crd: {
    towers: [tower('a', 24), tower('b', 24, { isFrozen: true })],
    losses: [{ objective: 'crd', config: { queue: 24, dimension: 8, temperature: 0.3 }, between: ['a', 'b'] }],
  },
  matching: {
    towers: [tower('a', 24), tower('b', 24)],
    losses: [{ objective: 'clip', between: ['a', 'b'] }, { objective: 'matching', config: { hidden: 12 }, between: ['a', 'b'] }],
  },
  'alignment and uniformity': { towers: [tower('a', 24), tower('b', 24, shared)], losses: [{ objective: 'alignment-uniformity', between: ['a', 'b'] }] },
};

function configOf(name: string, steps: number, folder: string): TrainConfig {
  const spec = SYSTEMS[name]!;
  const graph = buildTrainingGraph({ ...spec, embeddingDimension: 8 });
  const feeds = spec.towers.map(({ prefix, config, encoder }): FeedConfig => ({
    kind: 'cells', column: 'cells', inputs: graph.inputs[prefix]!,
    options: { channels: CHANNELS, size: (config as { height: number }).height, crop: { minimum: 0.3, maximum: 1 }, strength: 0.5, ...encoder.feedOptions?.(config) },
  }));
  if (graph.label !== undefined) feeds.push({ kind: 'group', column: 'class', inputs: { label: graph.label } });
  return {
    graph: graph.ir, loss: graph.loss, metrics: [...graph.metrics], feeds, data: { train: [path('data')] }, symbols: { N: 8 },
    optimizer: { learningRate: 3e-3, weightDecay: 0.01, clipNorm: 5 }, schedule: { steps, warmupSteps: 2, finalFraction: 1 },
    threads: 2, seed: 5, logEvery: 1, checkpoint: { path: folder, every: 4 },
  };
}

function write(): void {
  const rng = createRng(8);
  const cells = Uint8Array.from({ length: ROWS * CHANNELS * SIDE * SIDE }, (_, i) => 100 + 80 * Math.sin(i / (3 + Math.floor(i / (CHANNELS * SIDE * SIDE)) % 5)) + 40 * rng.next());
  writeRows(path('data'), ROWS, { cells: { data: cells, shape: [ROWS, CHANNELS, SIDE, SIDE] }, class: { data: Int32Array.from({ length: ROWS }, (_, i) => i % 3), shape: [ROWS] } });
}

function run(config: TrainConfig, device: string): number[] {
  writeFileSync(path('config.json'), JSON.stringify(config));
  const { stdout, stderr, status } = spawnSync(program, ['train', path('config.json'), '--device', device], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return lossesOf(stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as TrainEvent));
}

describe.each(Object.keys(SYSTEMS))('%s', { timeout: 5 * MINUTES }, (name) => {
  it('resumes to the same bits, and has the losses of the processor on a device', () => {
    write();
    const whole = run(configOf(name, 8, path('whole')), 'cpu');
    expect(whole).toHaveLength(8);
    expect(new Set(whole).size).toBe(8);
    const parts = [...run(configOf(name, 4, path('parts')), 'cpu'), ...run({ ...configOf(name, 8, path('parts')), resume: true }, 'cpu')];
    expect(parts).toEqual(whole);
    const [a, b] = [readSafetensors(path('whole')).tensors, readSafetensors(path('parts')).tensors];
    expect(Object.keys(b)).toEqual(Object.keys(a));
    for (const [key, { data }] of Object.entries(a)) expect(Buffer.from(b[key]!.data.buffer, b[key]!.data.byteOffset, b[key]!.data.byteLength).equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength)), key).toBe(true);

    const there = run(configOf(name, 4, path('there')), 'emulated');
    there.forEach((loss, i) => expect(Math.abs(loss - whole[i]!), `step ${i + 1}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(whole[i]!))));
  });
});
