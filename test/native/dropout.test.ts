import { expect, test } from 'vitest';
import { GraphBuilder } from '../../src/graph/index.ts';
import { createProgram } from '../../src/native/index.ts';
import { NATIVE_BUILT } from '../contracts/execute.ts';

const WIDTH = 1024;

/** What dropout leaves of ones, of a batch of `rows`. */
function masked(rows: number, threads: number): Float32Array {
  const g = new GraphBuilder('masks');
  g.output(g.named('y', g.apply('Dropout', [g.input('x', 'f32', ['N', WIDTH])], { rate: 0.25 })));
  const program = createProgram(g.toIr(), { training: false, capacity: { N: rows }, threads, seed: 7 });
  program.bind({ N: rows });
  program.setInput('x', new Float32Array(rows * WIDTH).fill(1), [rows, WIDTH]);
  program.forward(true, 3);
  return program.value('y').data as Float32Array;
}

// Many rows are drawn several at a time, few one after the other.
test.skipIf(!NATIVE_BUILT)('masks depend on seed, step and place alone', () => {
  const many = masked(77, 1);
  expect(masked(77, 2)).toEqual(many);
  for (const rows of [1, 3, 40]) expect(masked(rows, 1)).toEqual(many.slice(0, rows * WIDTH));
});

test.skipIf(!NATIVE_BUILT)('one number in four is zero, the others make up for it', () => {
  const y = masked(77, 2);
  const zeros = y.filter((value) => value === 0).length;
  expect(Math.abs(zeros / y.length - 0.25)).toBeLessThan(0.01);
  expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
});
