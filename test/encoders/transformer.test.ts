/** Padding is nothing: neither to what a sequence is embedded to, nor to the gradients that it leaves. */
import { expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../../src/model/index.ts';
import { initialWeights } from '../../src/graph/index.ts';
import { NATIVE_BUILT, nativeProgram, noisyWeights, relativeError, runNative, runOnnx } from '../contracts/execute.ts';
import type { Feeds } from '../contracts/execute.ts';

const transformer = encoderById('transformer');
const LENGTHS = [1, 5, 9];
const VOCABULARY = 20;
const configOf = (length: number): Record<string, unknown> => encoderConfig(transformer, 'tiny', { length, vocabulary: VOCABULARY }) as Record<string, unknown>;
const specOf = (length: number, prefix = 'smiles') => ({ encoder: transformer, config: configOf(length), prefix, projection: { layers: 1, hidden: 8 } }) as const;

/** Sequences of LENGTHS tokens in rows of `length`; what padding holds comes of `seed`. */
function batch(length: number, seed: number): Feeds {
  const tokens = Int32Array.from({ length: LENGTHS.length * length }, ((rng) => () => rng.int(VOCABULARY))(createRng(seed)));
  const mask = new Float32Array(tokens.length);
  const rng = createRng(1);
  LENGTHS.forEach((count, row) => {
    for (let t = 0; t < count; t++) tokens[row * length + t] = rng.int(VOCABULARY);
    mask.fill(1, row * length, row * length + count);
  });
  const shape = [LENGTHS.length, length];
  return { tokens: { data: tokens, shape }, mask: { data: mask, shape } };
}

test('a longer maximum length, whatever padding holds, gives the same embedding on both executors', async () => {
  const short = buildEncoderGraph(specOf(9), 8).ir;
  const long = buildEncoderGraph(specOf(31), 8).ir;
  const weights = noisyWeights(long, 5);
  const cut = new Map(short.parameters.map(({ name, shape }) => [name, weights.get(name)!.slice(0, shape.map(Number).reduce((a, b) => a * b, 1))]));
  const expected = (await runOnnx(short, cut, batch(9, 2)))['embedding']!.data;
  for (const seed of [3, 4]) {
    expect(relativeError((await runOnnx(long, weights, batch(31, seed)))['embedding']!.data, expected)).toBeLessThanOrEqual(1e-5);
    if (NATIVE_BUILT) expect(relativeError(runNative(long, weights, batch(31, seed), { N: LENGTHS.length })['embedding']!.data, expected)).toBeLessThanOrEqual(1e-5);
  }
});

test.skipIf(!NATIVE_BUILT)('gradients equal finite differences, and are 0 where only padding was', () => {
  const length = 12;
  const towers = [specOf(length, 'left'), { ...specOf(length, 'right'), weightsOf: 'left' }] as const;
  const { ir, loss } = buildTrainingGraph({ towers, losses: [{ objective: 'nt-xent', config: { temperature: 0.5 }, between: [towers[0].prefix, towers[1].prefix] }], embeddingDimension: 6 });
  const named = (prefix: string, seed: number): [string, Feeds[string]][] => Object.entries(batch(length, seed)).map(([role, data]) => [`${prefix}.${role}`, data]);
  const left = Object.fromEntries(named('left', 2));
  const right = Object.fromEntries(named('right', 3));
  // Views that differ: the second holds other tokens.
  const shifted = { ...right['right.tokens']!, data: Int32Array.from(right['right.tokens']!.data, (id) => (id + 7) % VOCABULARY) };
  const weights = initialWeights(ir, 2);
  const program = nativeProgram(ir, weights, { ...left, ...right, 'right.tokens': shifted }, { N: LENGTHS.length }, loss);
  program.forward(true, 1);
  program.backward(1);
  for (const name of ['left.positions', 'left.layers.0.attention.key.weight', 'left.layers.1.attention.query.weight']) {
    const gradient = Float32Array.from(program.gradient(name).data);
    const lossAt = (index: number, delta: number): number => {
      const moved = Float32Array.from(weights.get(name)!);
      moved[index] = moved[index]! + delta;
      program.setParameter(name, moved);
      program.forward(true, 1);
      return program.value(loss).data[0]!;
    };
    const scale = Math.max(...gradient.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    for (let index = 0; index < gradient.length; index += 23) {
      expect(Math.abs(gradient[index]! - (lossAt(index, 0.01) - lossAt(index, -0.01)) / 0.02), `${name}[${index}]`).toBeLessThan(0.02 * scale + 2e-5);
    }
    program.setParameter(name, weights.get(name)!);
    if (name === 'left.positions') expect(Math.max(...gradient.slice(9 * 24).map(Math.abs))).toBe(0);
  }
});
