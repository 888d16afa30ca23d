/** The objective contract: fused in the native engine and plain in ONNX Runtime compute the reference, wherever the batch is and however sure it is. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder, initialWeights } from '../../src/graph/index.ts';
import type { GraphIr, Value } from '../../src/graph/index.ts';
import { OBJECTIVES, objectiveById, objectiveConfig } from '../../src/objectives/index.ts';
import type { ObjectiveInputs } from '../../src/objectives/index.ts';
import type { NativeProgram } from '../../src/native/index.ts';
import { NATIVE_BUILT, nativeProgram, relativeError, runNative, runOnnx, unitRows } from './execute.ts';
import type { Feeds } from './execute.ts';
import { PLAIN_OBJECTIVES } from './objective-graphs.ts';
import { OBJECTIVE_REFERENCES } from './objective-references.ts';
import type { Rows } from './objective-references.ts';

const N = 9;
const D = 6;

/** More configurations than the default one. */
const CONFIGS: Readonly<Record<string, readonly object[]>> = {
  clip: [{}, { temperature: 0.5 }, { labelSmoothing: 0.1 }, { softLabels: { share: 0.4, temperature: 0.2 } }],
  'info-nce': [{}, { temperature: 0.01 }],
  'info-loob': [{}, { hopfield: false }, { inverseTemperature: 30, hopfieldScale: 8 }],
  'nt-xent': [{}, { temperature: 0.5 }, { decoupled: true }, { decoupled: true, temperature: 0.5 }],
  'sup-con': [{}, { temperature: 0.07 }],
  sigmoid: [{}, { temperature: 0.3, bias: -2 }],
  moco: [{ queue: 18 }, { queue: 1, temperature: 0.2 }],
  swav: [{ prototypes: 7 }, { prototypes: 20, temperature: 0.3, epsilon: 0.2, rounds: 1 }],
  crd: [{ queue: 18, dimension: 8 }, { queue: 9, dimension: 12, temperature: 0.3 }],
  'cross-entropy': [{ classes: 4 }, { classes: 9, temperature: 0.5 }],
  matching: [{}, { hidden: 5, temperature: 0.3 }],
  'alignment-uniformity': [{}, { alignment: 0.5, uniformity: 2, t: 3 }],
};

/** A temperature at which a cosine of 1 is a logit of 1000. */
const SHARPEST: Readonly<Record<string, object>> = {
  clip: { temperature: 1e-3, maximumScale: 1000 },
  'info-loob': { inverseTemperature: 1000, hopfieldScale: 1000 },
  moco: { temperature: 1e-3, queue: 18 },
  swav: { temperature: 1e-3, epsilon: 1e-3, prototypes: 7 },
  crd: { temperature: 1e-3, queue: 18, dimension: 8 },
  'cross-entropy': { temperature: 1e-3, classes: 4 },
  'alignment-uniformity': { t: 500 },
};

type Build = (g: GraphBuilder, inputs: ObjectiveInputs) => Value;

function fused(id: string, config: object): Build {
  const objective = objectiveById(id);
  return (g, inputs) => objective.build(g, inputs, objectiveConfig(objective, config)).loss;
}

function plain(id: string, config: object): Build {
  return (g, inputs) => PLAIN_OBJECTIVES[id]!(g, inputs, config as never);
}

/** The embeddings are inputs, or parameters where their gradients are wanted. */
function objectiveGraph(id: string, build: Build, embeddings: 'inputs' | 'parameters' = 'inputs'): GraphIr {
  const g = new GraphBuilder(id);
  const embedding = (name: string): Value =>
    (embeddings === 'inputs' ? g.input(name, 'f32', ['N', D]) : g.parameter(name, [N, D], { kind: 'zeros' }));
  const inputs = { a: embedding('a'), b: embedding('b') };
  const label = objectiveById(id).needsLabel ? { label: g.input('label', 'i32', [embeddings === 'inputs' ? 'N' : N]) } : {};
  g.output(g.named('loss', build(g, { ...inputs, ...label })));
  return g.toIr();
}

function rowsOf(data: ArrayLike<number>, rows = N, columns = D): Rows {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_unused, c) => data[r * columns + c]!));
}

function makeFeeds(seed: number): Feeds {
  const rng = createRng(seed);
  const label = Int32Array.from({ length: N }, () => rng.int(4));
  return { a: unitRows(rng, N, D), b: unitRows(rng, N, D), label: { data: label, shape: [N] } };
}

/** What the objective has beside the embeddings, as it starts. */
function statesOf(id: string, config: object): Record<string, Rows> {
  const graph = objectiveGraph(id, fused(id, config));
  const weights = initialWeights(graph, 1);
  return Object.fromEntries(graph.parameters.filter(({ shape }) => shape.length === 2).map(({ name, shape }) => [name, rowsOf(weights.get(name)!, shape[0], shape[1])]));
}

