/** The operator contract: shapes as inferred, and the native engine computes what ONNX Runtime computes. */
import { describe, expect, test } from 'vitest';
import { OPERATORS, TRAINING_ONLY, operatorById } from '../../src/graph/index.ts';
import { NATIVE_BUILT, outputShapes, relativeError, runNative, runOnnx } from './execute.ts';
import type { Data } from './execute.ts';
import { OPERATOR_CASES } from './operator-cases.ts';
import type { OperatorCase } from './operator-cases.ts';

test('every operator has cases', () => {
  const covered = new Set<string>(OPERATOR_CASES.map(({ op }) => op));
  expect(OPERATORS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  expect(new Set(OPERATORS.map(({ id }) => id)).size).toBe(OPERATORS.length);
  for (const { op, name, graph } of OPERATOR_CASES) expect(graph.nodes.map((node) => node.op), `${op}: ${name}`).toContain(op);
});

/** What ONNX Runtime says; of operators for training alone the f64 reference that the case brings. */
async function expectedOf({ graph, weights, feeds, sizes, reference }: OperatorCase): Promise<Data> {
  if (reference === undefined) return (await runOnnx(graph, weights, feeds))['y']!;
  return { data: Float32Array.from(reference(feeds)), shape: outputShapes(graph, sizes)['y']! };
}

test('only operators for training alone bring a reference of their own', () => {
  for (const { op, name, reference } of OPERATOR_CASES) {
    expect(reference !== undefined, `${op}: ${name}`).toBe(operatorById(op)!.lower === TRAINING_ONLY);
  }
});

describe.each(OPERATOR_CASES)('$op: $name', (row) => {
  const { graph, weights, feeds, sizes } = row;

  test('the oracle gives the inferred shape and finite values', async () => {
    const y = await expectedOf(row);
    expect(y.shape).toEqual(outputShapes(graph, sizes)['y']);
    expect(y.data.every(Number.isFinite)).toBe(true);
  });

  test.skipIf(!NATIVE_BUILT)('the native engine agrees', async () => {
    const expected = await expectedOf(row);
    const { y } = runNative(graph, weights, feeds, sizes);
    expect(y!.shape).toEqual(expected.shape);
    expect(relativeError(y!.data, expected.data)).toBeLessThanOrEqual(1e-5);
  });
});
