import { describe, expect, it } from 'vitest';
import { createRng, symmetricEigen } from '../../src/core/index.ts';

describe('symmetricEigen', () => {
  it('has the known answer of a matrix of two rows', () => {
    const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].sort((a, b) => a - b)).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
  });

  it.each([1, 3, 17, 60])('takes a matrix of %i rows apart so that the parts make it again', (n) => {
    const rng = createRng(n);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = rng.normal();
    const { values, vectors } = symmetricEigen(a, n);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let made = 0;
        let product = 0;
        for (let k = 0; k < n; k++) {
          made += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
          product += vectors[i * n + k]! * vectors[j * n + k]!;
        }
        worst = Math.max(worst, Math.abs(made - a[i * n + j]!), Math.abs(product - Number(i === j)));
      }
    }
    expect(worst).toBeLessThan(1e-12 * n + 1e-12);
  });
});
