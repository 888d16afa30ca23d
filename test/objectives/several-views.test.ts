/** Objectives over more than two views, and the head that restores what was hidden. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { GraphBuilder, initialWeights } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../../src/model/index.ts';
import type { TrainingSpec } from '../../src/model/index.ts';
import { objectiveById, objectiveConfig } from '../../src/objectives/index.ts';
import { NATIVE_BUILT, nativeProgram, relativeError, runNative, runOnnx, uniform, unitRows } from '../contracts/execute.ts';
import type { Data, Feeds } from '../contracts/execute.ts';
import { OBJECTIVE_REFERENCES } from '../contracts/objective-references.ts';
import type { Rows } from '../contracts/objective-references.ts';

const [N, D] = [6, 5];

function rowsOf({ data }: Pick<Data, 'data'>, width: number): Rows {
  return Array.from({ length: data.length / width }, (_, r) => Array.from(data.slice(r * width, (r + 1) * width)));
}

describe.skipIf(!NATIVE_BUILT)('swav over two views and two crops', () => {
  const names = ['a', 'b', 'c', 'd'];
  const rng = createRng(9);
  const feeds: Feeds = Object.fromEntries(names.map((name) => [name, unitRows(rng, N, D)]));
  const swav = objectiveById('swav');
  const graph = (): GraphIr => {
    const g = new GraphBuilder('swav');
    const [a, b, ...further] = names.map((name) => g.parameter(name, [N, D], { kind: 'zeros' }));
    g.output(g.named('loss', swav.build(g, { a: a!, b: b!, further }, objectiveConfig(swav, { prototypes: 7 })).loss));
    return g.toIr();
  };
  const ir = graph();
  const weights = initialWeights(ir, 1);
  for (const name of names) weights.set(name, Float32Array.from(feeds[name]!.data));
  const prototypes = rowsOf({ data: weights.get('prototypes')! }, D);

  /** The mean over all pairs of an assigned view and another that predicts it. */
  const reference = (views: Readonly<Record<string, Rows>>, still: Readonly<Record<string, Rows>>): number => {
    const pair = (assigned: string, predicting: string): number => {
      // The reference of two views, told that both are assigned as `assigned` is, gives twice the error of the one that predicts.
      const inputs = { a: views[predicting]!, b: views[predicting]!, still: { a: still[assigned]!, b: still[assigned]! }, states: { prototypes } };
      return OBJECTIVE_REFERENCES['swav']!(inputs, {} as never);
    };
    const pairs = [['b', 'a'], ['a', 'b'], ...['c', 'd'].flatMap((crop) => [['a', crop], ['b', crop]])];
    return pairs.reduce((sum, [assigned, predicting]) => sum + pair(assigned!, predicting!), 0) / pairs.length;
  };
  const still = Object.fromEntries(names.map((name) => [name, rowsOf(feeds[name]!, D)]));
  const program = nativeProgram(ir, weights, {}, {}, 'loss');
  program.forward(true, 1);
  program.backward(1);

  test('is the mean over predicting views', () => {
    expect(program.value('loss').data[0]).toBeCloseTo(reference(still, still), 5);
  });

  test('has the gradient of the reference, of crops too', () => {
    const step = 1e-6;
    for (const name of names) {
      const at = (index: number, delta: number): number => {
        const data = Float64Array.from(feeds[name]!.data);
        data[index]! += delta;
        const rows = Array.from({ length: N }, (_, r) => Array.from(data.slice(r * D, (r + 1) * D)));
        return reference({ ...still, [name]: rows }, still);
      };
      const expected = Array.from({ length: N * D }, (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
      expect(relativeError(program.gradient(name).data, expected)).toBeLessThanOrEqual(1e-4);
    }
  });

  test('is another objective\'s for two views only', () => {
    const tower = (prefix: string) => ({ encoder: encoderById('mlp'), config: 'tiny', prefix, projection: { layers: 1, hidden: 8 } });
    const spec = { towers: ['a', 'b', 'c'].map(tower), embeddingDimension: 8 };
    const build = (objective: string, between: readonly string[]) => (): unknown => buildTrainingGraph({ ...spec, losses: [{ objective, between, config: objective === 'swav' ? { prototypes: 4 } : {} }] });
    expect(build('swav', ['a', 'b', 'c'])).not.toThrow();
    expect(build('clip', ['a', 'b', 'c'])).toThrow(/Loss clip: expected two towers but received "a", "b", "c"/);
    expect(build('swav', ['a', 'b', 'a'])).toThrow(/Loss swav: expected each tower once but received "a" twice/);
    expect(build('swav', ['a'])).toThrow(/expected at least two towers but received "a"/);
  });
});

const vit = encoderById('vit');
const hiding = encoderConfig(vit, 'tiny', { hidden: 0.75 });
const spec = {
  towers: [
    { encoder: vit, config: hiding, prefix: 'seen', projection: { layers: 1, hidden: 8 } },
    { encoder: vit, config: 'tiny', prefix: 'whole', projection: { layers: 1, hidden: 8 }, momentumOf: { tower: 'seen', momentum: 0.9 } },
  ],
  losses: [{ objective: 'info-nce', between: ['seen', 'whole'] }],
  embeddingDimension: 8,
  auxiliary: [{ id: 'reconstruction', tower: 'seen', weight: 2, config: { width: 12, layers: 1, heads: 3 } }],
} as const satisfies TrainingSpec;

