import { expect, test } from 'vitest';
import { toFloat16 } from '../../../src/graph/index.ts';

/** What 16 bits mean, from the definition. */
function valueOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

test('every finite half comes back as itself', () => {
  for (let half = 0; half < 0x10000; half++) {
    const value = valueOf(half);
    if (!Number.isNaN(value)) expect(toFloat16(Float32Array.of(value))[0]).toBe(half);
  }
});

test('between two halves the nearer one is taken, and the even one at the middle', () => {
  for (let half = 0; half < 0x7bff; half += 7) {
    const [low, high] = [valueOf(half), valueOf(half + 1)];
    const middle = (low + high) / 2;
    expect(toFloat16(Float32Array.of(low + (high - low) * 0.25, low + (high - low) * 0.75, middle, -middle))).toEqual(
      Uint16Array.of(half, half + 1, half + (half & 1), 0x8000 | (half + (half & 1))),
    );
  }
});

test('what a half cannot hold becomes infinite, zero or not a number', () => {
  expect([...toFloat16(Float32Array.of(65519, 65520, 1e30, -Infinity, 2 ** -25, 2 ** -26, NaN))]).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 0, 0x7e00]);
});
