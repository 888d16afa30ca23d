/** All inner products of two sets of vectors, by the engine's matrix product. */
import type { Matrix } from '../core/index.ts';
import type { GraphIr } from '../graph/index.ts';
import { createProgram } from './program.ts';
import type { NativeProgram } from './types.ts';

/** scores (N, M) = a (N, D) times b (M, D) transposed */
const graphOf = (dimension: number): GraphIr => ({
  name: 'products',
  symbols: ['N', 'M'],
  inputs: [{ name: 'a', dtype: 'f32', shape: ['N', dimension] }, { name: 'b', dtype: 'f32', shape: ['M', dimension] }],
  parameters: [],
  nodes: [{ op: 'Gemm', name: 'multiply', inputs: ['a', 'b'], outputs: ['scores'], attributes: { alpha: 1, beta: 1, transA: 0, transB: 1 } }],
  outputs: ['scores'],
});

/** A function of a: (n, D) and b: (m, D) that gives (n, m); memory is planned for the largest sizes that it has met. */
export function nativeProducts(threads: number): (a: Matrix, b: Matrix) => Float32Array {
  const planned = { N: 0, M: 0, dimension: 0 };
  let program: NativeProgram | undefined;
  return (a, b) => {
    if (program === undefined || a.rows > planned.N || b.rows > planned.M || a.cols !== planned.dimension) {
      Object.assign(planned, { N: Math.max(a.rows, planned.N), M: Math.max(b.rows, planned.M), dimension: a.cols });
      program = createProgram(graphOf(a.cols), { training: false, capacity: { N: planned.N, M: planned.M }, precision: 'f32', threads });
    }
    program.bind({ N: a.rows, M: b.rows });
    program.setInput('a', a.data, [a.rows, a.cols]);
    program.setInput('b', b.data, [b.rows, b.cols]);
    program.forward(false, 0);
    return program.value('scores').data as Float32Array;
  };
}
