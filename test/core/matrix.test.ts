import { describe, expect, it } from 'vitest';
import { dot, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';

describe('matrix', () => {
  it('is row-major, and rows are views', () => {
    const matrix = matrixOf(Float32Array.of(1, 2, 3, 4, 5, 6), 3);
    expect(matrix.rows).toBe(2);
    rowOf(matrix, 1)[0] = 9;
    expect([...matrix.data]).toEqual([1, 2, 3, 9, 5, 6]);
    expect(matrixOf(new Float32Array(0), 0).rows).toBe(0);
  });

  it('scales rows to unit length and leaves a row of zeros', () => {
    const { data } = l2Normalise(matrixOf(Float32Array.of(3, 4, 0, 0, 1e-20, 0), 2));
    expect(data[0]).toBeCloseTo(0.6);
    expect(data[1]).toBeCloseTo(0.8);
    expect([data[2], data[3]]).toEqual([0, 0]);
    expect(data[4]).toBeCloseTo(1);
    expect(dot(data.subarray(0, 2), data.subarray(0, 2))).toBeCloseTo(1);
  });
});
