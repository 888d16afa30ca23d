/** The objective contract: the graph computes the reference, on both executors, wherever the batch is and however sure it is. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder, initialWeights } from '../../src/graph/index.ts';
import type { GraphIr, Value } from '../../src/graph/index.ts';
import { OBJECTIVES, objectiveById, objectiveConfig } from '../../src/objectives/index.ts';
import type { NativeProgram } from '../../src/native/index.ts';
import { NATIVE_BUILT, nativeProgram, relativeError, runNative, runOnnx, unitRows } from './execute.ts';
import type { Feeds } from './execute.ts';
import { OBJECTIVE_REFERENCES } from './objective-references.ts';
import type { Rows } from './objective-references.ts';

const N = 9;
const D = 6;

/** More configurations than the default one. */
const CONFIGS: Readonly<Record<string, readonly object[]>> = {
  clip: [{}, { temperature: 0.5 }, { labelSmoothing: 0.1 }],
  'info-nce': [{}, { temperature: 0.01 }],
  'info-loob': [{}, { hopfield: false }, { inverseTemperature: 30, hopfieldScale: 8 }],
  'nt-xent': [{}, { temperature: 0.5 }],
  'sup-con': [{}, { temperature: 0.07 }],
};

/** A temperature at which a cosine of 1 is a logit of 1000. */
const SHARPEST: Readonly<Record<string, object>> = {
  clip: { temperature: 1e-3, maximumScale: 1000 },
  'info-loob': { inverseTemperature: 1000, hopfieldScale: 1000 },
};

/** The embeddings are inputs, or parameters where their gradients are wanted. */
function objectiveGraph(id: string, config: object, embeddings: 'inputs' | 'parameters' = 'inputs'): GraphIr {
  const objective = objectiveById(id);
  const g = new GraphBuilder(id);
  const embedding = (name: string): Value =>
    (embeddings === 'inputs' ? g.input(name, 'f32', ['N', D]) : g.parameter(name, [N, D], { kind: 'zeros' }));
  const inputs = { a: embedding('a'), b: embedding('b') };
  const label = objective.needsLabel ? { label: g.input('label', 'i32', [embeddings === 'inputs' ? 'N' : N]) } : {};
  g.output(g.named('loss', objective.build(g, { ...inputs, ...label }, objectiveConfig(objective, config)).loss));
  return g.toIr();
}

function rowsOf(data: ArrayLike<number>): Rows {
  return Array.from({ length: N }, (_, r) => Array.from({ length: D }, (_unused, c) => data[r * D + c]!));
}

function makeFeeds(seed: number): Feeds {
  const rng = createRng(seed);
  const label = Int32Array.from({ length: N }, () => rng.int(4));
  return { a: unitRows(rng, N, D), b: unitRows(rng, N, D), label: { data: label, shape: [N] } };
}

function reference(id: string, config: object, feeds: Feeds): number {
  const inputs = { a: rowsOf(feeds['a']!.data), b: rowsOf(feeds['b']!.data), label: [...feeds['label']!.data] };
  return OBJECTIVE_REFERENCES[id]!(inputs, config as never);
}

/** The same pairs in another order. */
function permuted(feeds: Feeds): Feeds {
  const order = createRng(5).shuffle(Array.from({ length: N }, (_, i) => i));
  return Object.fromEntries(Object.entries(feeds).map(([name, { data, shape }]) => {
    const width = data.length / N;
    return [name, { data: data.map((_, i) => data[order[Math.floor(i / width)]! * width + (i % width)]!), shape }];
  }));
}

async function onnxLoss(graph: GraphIr, feeds: Feeds): Promise<number> {
  const { loss } = await runOnnx(graph, initialWeights(graph, 1), feeds);
  return loss!.data[0]!;
}

const CASES = OBJECTIVES.flatMap(({ id }) => CONFIGS[id]!.map((config) => ({ id, config })));

