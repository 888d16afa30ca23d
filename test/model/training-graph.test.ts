import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { encoderById } from '../../src/encoders/index.ts';
import { initialWeights, parseGraph, writeOnnx } from '../../src/graph/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../../src/model/index.ts';
import type { TrainingSpec } from '../../src/model/index.ts';
import { NATIVE_BUILT, runNative, uniform } from '../contracts/execute.ts';
import type { Data } from '../contracts/execute.ts';

const spec = {
  towers: [
    { encoder: encoderById('resnet'), config: 'tiny', prefix: 'drawing', projection: { layers: 1, hidden: 64 } },
    { encoder: encoderById('mlp'), config: 'tiny', prefix: 'structure', projection: { layers: 2, hidden: 64 } },
  ],
  losses: [{ objective: 'clip', between: ['drawing', 'structure'] }],
  embeddingDimension: 16,
  auxiliary: [{ id: 'fingerprint', tower: 'drawing', target: { name: 'target', width: 32 }, weight: 0.5 }],
} as const satisfies TrainingSpec;

test.skipIf(!NATIVE_BUILT)('the loss of a pair graph starts near log N', () => {
  const pair = buildTrainingGraph(spec);
  expect(parseGraph(JSON.parse(JSON.stringify(pair.ir)))).toEqual(pair.ir);
  const n = 6;
  const random = (shape: readonly number[]): Data => uniform(createRng(shape.length), shape, 0, 1);
  const target = random([n, 32]);
  const results = runNative(pair.ir, initialWeights(pair.ir, 1), {
    'drawing.pixels': random([n, 1, 32, 48]),
    'structure.dense': random([n, 256]),
    target: { ...target, data: target.data.map(Math.round) },
  }, { N: n });
  const scalar = (name: string): number => Number(results[name]!.data[0]);
  expect(Object.keys(results)).toEqual(pair.ir.outputs);
  expect(scalar('metrics.contrastiveLoss')).toBeGreaterThan(0.3 * Math.log(n));
  expect(scalar('metrics.contrastiveLoss')).toBeLessThan(3 * Math.log(n));
  expect(scalar('loss')).toBeCloseTo(scalar('metrics.contrastiveLoss') + 0.5 * (32 / 64) * scalar('metrics.bitEntropy'), 4);
  expect(scalar('metrics.logitScale')).toBeCloseTo(1 / 0.07, 4);
  expect(results[pair.embeddings['drawing']!]!.shape).toEqual([n, 16]);
});

test('the encoder graph has the parameters of its tower, so trained weights fit', async () => {
  const pair = buildTrainingGraph(spec);
  for (const tower of spec.towers) {
    const { ir } = buildEncoderGraph(tower, spec.embeddingDimension);
    const ofPair = pair.ir.parameters.filter(({ name }) => name.startsWith(`${tower.prefix}.`));
    expect(ir.parameters).toEqual(ofPair);
    const weights = initialWeights(pair.ir, 2);
    const session = await InferenceSession.create(writeOnnx(ir, weights, { halfWeights: true, metadata: { license: 'MIT' } }));
    expect(session.outputNames).toEqual(['embedding', 'features']);
  }
});

test('two views through one encoder share its parameters', async () => {
  const left = { encoder: encoderById('mlp'), config: 'tiny', prefix: 'first', projection: { layers: 2, hidden: 32 } } as const;
  const twins = buildTrainingGraph({ towers: [left, { ...left, prefix: 'second', weightsOf: 'first' }], losses: [{ objective: 'nt-xent', between: ['first', 'second'] }], embeddingDimension: 16 });
  expect(twins.ir.parameters).toEqual(buildEncoderGraph(left, 16).ir.parameters);
  expect(buildEncoderGraph({ ...left, prefix: 'second', weightsOf: 'first' }, 16).ir.parameters).toEqual(twins.ir.parameters);
  expect(twins.inputs).toEqual({ first: { dense: 'first.dense' }, second: { dense: 'second.dense' } });
  const x = new Tensor('float32', Float32Array.from({ length: 3 * 256 }, (_, i) => Math.sin(i)), [3, 256]);
  const towers = { ...twins.ir, outputs: Object.values(twins.embeddings) };
  const session = await InferenceSession.create(writeOnnx(towers, initialWeights(towers, 1)));
  const results = await session.run({ 'first.dense': x, 'second.dense': x });
  expect(results['second.embedding']!.data).toEqual(results['first.embedding']!.data);

  const other = { ...left, prefix: 'second', projection: { layers: 2, hidden: 48 }, weightsOf: 'first' };
  expect(() => buildTrainingGraph({ towers: [left, other], losses: [{ objective: 'nt-xent', between: ['first', 'second'] }], embeddingDimension: 16 })).toThrow(/expected to borrow the parameter "first.projection.0.weight" of \(48, 64\) but received \(32, 64\)/);
});

