/** The contract of networks that read drawings: every preset on both executors, at any size, and what they learn. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { createRng } from '../../src/core/index.ts';
import { parseGraph } from '../../src/graph/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainEvent } from '../../src/native/index.ts';
import { READERS, buildReaderGraph, buildServingGraph, readerById, readerConfig } from '../../src/readers/index.ts';
import { columnsOf } from '../../src/train/columns.ts';
import { drawingVocabulary } from '../../src/train/index.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import { NATIVE_BUILT, noisyWeights, relativeError, runNative, runOnnx, uniform } from './execute.ts';

const PRESETS = READERS.flatMap((reader) => Object.keys(reader.presets).map((preset) => ({ id: reader.id, preset })));
const VOCABULARY = { classes: ['C', 'N', 'O'].map((label, i) => ({ label, element: 6 + i })), charges: [-1, 0, 1] };

describe.each(PRESETS)('$id $preset', ({ id, preset }) => {
  const reader = readerById(id);
  const config = readerConfig(reader, preset);
  const { ir } = buildServingGraph(reader, config, VOCABULARY);
  const weights = noisyWeights(ir, 5);
  const picture = (height: number, width: number) => ({ pixels: uniform(createRng(height), [1, 1, height, width], 0, 1) });

  test('serves the parameters that are trained, and nothing else', () => {
    const training = buildReaderGraph(reader, config, VOCABULARY).ir;
    expect(parseGraph(JSON.parse(JSON.stringify(training)))).toEqual(training);
    const names = (graph: typeof ir): string[] => graph.parameters.map(({ name, shape }) => `${name} ${shape.join('x')}`).sort();
    expect(names(ir)).toEqual(names(training));
  });

  test('gives maps of any picture whose sides 16 divides', async () => {
    const { stride } = reader.scale(config);
    for (const [height, width] of [[48, 64], [16, 160]] as const) {
      const maps = await runOnnx(ir, weights, picture(height, width));
      for (const [name, { shape }] of Object.entries(maps)) expect(shape.toSpliced(1, 1), name).toEqual([1, height / stride, width / stride]);
      expect(maps['element']!.shape[1]).toBe(VOCABULARY.classes.length);
      expect(maps['charge']!.shape[1]).toBe(VOCABULARY.charges.length);
    }
  });

  test.skipIf(!NATIVE_BUILT)('the native engine agrees with the file', async () => {
    const feeds = picture(48, 64);
    const file = await runOnnx(ir, weights, feeds);
    const native = runNative({ ...ir, symbols: ['N'], inputs: [{ name: 'pixels', dtype: 'f32', shape: ['N', 1, 48, 64] }] }, weights, feeds, { N: 1 });
    for (const [name, { data }] of Object.entries(file)) expect(relativeError(native[name]!.data, data), name).toBeLessThanOrEqual(1e-4);
  });
});

test.skipIf(!NATIVE_BUILT)('learns to read three molecules', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'isolens-reader-')), 'data.safetensors');
  const chem = new ChemPool({ workers: 1 });
  const batch = await chem.featurise(['CC(=O)Nc1ccccc1', 'OCC1CCNCC1', 'CSCC#N'], { layouts: { kinds: ['rdkit'], of: 'input' } });
  await chem.close();
  writeSafetensors(path, columnsOf(batch, [0, 1, 2]), { rows: '3' });
  const reader = readerById('structure');
  const config = readerConfig(reader, 'tiny', { strength: 0, tile: { height: 96, width: 144 } });
  const graph = buildReaderGraph(reader, config, drawingVocabulary());
  const { kind, options } = reader.feed(config);
  const events: TrainEvent[] = [];
  await train({
    graph: graph.ir, loss: graph.loss, metrics: graph.metrics, feeds: [{ kind, column: 'layout', inputs: graph.inputs, options }], data: { train: [path] },
    symbols: { N: 3 }, optimizer: { learningRate: 5e-3, weightDecay: 0, clipNorm: 5 }, schedule: { steps: 300, warmupSteps: 5 }, threads: 2, seed: 1, logEvery: 10,
  }, (event) => events.push(event)).done;
  const steps = events.flatMap((event) => (event.event === 'step' ? [event] : []));
  const last = steps.at(-1)!.metrics;
  expect(steps[0]!.meanLoss / steps.at(-1)!.meanLoss).toBeGreaterThan(10);
  expect(last['metrics.class']).toBeLessThan(0.3);
  expect(last['metrics.atomMap']).toBeLessThan(0.4);
});
