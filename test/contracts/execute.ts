/** Runs one graph on both executors, so that each can be the other's oracle. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createRng } from '../../src/core/index.ts';
import type { Rng } from '../../src/core/index.ts';
import { evaluateShape, inferGraph, initialWeights, writeOnnx } from '../../src/graph/index.ts';
import type { GraphIr, OnnxOptions, Weights } from '../../src/graph/index.ts';
import { createProgram, nativeInfo } from '../../src/native/index.ts';
import type { NativeProgram } from '../../src/native/index.ts';

export interface Data {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}
export type Feeds = Readonly<Record<string, Data>>;
export type Sizes = Readonly<Record<string, number>>;

/** The engine is a build product; without it the suites that need it are skipped, never passed. */
export const NATIVE_BUILT = ((): boolean => {
  try {
    nativeInfo();
    return true;
  } catch {
    return false;
  }
})();

export function uniform(rng: Rng, shape: readonly number[], low = -1, high = 1): Data {
  const count = shape.reduce((product, size) => product * size, 1);
  return { data: Float32Array.from({ length: count }, () => low + (high - low) * rng.next()), shape };
}

/** Rows of unit length. */
export function unitRows(rng: Rng, rows: number, columns: number): Data {
  const data = Float32Array.from({ length: rows * columns }, () => rng.normal());
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * columns, (r + 1) * columns);
    const norm = Math.hypot(...row);
    row.forEach((value, c) => { row[c] = value / norm; });
  }
  return { data, shape: [rows, columns] };
}

/** Initial weights with every zero or one replaced by noise, so that no normalisation or bias is an identity. */
export function noisyWeights(graph: GraphIr, seed: number): Map<string, Float32Array> {
  const rng = createRng(seed);
  const weights = initialWeights(graph, seed);
  for (const { name, init } of graph.parameters) {
    const values = weights.get(name)!;
    if (init.kind === 'ones') values.forEach((_, i) => { values[i] = 0.5 + rng.next(); });
    if (init.kind === 'zeros') values.forEach((_, i) => { values[i] = 0.4 * rng.normal(); });
  }
  return weights;
}

export async function runOnnx(graph: GraphIr, weights: Weights, feeds: Feeds, options: OnnxOptions = {}): Promise<Record<string, Data>> {
  const session = await InferenceSession.create(writeOnnx(graph, weights, options), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const inputs = Object.fromEntries(session.inputNames.map((name) => {
    const { data, shape } = feeds[name]!;
    return [name, data instanceof Int32Array ? new Tensor('int32', data, shape) : new Tensor('float32', data, shape)];
  }));
  const results = await session.run(inputs);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]));
}

export function nativeProgram(graph: GraphIr, weights: Weights, feeds: Feeds, sizes: Sizes, loss?: string): NativeProgram {
  const training = loss !== undefined;
  // A batch may hold nothing of a symbol (no bonds); memory is planned for something.
  const capacity = Object.fromEntries(Object.entries(sizes).map(([symbol, size]) => [symbol, Math.max(1, size)]));
  const program = createProgram(graph, { training, capacity, threads: 1, keepAll: true, ...(training ? { loss } : {}) });
  for (const { name } of graph.parameters) program.setParameter(name, weights.get(name)!);
  program.bind(sizes);
  for (const { name } of graph.inputs) program.setInput(name, feeds[name]!.data, feeds[name]!.shape);
  return program;
}

export function runNative(graph: GraphIr, weights: Weights, feeds: Feeds, sizes: Sizes): Record<string, Data> {
  const program = nativeProgram(graph, weights, feeds, sizes);
  program.forward(false, 1);
  return Object.fromEntries(graph.outputs.map((name) => [name, program.value(name)]));
}

/** Largest difference over the largest magnitude of the reference. */
export function relativeError(actual: Float32Array | Int32Array, reference: ArrayLike<number>): number {
  if (actual.length !== reference.length) return Infinity;
  let difference = 0;
  let magnitude = 1e-6;
  for (let i = 0; i < actual.length; i++) {
    const delta = Math.abs(actual[i]! - reference[i]!);
    if (!(delta <= difference)) difference = delta; // also where delta is not a number
    magnitude = Math.max(magnitude, Math.abs(reference[i]!));
  }
  return difference / magnitude;
}

/** Shapes of the graph's outputs for given symbols. */
export function outputShapes(graph: GraphIr, sizes: Sizes): Record<string, number[]> {
  const values = inferGraph(graph);
  return Object.fromEntries(graph.outputs.map((name) => [name, evaluateShape(values.get(name)!.shape, sizes)]));
}