test('a served encoder may look twice: the mean of both looks, with the weights of one', async () => {
  const [tower] = spec.towers;
  const looks = [{ config: { height: 48, width: 64 }, inputNames: { pixels: 'pixels-2' } }];
  const both = buildEncoderGraph(tower, 16, looks);
  const one = buildEncoderGraph(tower, 16);
  expect(both.ir.parameters).toEqual(one.ir.parameters);
  expect(both.inputs).toEqual({ pixels: 'pixels', 'pixels-2': 'pixels-2' });
  const weights = initialWeights(one.ir, 3);
  const large = buildEncoderGraph({ ...tower, config: { ...(tower.encoder.presets['tiny'] as object), height: 48, width: 64 } }, 16);
  const pixels = (h: number, w: number): Tensor => new Tensor('float32', Float32Array.from({ length: 2 * h * w }, (_, i) => Math.abs(Math.sin(i))), [2, 1, h, w]);
  const run = async (graph: typeof one, inputs: Record<string, Tensor>): Promise<Float32Array> => (await (await InferenceSession.create(writeOnnx(graph.ir, weights))).run(inputs))['embedding']!.data as Float32Array;
  const first = await run(one, { pixels: pixels(32, 48) });
  const second = await run(large, { pixels: pixels(48, 64) });
  const mean = await run(both, { pixels: pixels(32, 48), 'pixels-2': pixels(48, 64) });
  for (let row = 0; row < 2; row++) {
    const sum = Array.from({ length: 16 }, (_, d) => first[row * 16 + d]! + second[row * 16 + d]!);
    const length = Math.hypot(...sum);
    sum.forEach((value, d) => expect(mean[row * 16 + d]).toBeCloseTo(value / length, 4));
  }
});

test('two views of a graph have bonds of their own, and one batch of the same atoms', () => {
  const left = { encoder: encoderById('gin'), config: 'tiny', prefix: 'first', projection: { layers: 1, hidden: 32 } } as const;
  const { ir } = buildTrainingGraph({ towers: [left, { ...left, prefix: 'second-view', weightsOf: 'first' }], losses: [{ objective: 'nt-xent', between: ['first', 'second-view'] }], embeddingDimension: 16 });
  expect(parseGraph(JSON.parse(JSON.stringify(ir)))).toEqual(ir);
  expect(ir.symbols).toEqual(['V', 'E', 'N', 'second_view_E']);
  const shapes = Object.fromEntries(ir.inputs.map(({ name, shape }) => [name, shape]));
  expect(shapes['second-view.begin']).toEqual(['second_view_E']);
  expect(shapes['second-view.counts']).toEqual(['N', 1]);
});

test('what does not fit is refused with what would', () => {
  expect(() => encoderById('vgg')).toThrow(/resnet, vit, mlp, gin/);
  expect(() => buildTrainingGraph({ ...spec, towers: [{ ...spec.towers[0], config: 'huge' }, spec.towers[1]] })).toThrow(/preset of the encoder "resnet" \(tiny, drawing, cells, base\) but received "huge"/);
  expect(() => buildTrainingGraph({ ...spec, auxiliary: [{ ...spec.auxiliary[0], tower: 'cells' }] })).toThrow(/one of the towers drawing, structure but received "cells"/);
});

const mlp = (prefix: string, hidden = 32) => ({ encoder: encoderById('mlp'), config: 'tiny', prefix, projection: { layers: 2, hidden } }) as const;

test.skipIf(!NATIVE_BUILT)('losses between several pairs add up by their weights', () => {
  const graph = buildTrainingGraph({
    towers: [mlp('one'), mlp('two'), mlp('three')], embeddingDimension: 16,
    losses: [{ objective: 'clip', between: ['one', 'two'] }, { objective: 'nt-xent', between: ['two', 'three'], weight: 0.5 }, { objective: 'clip', between: ['one', 'three'], weight: 2 }],
  });
  expect(Object.keys(graph.embeddings)).toEqual(['one', 'two', 'three']);
  // Every loss has its own temperature, and its own bound on it.
  expect(graph.ir.rules).toMatchObject([{ parameter: 'objective.logitScale' }, { parameter: 'objective-3.logitScale' }]);
  const feeds = Object.fromEntries(['one', 'two', 'three'].map((name, i) => [`${name}.dense`, uniform(createRng(i), [5, 256], 0, 1)]));
  const results = runNative(graph.ir, initialWeights(graph.ir, 1), feeds, { N: 5 });
  const scalar = (name: string): number => Number(results[name]!.data[0]);
  const parts = ['contrastiveLoss', 'two-three-contrastiveLoss', 'one-three-contrastiveLoss'].map((name) => scalar(`metrics.${name}`));
  expect(scalar('loss')).toBeCloseTo(parts[0]! + 0.5 * parts[1]! + 2 * parts[2]!, 4);
});

test('what a loss names must be there, and be two', () => {
  const build = (between: readonly [string, string]) => () => buildTrainingGraph({ towers: [mlp('one'), mlp('two')], losses: [{ objective: 'clip', between }], embeddingDimension: 16 });
  expect(build(['one', 'cells'])).toThrow(/Loss clip: expected one of the towers one, two but received "cells"/);
  expect(build(['one', 'one'])).toThrow(/each tower once but received "one" twice/);
  expect(() => buildTrainingGraph({ towers: [mlp('one')], losses: [], embeddingDimension: 16 })).toThrow(/at least one loss/);
});

test('a momentum encoder of another shape is refused', () => {
  const towers = [mlp('one'), { ...mlp('two', 48), momentumOf: { tower: 'one', momentum: 0.9 } }];
  expect(() => buildTrainingGraph({ towers, losses: [{ objective: 'clip', between: ['one', 'two'] }], embeddingDimension: 16 })).toThrow(/borrow the parameter "one.projection.0.weight"/);
});
