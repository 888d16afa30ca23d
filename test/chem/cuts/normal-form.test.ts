import { describe, expect, it } from 'vitest';
import { environmentKey, mappingsBetween, normalForm, renumber } from '../../../src/chem/cuts/normal-form.ts';
import { PERMUTATIONS, compose, invert, positionOf } from '../../../src/chem/cuts/permutations.ts';

/** Groups of renumberings that a fragment with three points can have, as masks. */
const GROUPS = [1, 0b000011, 0b000101, 0b100001, 0b011001, 0b111111];
const members = (mask: number): (readonly number[])[] => PERMUTATIONS[3]!.filter((_, p) => mask & (1 << p));

describe('normal form', () => {
  it('has groups to be tried with', () => {
    for (const mask of GROUPS) for (const a of members(mask)) for (const b of members(mask)) expect(members(mask).map(positionOf)).toContain(positionOf(compose(a, b)));
  });

  it('is one for all ways to write a replacement', () => {
    for (const from of GROUPS) {
      for (const to of GROUPS) {
        for (const mapping of PERMUTATIONS[3]!) {
          const expected = normalForm(3, [mapping], from, to);
          for (const s of members(from)) for (const t of members(to)) expect(normalForm(3, [compose(compose(invert(s), mapping), t)], from, to).mapping).toBe(expected.mapping);
        }
      }
    }
  });

  it('reads the same surroundings however the points are numbered', () => {
    const environments = [11, 22, 33];
    for (const from of GROUPS) {
      for (const mapping of PERMUTATIONS[3]!) {
        const expected = environmentKey(environments, normalForm(3, [mapping], from, 1).orders);
        for (const s of members(from)) {
          // Point i is now called s[i].
          const moved = environments.map((_, point) => environments[invert(s)[point]!]!);
          expect(environmentKey(moved, normalForm(3, [compose(invert(s), mapping)], from, 1).orders)).toBe(expected);
        }
      }
    }
  });

  it('finds every way to send equal pieces to each other', () => {
    expect(mappingsBetween([1, 2, 3], [3, 1, 2])).toEqual([[1, 2, 0]]);
    expect(mappingsBetween([1, 1, 2], [1, 2, 1])).toHaveLength(2);
    expect(mappingsBetween([1, 2], [1, 3])).toEqual([]);
    expect(renumber('[*:1]C(=O)N[*:2]', [1, 0])).toBe('[*:2]C(=O)N[*:1]');
  });
});
