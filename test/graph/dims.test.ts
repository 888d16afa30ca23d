import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDims, broadcastShapes, divideDims, evaluateDim, multiplyDims, strideDim } from '../../src/graph/dims.ts';

const dim = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom('N', 'V', 'E'));
const sizes = { N: 5, V: 7, E: 11 };
const product = (dims: readonly (number | string)[]): number => dims.reduce<number>((all, each) => all * evaluateDim(each, sizes), 1);

test('a product does not depend on the order and evaluates to the product of its parts', () => {
  fc.assert(fc.property(fc.array(dim, { maxLength: 5 }), (dims) => {
    expect(multiplyDims(dims)).toBe(multiplyDims(dims.toReversed()));
    expect(evaluateDim(multiplyDims(dims), sizes)).toBe(product(dims));
  }));
});

test('division undoes multiplication', () => {
  fc.assert(fc.property(fc.array(dim, { maxLength: 4 }), dim, (dims, other) => {
    const whole = multiplyDims(dims);
    expect(divideDims(multiplyDims([whole, other]), other)).toBe(whole);
  }));
  expect(divideDims('N', 2)).toBeUndefined();
  expect(divideDims(6, 'N')).toBeUndefined();
  expect(divideDims('2*N', 'V')).toBeUndefined();
});

test('sums exist only of multiples of the same symbols', () => {
  expect(addDims('N', 'N')).toBe('2*N');
  expect(addDims('2*N', 'N')).toBe('3*N');
  expect(addDims(2, 3)).toBe(5);
  expect(addDims('N', 1)).toBeUndefined();
  expect(addDims('N', 'V')).toBeUndefined();
});

test('broadcasting', () => {
  expect(broadcastShapes(['N', 1, 4], [3, 1])).toEqual(['N', 3, 4]);
  expect(broadcastShapes([], ['N', 4])).toEqual(['N', 4]);
  expect(broadcastShapes(['N'], ['V'])).toBeUndefined();
  expect(broadcastShapes(['N'], [4])).toBeUndefined();
});

test('strides divide sizes that are not known, and enlarging undoes it', () => {
  expect(strideDim('H', 2)).toBe('H/2');
  expect(strideDim('H/2', 2)).toBe('H/4');
  expect(strideDim('4*H', 2)).toBe('2*H');
  expect(multiplyDims(['H/8', 2])).toBe('H/4');
  expect(multiplyDims(['H/4', 4])).toBe('H');
  expect(multiplyDims(['N', 'H/4', 'W/4'])).toBe('H*N*W/16');
  expect(evaluateDim('3*H/4', { H: 8 })).toBe(6);
  expect(addDims('H/4', 'H/4')).toBe('H/2');
});
