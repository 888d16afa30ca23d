import { describe, expect, it } from 'vitest';
import { bandsOf } from '../../src/score/bands.ts';
import { TERM_IDS } from '../../src/score/index.ts';

const pair = (cosine: number, tanimoto: number): Float64Array => {
  const terms = new Float64Array(TERM_IDS.length);
  terms[TERM_IDS.indexOf('embedding')] = cosine;
  terms[TERM_IDS.indexOf('ecfp4')] = tanimoto;
  return terms;
};

describe('bands', () => {
  it('count pairs where they lie, edges to the upper side and the last one to its own', () => {
    const { tanimoto, cosine, pairs, alike } = bandsOf([pair(0.5, 0.35), pair(0.55, 0.4), pair(1, 1), pair(-1, 0)], [true, false, true, false], [1, 0.5, 1, 1]);
    const at = (grid: readonly (readonly number[])[], c: number, t: number): number => grid[cosine.indexOf(c)]![tanimoto.indexOf(t)]!;
    expect(at(pairs, 0.5, 0.35)).toBe(2);
    expect(at(alike, 0.5, 0.35)).toBeCloseTo(1 / 1.5, 3);
    expect(pairs.at(-1)!.at(-1)).toBe(1);
    expect(at(pairs, -1, 0)).toBe(1);
    expect(pairs.flat().reduce((sum, count) => sum + count, 0)).toBe(4);
    // Nothing counted is told as nothing, not as a share of nothing.
    expect(alike.flat().every((share) => Number.isFinite(share))).toBe(true);
  });
});
