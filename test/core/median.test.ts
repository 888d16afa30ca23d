import { describe, expect, it } from 'vitest';
import { median } from '../../src/core/index.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[10, 9, 1], 9],
    [[4, 100, 1, 2], 3],
    [[-1, -2, 1, Infinity], 0],
    [[], Number.NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
    expect(median(Float32Array.from(values))).toBe(expected);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });
});