/** Two pictures of 4 x 6 patches, of which six are seen. */
const [T, K, P] = [24, 6, 8];
const chosen = [[0, 3, 7, 11, 18, 23], [1, 2, 9, 14, 15, 20]];
const visible = Float32Array.from({ length: 2 * K * T }, (_, i) => (chosen[Math.floor(i / (K * T))]![Math.floor(i / T) % K] === i % T ? 1 : 0));
const batch = (pixels: Data): Feeds => ({ 'seen.pixels': pixels, 'seen.visible': { data: visible, shape: [2, K, T] }, 'whole.pixels': pixels });
const pixels = uniform(createRng(4), [2, 1, 32, 48], 0, 1);

describe.skipIf(!NATIVE_BUILT)('masked autoencoding beside contrast', () => {
  const { ir, metrics } = buildTrainingGraph(spec);
  const weights = initialWeights(ir, 2);

  test('the encoder sees nothing of the patches that are hidden', () => {
    const changed = Float32Array.from(pixels.data);
    for (let i = 0; i < changed.length; i++) {
      const [item, y, x] = [Math.floor(i / (32 * 48)), Math.floor(i / 48) % 32, i % 48];
      if (!chosen[item]!.includes(Math.floor(y / P) * 6 + Math.floor(x / P))) changed[i] = 5 - changed[i]!;
    }
    const embedding = (feeds: Feeds): number[] => [...runNative(ir, weights, feeds, { N: 2 })['seen.embedding']!.data];
    const other = { ...pixels, data: changed };
    expect(embedding(batch(other))).toEqual(embedding(batch(pixels)));
    expect(runNative(ir, weights, batch(other), { N: 2 })['whole.embedding']!.data).not.toEqual(runNative(ir, weights, batch(pixels), { N: 2 })['whole.embedding']!.data);
  });

  test('the loss is the error over the hidden patches alone, of pixels at mean 0 and variance 1', () => {
    const last = ir.nodes.filter(({ name }) => name.startsWith('seen-reconstruction.exit')).at(-1)!.name;
    const results = runNative({ ...ir, outputs: [...ir.outputs, last] }, weights, batch(pixels), { N: 2 });
    const predicted = results[last]!.data;
    let [sum, count] = [0, 0];
    for (const item of [0, 1]) {
      for (let t = 0; t < T; t++) {
        if (chosen[item]!.includes(t)) continue;
        const [top, left] = [Math.floor(t / 6) * P, (t % 6) * P];
        const own = Array.from({ length: P * P }, (_, i) => pixels.data[item * 1536 + (top + Math.floor(i / P)) * 48 + left + (i % P)]!);
        const mean = own.reduce((total, value) => total + value, 0) / own.length;
        const scale = Math.sqrt(own.reduce((total, value) => total + (value - mean) ** 2, 0) / own.length + 1e-6);
        own.forEach((value, i) => {
          sum += (predicted[(item * T + t) * P * P + i]! - (value - mean) / scale) ** 2;
          count++;
        });
      }
    }
    expect(results['metrics.reconstruction']!.data[0]).toBeCloseTo(sum / count, 4);
    expect(results['loss']!.data[0]).toBeCloseTo(results['metrics.contrastiveLoss']!.data[0]! + 2 * (sum / count), 4);
    expect(metrics).toContain('metrics.reconstruction');
  });

  test('its gradient reaches the encoder', () => {
    const program = nativeProgram(ir, weights, batch(pixels), { N: 2 }, 'loss');
    const loss = (): number => {
      program.forward(true, 1);
      return program.value('loss').data[0]!;
    };
    loss();
    program.backward(1);
    for (const name of ['seen.patch.weight', 'seen-reconstruction.blank', 'seen-reconstruction.entry.weight']) {
      const gradient = Float32Array.from(program.gradient(name).data);
      const at = gradient.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradient[best]!) ? i : best), 0);
      const values = Float32Array.from(weights.get(name)!);
      const step = 2e-3;
      const moved = [step, -step].map((delta) => {
        program.setParameter(name, values.map((value, i) => (i === at ? value + delta : value)));
        return loss();
      });
      program.setParameter(name, values);
      expect((moved[0]! - moved[1]!) / (2 * step) / gradient[at]!).toBeCloseTo(1, 1);
    }
  });

  test('the served encoder sees the whole picture, in ONNX Runtime too', async () => {
    const served = buildEncoderGraph({ ...spec.towers[0], projection: { layers: 1, hidden: 8 } }, 8);
    expect(served.ir.inputs.map(({ name }) => name)).toEqual(['pixels']);
    const own = initialWeights(served.ir, 2);
    const { embedding, features } = await runOnnx(served.ir, own, { pixels });
    expect(embedding!.shape).toEqual([2, 8]);
    expect(features!.shape).toEqual([2, 24]);
    expect(relativeError(runNative(served.ir, own, { pixels }, { N: 2 })['embedding']!.data, embedding!.data)).toBeLessThanOrEqual(1e-4);
  });

  test('refuses a tower that sees everything, and a target', () => {
    const build = (change: object) => (): unknown => buildTrainingGraph({ ...spec, auxiliary: [{ ...spec.auxiliary[0], ...change }] });
    expect(build({ tower: 'whole' })).toThrow(/expected a tower whose encoder hides patches/);
    expect(build({ target: { name: 't', width: 3 } })).toThrow(/expected no target but received one/);
    expect(build({ id: 'fingerprint' })).toThrow(/Auxiliary head fingerprint: expected a target but received none/);
  });
});