function reference(id: string, config: object, feeds: Feeds): number {
  const inputs = { states: statesOf(id, config), a: rowsOf(feeds['a']!.data), b: rowsOf(feeds['b']!.data), label: [...feeds['label']!.data] };
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

function nativeLoss(graph: GraphIr, feeds: Feeds): number {
  return runNative(graph, initialWeights(graph, 1), feeds, { N })['loss']!.data[0]!;
}

/** The native engine after forward and backward. */
function withGradients(id: string, build: Build, feeds: Feeds): NativeProgram {
  const graph = objectiveGraph(id, build, 'parameters');
  const weights = initialWeights(graph, 1);
  for (const side of ['a', 'b']) weights.set(side, Float32Array.from(feeds[side]!.data));
  const program = nativeProgram(graph, weights, feeds, {}, 'loss');
  program.forward(true, 1);
  program.backward(1);
  return program;
}

const CASES = OBJECTIVES.flatMap(({ id }) => CONFIGS[id]!.map((config) => ({ id, config })));

test('every objective has a reference, a plain graph and configurations', () => {
  const ids = OBJECTIVES.map(({ id }) => id).toSorted();
  for (const table of [OBJECTIVE_REFERENCES, PLAIN_OBJECTIVES, CONFIGS]) expect(Object.keys(table).toSorted()).toEqual(ids);
});

describe.each(CASES)('$id $config', ({ id, config }) => {
  const feeds = makeFeeds(7);
  const expected = reference(id, config, feeds);
  const tolerance = 2e-5 * Math.max(1, Math.abs(expected));

  test('the plain graph equals the reference in ONNX Runtime', async () => {
    expect(Math.abs(await onnxLoss(objectiveGraph(id, plain(id, config)), feeds) - expected)).toBeLessThanOrEqual(tolerance);
  });

  describe.skipIf(!NATIVE_BUILT)('in the native engine', () => {
    const graph = objectiveGraph(id, fused(id, config));

    test('equals the reference', () => {
      expect(Math.abs(nativeLoss(graph, feeds) - expected)).toBeLessThanOrEqual(tolerance);
    });

    test('does not depend on the order of the pairs', () => {
      expect(nativeLoss(graph, permuted(feeds))).toBeCloseTo(nativeLoss(graph, feeds), 5);
    });

    // A student and a teacher are compared behind maps of their own, classes have vectors of their own, and matching a classifier: where they agree is to be learned.
    if (!['crd', 'cross-entropy', 'matching'].includes(id)) test('is smaller where pairs agree', () => {
      expect(nativeLoss(graph, { ...feeds, b: feeds['a']! })).toBeLessThan(nativeLoss(graph, feeds));
    });

    test('its gradient is that of the reference', () => {
      const program = withGradients(id, fused(id, config), feeds);
      for (const side of ['a', 'b'] as const) {
        expect(relativeError(program.gradient(side).data, differences(id, config, feeds, side))).toBeLessThanOrEqual(1e-4);
      }
    });

    test('fused equals unfused, with the gradients of everything that is learned', () => {
      const [left, right] = [fused(id, config), plain(id, config)].map((build) => withGradients(id, build, feeds));
      expect(left!.value('loss').data[0]).toBeCloseTo(right!.value('loss').data[0]!, 5);
      expect(left!.parameterNames().toSorted()).toEqual(right!.parameterNames().toSorted());
      const learned = objectiveGraph(id, fused(id, config), 'parameters').parameters.filter(({ trainable }) => trainable);
      for (const { name } of learned) {
        expect(relativeError(left!.gradient(name).data, right!.gradient(name).data), name).toBeLessThanOrEqual(5e-5);
      }
    });
  });
});

/** Central differences of the reference, in double precision. */
function differences(id: string, config: object, feeds: Feeds, side: 'a' | 'b'): number[] {
  const step = 1e-6;
  const states = statesOf(id, config);
  const still = { a: rowsOf(feeds['a']!.data), b: rowsOf(feeds['b']!.data) };
  const at = (index: number, delta: number): number => {
    const data = Float64Array.from(feeds[side]!.data);
    data[index] = data[index]! + delta;
    const rows = { states, still, a: rowsOf(feeds['a']!.data), b: rowsOf(feeds['b']!.data), label: [...feeds['label']!.data], [side]: rowsOf(data) };
    return OBJECTIVE_REFERENCES[id]!(rows, config as never);
  };
  return Array.from({ length: N * D }, (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
}

describe.each(OBJECTIVES.map(({ id }) => ({ id })))('$id at logits of +-1000', ({ id }) => {
  const config = SHARPEST[id] ?? { temperature: 1e-3 };
  const feeds = makeFeeds(3);
  const opposite = { ...feeds, b: { ...feeds['a']!, data: feeds['a']!.data.map((value) => -value) } };
  const batches = [feeds, { ...feeds, b: feeds['a']! }, opposite];

  function check(loss: number, batch: Feeds): void {
    const expected = reference(id, config, batch);
    expect(Number.isFinite(loss)).toBe(true);
    expect(Math.abs(loss - expected)).toBeLessThanOrEqual(1e-3 * Math.max(1, Math.abs(expected)));
  }

  test('the plain graph is finite and equals the reference', async () => {
    const graph = objectiveGraph(id, plain(id, config));
    for (const batch of batches) check(await onnxLoss(graph, batch), batch);
  });

  test.skipIf(!NATIVE_BUILT)('the native engine too, and its gradients stay finite', () => {
    for (const batch of batches) {
      const program = withGradients(id, fused(id, config), batch);
      check(program.value('loss').data[0]!, batch);
      expect([...program.gradient('a').data, ...program.gradient('b').data].every(Number.isFinite)).toBe(true);
    }
  });
});
