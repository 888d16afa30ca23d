/** A micro two-tower model over random vectors: trains in well under a second. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder } from '../../src/graph/index.ts';
import type { Value } from '../../src/graph/index.ts';
import type { TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import type { StoredTensor } from '../../src/train/safetensors.ts';

export const WIDTH = 12;

/** A folder that is gone after each test. */
export function temporaryFolder(): (name: string) => string {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return (name) => {
    if (folders.length === 0) folders.push(mkdtempSync(join(tmpdir(), 'isolens-native-')));
    return join(folders[0]!, name);
  };
}

/** An MLP to rows of unit length, (N, 8). */
export function tower(scope: GraphBuilder, x: Value, dropout = 0): Value {
  const weight = (key: string, rows: number, columns: number): Value => scope.parameter(key, [rows, columns], { kind: 'normal', std: Math.sqrt(1 / rows) });
  const bias = scope.parameter('hidden.bias', [24], { kind: 'zeros' });
  let hidden = scope.apply('Relu', [scope.apply('Gemm', [x, weight('hidden.weight', WIDTH, 24), bias])]);
  if (dropout > 0) hidden = scope.apply('Dropout', [hidden], { rate: dropout });
  return scope.apply('L2Normalise', [scope.apply('Gemm', [hidden, weight('out.weight', 24, 8)])], {}, 'embedding');
}

/** CLIP over two MLP towers; inputs "a" and "b", (N, WIDTH). */
export function microGraph(dropout = 0): ReturnType<GraphBuilder['toIr']> {
  const g = new GraphBuilder('micro');
  const a = tower(g.scope('left'), g.input('a', 'f32', ['N', WIDTH]), dropout);
  const b = tower(g.scope('right'), g.input('b', 'f32', ['N', WIDTH]), dropout);
  const logScale = g.parameter('logitScale', [], { kind: 'constant', value: Math.log(14) }, { decay: false });
  g.rule({ rule: 'clamp', parameter: logScale, min: 0, max: Math.log(100) });
  const scale = g.apply('Exp', [logScale]);
  const logits = g.apply('Mul', [g.apply('MatMul', [a, g.apply('Transpose', [b], { perm: [1, 0] })]), scale]);
  const side = (axis: number): Value => g.apply('ReduceMean', [g.apply('Diagonal', [g.apply('LogSoftmax', [logits], { axis })])], { axes: [], keepdims: 0 });
  const loss = g.named('loss', g.apply('Neg', [g.apply('Mul', [g.apply('Add', [side(0), side(1)]), g.constant(0.5)])]));
  for (const value of [loss, g.named('scale', scale), a, b]) g.output(value);
  return g.toIr();
}

/** `rows` pairs: b is a fixed linear map of a. */
export function writeMicroData(path: string, rows: number, seed = 1): void {
  const rng = createRng(seed);
  const map = Float32Array.from({ length: WIDTH * WIDTH }, () => rng.normal() / Math.sqrt(WIDTH));
  const a = Float32Array.from({ length: rows * WIDTH }, () => rng.normal());
  const b = new Float32Array(rows * WIDTH);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < WIDTH; i++) {
      for (let j = 0; j < WIDTH; j++) b[r * WIDTH + i]! += a[r * WIDTH + j]! * map[j * WIDTH + i]!;
    }
  }
  writeRows(path, rows, { a: { data: a, shape: [rows, WIDTH] }, b: { data: b, shape: [rows, WIDTH] } });
}

export function writeRows(path: string, rows: number, tensors: Readonly<Record<string, StoredTensor>>): void {
  writeSafetensors(path, tensors, { rows: String(rows) });
}

export function microConfig(data: string, overrides: Partial<TrainConfig> = {}): TrainConfig {
  return {
    graph: microGraph(),
    loss: 'loss',
    metrics: ['scale'],
    feeds: [
      { kind: 'dense', column: 'a', inputs: { dense: 'a' } },
      { kind: 'dense', column: 'b', inputs: { dense: 'b' } },
    ],
    data: { train: [data], validation: data },
    symbols: { N: 16 },
    optimizer: { learningRate: 0.01, weightDecay: 0.01, clipNorm: 1 },
    schedule: { steps: 40, warmupSteps: 5, finalFraction: 0.1 },
    threads: 2,
    seed: 7,
    logEvery: 1,
    ...overrides,
  };
}

export function lossesOf(events: readonly TrainEvent[]): number[] {
  return events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
}

const NATIVE = fileURLToPath(new URL('../../src/native', import.meta.url));
const BUILD = fileURLToPath(new URL('../../build', import.meta.url));

/** The program and the emulated device. One build at a time: two would take the files of each other away. */
export function buildEmulated(): void {
  mkdirSync(BUILD, { recursive: true });
  execFileSync('flock', [join(BUILD, 'tests.lock'), 'make', '--no-print-directory', '-C', NATIVE, 'standalone', 'emulated'], { stdio: 'pipe' });
}
