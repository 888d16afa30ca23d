/** What retrieval from a modern Hopfield network takes and what it refuses, before anything is computed. */
import { expect, test } from 'vitest';
import { GraphBuilder, graphCost } from '../../src/graph/index.ts';
import type { Shape } from '../../src/graph/index.ts';

function retrieval(state: Shape, stored: Shape, scale: Shape = []): GraphBuilder {
  const g = new GraphBuilder('retrieval');
  g.output(g.named('y', g.apply('SoftmaxRetrieval', [g.input('state', 'f32', state), g.input('stored', 'f32', stored), g.input('scale', 'f32', scale)])));
  return g;
}

test('rows of any number are stored, and the work grows with them', () => {
  expect(() => retrieval(['N', 8], ['N', 8])).not.toThrow();
  const sizes = { N: 4, K: 100 };
  expect(graphCost(retrieval(['N', 8], [1, 8]).toIr(), { N: 4 }).macs).toBe(2 * 4 * 8);
  expect(graphCost(retrieval(['N', 8], ['K', 8]).toIr(), sizes).macs).toBe(2 * 4 * 100 * 8);
});

test.each<[string, Shape, Shape, Shape, string]>([
  ['stored rows of another width', ['N', 8], ['K', 7], [], 'a state (N, D) and stored rows (M, D)'],
  ['stored rows that are no matrix', ['N', 8], [8], [], 'a state (N, D) and stored rows (M, D)'],
  ['a state that is no matrix', ['N', 2, 8], ['K', 8], [], 'a state (N, D) and stored rows (M, D)'],
  ['a scale for every row', ['N', 8], ['K', 8], ['N'], 'a scale of shape ()'],
])('%s is refused', (_name, state, stored, scale, expected) => {
  expect(() => retrieval(state, stored, scale)).toThrow(expected);
});