test('every objective has a reference and configurations', () => {
  const ids = OBJECTIVES.map(({ id }) => id).toSorted();
  expect(Object.keys(OBJECTIVE_REFERENCES).toSorted()).toEqual(ids);
  expect(Object.keys(CONFIGS).toSorted()).toEqual(ids);
});

describe.each(CASES)('$id $config', ({ id, config }) => {
  const graph = objectiveGraph(id, config);
  const feeds = makeFeeds(7);

  test('equals the reference', async () => {
    const expected = reference(id, config, feeds);
    expect(Math.abs(await onnxLoss(graph, feeds) - expected)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(expected)));
  });

  test('does not depend on the order of the pairs', async () => {
    expect(await onnxLoss(graph, permuted(feeds))).toBeCloseTo(await onnxLoss(graph, feeds), 5);
  });

  test('is smaller where pairs agree', async () => {
    const aligned = { ...feeds, b: feeds['a']! };
    expect(await onnxLoss(graph, aligned)).toBeLessThan(await onnxLoss(graph, feeds));
  });

  test.skipIf(!NATIVE_BUILT)('the native engine agrees, and its gradient is that of the reference', () => {
    const expected = reference(id, config, feeds);
    const weights = initialWeights(graph, 1);
    const { loss } = runNative(graph, weights, feeds, { N });
    expect(Math.abs(loss!.data[0]! - expected)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(expected)));

    const program = withGradients(id, config, feeds);
    for (const side of ['a', 'b'] as const) {
      expect(relativeError(program.gradient(side).data, differences(id, config, feeds, side))).toBeLessThanOrEqual(1e-4);
    }
  });
});

/** The native engine after forward and backward. */
function withGradients(id: string, config: object, feeds: Feeds): NativeProgram {
  const graph = objectiveGraph(id, config, 'parameters');
  const weights = initialWeights(graph, 1);
  for (const side of ['a', 'b']) weights.set(side, Float32Array.from(feeds[side]!.data));
  const program = nativeProgram(graph, weights, feeds, {}, 'loss');
  program.forward(true, 1);
  program.backward(1);
  return program;
}

/** Central differences of the reference, in double precision. */
function differences(id: string, config: object, feeds: Feeds, side: 'a' | 'b'): number[] {
  const step = 1e-6;
  const at = (index: number, delta: number): number => {
    const data = Float64Array.from(feeds[side]!.data);
    data[index] = data[index]! + delta;
    const rows = { a: rowsOf(feeds['a']!.data), b: rowsOf(feeds['b']!.data), label: [...feeds['label']!.data], [side]: rowsOf(data) };
    return OBJECTIVE_REFERENCES[id]!(rows, config as never);
  };
  return Array.from({ length: N * D }, (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
}

describe.each(OBJECTIVES.map(({ id }) => ({ id })))('$id at logits of +-1000', ({ id }) => {
  const config = SHARPEST[id] ?? { temperature: 1e-3 };
  const graph = objectiveGraph(id, config);
  const feeds = makeFeeds(3);
  const opposite = { ...feeds, b: { ...feeds['a']!, data: feeds['a']!.data.map((value) => -value) } };

  test('is finite and equals the reference', async () => {
    for (const batch of [feeds, { ...feeds, b: feeds['a']! }, opposite]) {
      const loss = await onnxLoss(graph, batch);
      const expected = reference(id, config, batch);
      expect(Number.isFinite(loss)).toBe(true);
      expect(Math.abs(loss - expected)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(expected)));
    }
  });

  test.skipIf(!NATIVE_BUILT)('the native engine and its gradients stay finite', () => {
    for (const batch of [feeds, opposite]) {
      const program = withGradients(id, config, batch);
      expect(Number.isFinite(program.value('loss').data[0])).toBe(true);
      expect([...program.gradient('a').data, ...program.gradient('b').data].every(Number.isFinite)).toBe(true);
    }
  });
});
