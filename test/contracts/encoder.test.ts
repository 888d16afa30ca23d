/** The encoder contract: every preset of every architecture, on both executors. */
import { describe, expect, test } from 'vitest';
import { ENCODERS, encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../../src/model/index.ts';
import type { TowerSpec } from '../../src/model/index.ts';
import { initialWeights, parseGraph } from '../../src/graph/index.ts';
import { encoderBatch } from './encoder-inputs.ts';
import { NATIVE_BUILT, nativeProgram, noisyWeights, relativeError, runNative, runOnnx } from './execute.ts';
import type { Data } from './execute.ts';

const DIMENSION = 24;
const ITEMS = [0, 1, 2];

const PRESETS = ENCODERS.flatMap((encoder) => Object.keys(encoder.presets).map((preset) => ({ id: encoder.id, preset })));

function towerOf(id: string, config: unknown, prefix = id): TowerSpec {
  return { encoder: encoderById(id), config, prefix, projection: { layers: 2, hidden: 32 } };
}

function rowsOf({ data }: Data): Float32Array[] {
  return Array.from({ length: data.length / DIMENSION }, (_, r) => Float32Array.from(data.slice(r * DIMENSION, (r + 1) * DIMENSION)));
}

test('every encoder has a preset that is small enough to test', () => {
  for (const { id, presets } of ENCODERS) expect(Object.keys(presets), id).toContain('tiny');
});

describe.each(PRESETS)('$id $preset', ({ id, preset }) => {
  const encoder = encoderById(id);
  const config = encoderConfig(encoder, preset);
  const { ir } = buildEncoderGraph(towerOf(id, preset), DIMENSION);
  const weights = noisyWeights(ir, 11);
  const batch = encoderBatch(encoder, config, ITEMS);
  let computed: Promise<Data> | undefined;
  /** The file as it is shipped: normalisation folded. */
  const shipped = (): Promise<Data> => (computed ??= runOnnx(ir, weights, batch.feeds).then(({ embedding }) => embedding!));

  test('builds a graph that survives storage', () => {
    expect(parseGraph(JSON.parse(JSON.stringify(ir)))).toEqual(ir);
    expect(encoder.summary).not.toBe('');
    expect(encoder.references.length).toBeGreaterThan(0);
    expect(ir.inputs.map(({ name }) => name)).toEqual(encoder.inputs(config).map(({ role }) => role));
  });

  test('gives one embedding of unit length for each item, and the same with folded normalisation', async () => {
    const { embedding } = await runOnnx(ir, weights, batch.feeds, { foldBatchNormalization: false });
    expect(embedding!.shape).toEqual([ITEMS.length, DIMENSION]);
    for (const row of rowsOf(embedding!)) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    expect(relativeError((await shipped()).data, embedding!.data)).toBeLessThanOrEqual(1e-4);
  });

  test('gives an item the embedding it would have alone', async () => {
    const together = rowsOf(await shipped());
    for (const item of ITEMS) {
      const alone = await runOnnx(ir, weights, encoderBatch(encoder, config, [item]).feeds);
      expect(relativeError(alone['embedding']!.data, together[item]!)).toBeLessThanOrEqual(1e-4);
    }
  });

  test('changes little with weights in half precision', async () => {
    const full = rowsOf(await shipped());
    const half = rowsOf((await runOnnx(ir, weights, batch.feeds, { halfWeights: true }))['embedding']!);
    full.forEach((row, i) => {
      const cosine = row.reduce((sum, value, c) => sum + value * half[i]![c]!, 0);
      expect(cosine).toBeGreaterThan(0.9999);
    });
  });

  test.skipIf(!NATIVE_BUILT)('the native engine agrees', async () => {
    const native = runNative(ir, weights, batch.feeds, batch.sizes);
    expect(relativeError(native['embedding']!.data, (await shipped()).data)).toBeLessThanOrEqual(1e-4);
    const alone = encoderBatch(encoder, config, [ITEMS[0]!]);
    const one = runNative(ir, weights, alone.feeds, alone.sizes);
    expect(relativeError(one['embedding']!.data, rowsOf(await shipped())[0]!)).toBeLessThanOrEqual(1e-4);
  });
});

describe.skipIf(!NATIVE_BUILT).each(ENCODERS.map(({ id }) => ({ id })))('$id', ({ id }) => {
  test('learns eight pairs by heart, and the file of the trained tower computes what the engine computes', async () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const mlp = encoderById('mlp');
    const towers = [towerOf(id, 'tiny', 'left'), towerOf('mlp', 'tiny', 'right')] as const;
    const pair = buildTrainingGraph({ towers, losses: [{ objective: 'clip', between: ['left', 'right'] }], embeddingDimension: DIMENSION });
    const left = encoderBatch(towers[0].encoder, encoderConfig(towers[0].encoder, 'tiny'), items);
    const right = encoderBatch(mlp, encoderConfig(mlp, 'tiny'), items);
    const feeds = Object.fromEntries([
      ...Object.entries(left.feeds).map(([role, data]) => [`left.${role}`, data] as const),
      ...Object.entries(right.feeds).map(([role, data]) => [`right.${role}`, data] as const),
    ]);
    const program = nativeProgram(pair.ir, initialWeights(pair.ir, 3), feeds, { ...left.sizes, ...right.sizes }, pair.loss);
    let first = NaN;
    let last = NaN;
    for (let step = 1; step <= 150; step++) {
      program.zeroGradients();
      program.forward(true, step);
      program.backward(1);
      program.adamwStep({ learningRate: 3e-3, weightDecay: 0 }, step);
      last = program.value(pair.loss).data[0]!;
      if (step === 1) first = last;
    }
    expect(last).toBeLessThan(0.1);
    expect(last).toBeLessThan(first / 5);

    program.forward(false, 0);
    const trained = program.value(pair.embeddings['left']!).data;
    const tower = buildEncoderGraph(towers[0], DIMENSION);
    const weights = new Map(tower.ir.parameters.map(({ name }) => [name, program.getParameter(name).data]));
    const { embedding } = await runOnnx(tower.ir, weights, left.feeds);
    expect(relativeError(embedding!.data, trained)).toBeLessThanOrEqual(1e-4);
  });
});
