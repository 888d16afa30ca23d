/** Which pairs the classifier is asked about, and that it learns to tell them. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder, initialWeights } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { objectiveById, objectiveConfig } from '../../src/objectives/index.ts';
import { NATIVE_BUILT, nativeProgram, runNative, unitRows } from '../contracts/execute.ts';

const [N, D] = [8, 6];

function graphOf(config: object): GraphIr {
  const g = new GraphBuilder('matching');
  const objective = objectiveById('matching');
  const { loss, metrics } = objective.build(g, { a: g.input('a', 'f32', ['N', D]), b: g.input('b', 'f32', ['N', D]) }, objectiveConfig(objective, config));
  for (const [name, value] of Object.entries({ loss, ...metrics })) g.output(g.named(name, value));
  return g.toIr();
}

const rng = createRng(11);
const feeds = { a: unitRows(rng, N, D), b: unitRows(rng, N, D) };
type Row = readonly number[];
const rowsOf = ({ data }: { data: ArrayLike<number> }): Row[] => Array.from({ length: N }, (_, i) => Array.from({ length: D }, (_unused, c) => data[i * D + c]!));
const dot = (x: Row, y: Row): number => x.reduce((sum, value, c) => sum + value * y[c]!, 0);

describe.skipIf(!NATIVE_BUILT)('matching', () => {
  const ir = graphOf({ hidden: 16 });
  const weights = initialWeights(ir, 3);

  test('asks about each row with its partner and with the one stranger that is nearest, both ways', () => {
    const [a, b] = [rowsOf(feeds.a), rowsOf(feeds.b)];
    const nearest = (row: Row, i: number, others: readonly Row[]): Row => (
      others.filter((_, j) => j !== i).reduce((best, other) => (dot(row, other) > dot(row, best) ? other : best))
    );
    const entry = Array.from({ length: 16 }, (_, h) => [...weights.get('entry.weight')!.subarray(h * 3 * D, (h + 1) * 3 * D)]);
    const probability = (x: Row, y: Row): number => {
      const seen = [...x.map((value) => value * Math.sqrt(D)), ...y.map((value) => value * Math.sqrt(D)), ...x.map((value, c) => value * y[c]! * D)];
      return 1 / (1 + Math.exp(-dot([...weights.get('exit.weight')!], entry.map((each) => Math.max(0, dot(each, seen))))));
    };
    const own = a.map((row, i) => probability(row, b[i]!));
    const others = [...a.map((row, i) => probability(row, nearest(row, i, b))), ...b.map((row, i) => probability(nearest(row, i, a), row))];
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const results = runNative(ir, weights, feeds, { N });
    // Strangers that are nearly as near weigh a little.
    expect(results['loss']!.data[0]).toBeCloseTo((mean(own.map((p) => -Math.log(p))) + mean(others.map((p) => -Math.log(1 - p)))) / 2, 3);
    expect(results['ownMatch']!.data[0]).toBeCloseTo(mean(own), 4);
    expect(results['strangerMatch']!.data[0]).toBeCloseTo(mean(others), 3);
  });

  test('costs log 2 where the classifier knows nothing', () => {
    const blank = new Map([...weights].map(([name, values]) => [name, name.startsWith('exit') ? new Float32Array(values.length) : values]));
    expect(runNative(ir, blank, feeds, { N })['loss']!.data[0]).toBeCloseTo(Math.LN2, 5);
  });

  test('its classifier learns what is a pair', () => {
    const program = nativeProgram(ir, weights, feeds, { N }, 'loss');
    const current = new Map([...weights].map(([name, values]) => [name, Float32Array.from(values)]));
    for (let step = 0; step < 300; step++) {
      program.forward(true, 1);
      program.backward(1);
      for (const [name, values] of current) {
        const gradient = program.gradient(name).data;
        program.setParameter(name, values.map((value, i) => (values[i] = value - 0.1 * gradient[i]!)));
      }
    }
    program.forward(false, 1);
    expect(program.value('ownMatch').data[0]).toBeGreaterThan(0.8);
    expect(program.value('strangerMatch').data[0]).toBeLessThan(0.2);
  });
});
