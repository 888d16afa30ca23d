/** Values that follow from the definitions without any code. */
import { describe, expect, test } from 'vitest';
import { GraphBuilder, initialWeights } from '../../src/graph/index.ts';
import { auxiliaryById, objectiveById, objectiveConfig } from '../../src/objectives/index.ts';
import { NATIVE_BUILT, runNative, runOnnx } from '../contracts/execute.ts';
import type { Feeds } from '../contracts/execute.ts';

function lossOf(id: string, config: object, feeds: Feeds): number {
  const [, width] = feeds['a']!.shape as [number, number];
  const g = new GraphBuilder(id);
  const a = g.input('a', 'f32', ['N', width]);
  const b = g.input('b', 'f32', ['N', width]);
  const objective = objectiveById(id);
  const label = objective.needsLabel ? { label: g.input('label', 'i32', ['N']) } : {};
  g.output(g.named('loss', objective.build(g, { a, b, ...label }, objectiveConfig(objective, config)).loss));
  const ir = g.toIr();
  return runNative(ir, initialWeights(ir, 1), feeds, { N })['loss']!.data[0]!;
}

const N = 4;

function matrix(rows: readonly (readonly number[])[]) {
  return { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] };
}

/** All embeddings equal: every logit is 1 / temperature. */
const collapsed = matrix(Array.from({ length: N }, () => [1, 0, 0, 0]));
/** Pairs equal, different items at right angles. */
const identity = matrix(Array.from({ length: N }, (_, i) => Array.from({ length: N }, (_unused, j) => (i === j ? 1 : 0))));
const distinct = { data: Int32Array.from({ length: N }, (_, i) => i), shape: [N] };

describe.skipIf(!NATIVE_BUILT)('collapsed embeddings', () => {
  test.each([
    ['clip', Math.log(N)], ['info-nce', Math.log(N)], ['nt-xent', Math.log(2 * N - 1)], ['sup-con', Math.log(2 * N - 1)],
    ['info-loob', (2 * Math.log(N - 1)) / 14.3],
    // A scale of 10 and a bias of -10: every logit is 0.
    ['sigmoid', N * Math.LN2],
  ])('%s', (id, expected) => {
    expect(lossOf(id, {}, { a: collapsed, b: collapsed, label: distinct })).toBeCloseTo(expected, 5);
  });
});

describe.skipIf(!NATIVE_BUILT)('perfect embeddings at temperature 1/2', () => {
  const softplus = Math.log(1 + (N - 1) * Math.exp(-2));
  const views = Math.log(1 + (2 * N - 2) * Math.exp(-2));
  test.each([
    ['clip', { temperature: 0.5 }, softplus], ['info-nce', { temperature: 0.5 }, softplus],
    ['nt-xent', { temperature: 0.5 }, views], ['nt-xent', { temperature: 0.5, decoupled: true }, Math.log(2 * N - 2) - 2],
    ['sup-con', { temperature: 0.5 }, views],
    ['info-loob', { inverseTemperature: 2, hopfield: false }, 2 * (Math.log(N - 1) / 2 - 1)],
    ['sigmoid', { temperature: 0.5, bias: -1 }, N * Math.log(1 + Math.exp(-1))],
  ])('%s', (id, config, expected) => {
    expect(lossOf(id, config, { a: identity, b: identity, label: distinct })).toBeCloseTo(expected, 5);
  });
});

test('clip starts at the temperature of the paper and bounds the scale', () => {
  const g = new GraphBuilder('g');
  const clip = objectiveById('clip');
  const config = objectiveConfig(clip, {});
  clip.build(g, { a: g.input('a', 'f32', ['N', 4]), b: g.input('b', 'f32', ['N', 4]) }, config);
  expect(g.toIr().parameters).toEqual([{ name: 'logitScale', shape: [], init: { kind: 'constant', value: -Math.log(0.07) }, decay: false, trainable: true }]);
  expect(g.toIr().rules).toEqual([{ rule: 'clamp', parameter: 'logitScale', min: 0, max: Math.log(100) }]);
});

test('alignment and uniformity', async () => {
  const g = new GraphBuilder('g');
  const objective = objectiveById('alignment-uniformity');
  const { metrics } = objective.build(g, { a: g.input('a', 'f32', ['N', N]), b: g.input('b', 'f32', ['N', N]) }, objectiveConfig(objective, {}));
  g.output(metrics['alignment']!);
  g.output(metrics['uniformity']!);
  const of = async (feeds: Feeds): Promise<number[]> => Object.values(await runOnnx(g.toIr(), new Map(), feeds)).map(({ data }) => data[0]!);
  const [together, spread] = await of({ a: identity, b: identity });
  expect(together).toBeCloseTo(0, 6);
  expect(spread).toBeCloseTo(-4, 5); // all distances are the square root of 2
  expect((await of({ a: collapsed, b: collapsed }))[1]).toBeCloseTo(0, 5);
  expect((await of({ a: identity, b: { ...identity, data: identity.data.map((value) => -value) } }))[0]).toBeCloseTo(4, 5);
});

test('the fingerprint head is the cross-entropy of its bits', async () => {
  const g = new GraphBuilder('g');
  const head = auxiliaryById('fingerprint');
  const inputs = { features: g.input('features', 'f32', ['N', 3]), target: g.input('target', 'f32', ['N', 5]) };
  const { loss, metrics } = head.build(g, { ...inputs, inputs: {} }, objectiveConfig(head, { bias: 0, scale: 5 }));
  g.output(loss);
  g.output(metrics['bitEntropy']!);
  const ir = g.toIr();
  const zeros = new Map([...initialWeights(ir, 1)].map(([name, values]) => [name, values.fill(0)]));
  const target = matrix([[0, 1, 0, 0, 1], [1, 1, 0, 0, 0]]);
  for (const { data } of Object.values(await runOnnx(ir, zeros, { features: matrix([[1, 2, 3], [4, 5, 6]]), target }))) {
    expect(data[0]).toBeCloseTo(Math.LN2, 6);
  }
  const sure = new Map(zeros).set('bias', Float32Array.of(1000, 1000, -1000, -1000, -1000));
  for (const { data } of Object.values(await runOnnx(ir, sure, { features: matrix([[0, 0, 0]]), target: matrix([[1, 1, 0, 0, 0]]) }))) expect(data[0]).toBe(0);
});

test('what is not known is refused with what is', () => {
  expect(() => objectiveById('triplet')).toThrow(/clip, info-nce, info-loob, nt-xent, sup-con, sigmoid/);
  expect(() => objectiveConfig(objectiveById('clip'), { tau: 1 })).toThrow(/objective "clip"/);
});
