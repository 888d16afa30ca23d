/** The operator contract: shapes as inferred, and the native engine computes what ONNX Runtime computes. */
import { describe, expect, test } from 'vitest';
import { OPERATORS } from '../../src/graph/index.ts';
import { NATIVE_BUILT, outputShapes, relativeError, runNative, runOnnx } from './execute.ts';
import { OPERATOR_CASES } from './operator-cases.ts';

test('every operator has cases', () => {
  const covered = new Set<string>(OPERATOR_CASES.map(({ op }) => op));
  expect(OPERATORS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  expect(new Set(OPERATORS.map(({ id }) => id)).size).toBe(OPERATORS.length);
  for (const { op, name, graph } of OPERATOR_CASES) expect(graph.nodes.map((node) => node.op), `${op}: ${name}`).toContain(op);
});

describe.each(OPERATOR_CASES)('$op: $name', ({ graph, weights, feeds, sizes }) => {
  test('ONNX Runtime gives the inferred shape and finite values', async () => {
    const { y } = await runOnnx(graph, weights, feeds);
    expect(y!.shape).toEqual(outputShapes(graph, sizes)['y']);
    expect(y!.data.every(Number.isFinite)).toBe(true);
  });

  test.skipIf(!NATIVE_BUILT)('the native engine agrees', async () => {
    const { y: expected } = await runOnnx(graph, weights, feeds);
    const { y } = runNative(graph, weights, feeds, sizes);
    expect(y!.shape).toEqual(expected!.shape);
    expect(relativeError(y!.data, expected!.data)).toBeLessThanOrEqual(1e-5);
  });
});
