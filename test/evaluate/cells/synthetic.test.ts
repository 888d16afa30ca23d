/** Synthetic sites: the phenotype follows from the structure, the picture from the phenotype, and the best retrieval is what it is said to be. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.ts';
import { SYNTHETIC_CHANNELS, TRAITS, perfectRetrieval, phenotypes, renderSite, shownPhenotype } from '../../../src/evaluate/index.ts';

const rows = (count: number, seed: number): Float64Array[] => {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => Float64Array.from(TRAITS, () => rng.normal()));
};

describe('synthetic sites', () => {
  it('have phenotypes that follow from counts of substructures, of mean 0 and deviation 1', () => {
    // Molecules 0 and 3 have the same substructures; 1 has one of them more often.
    const counts = { indices: [2, 5, 2, 5, 7, 2, 5], values: [1, 2, 3, 2, 1, 1, 2], offsets: [0n, 2n, 4n, 5n, 7n] };
    const found = phenotypes(counts, 16, 1);
    expect(found[0]).toEqual(found[3]);
    expect(found[1]).not.toEqual(found[0]);
    expect(phenotypes(counts, 16, 1)).toEqual(found);
    expect(phenotypes(counts, 16, 2)).not.toEqual(found);
    for (const t of TRAITS.keys()) {
      const values = found.map((row) => row[t]!);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
      expect(values.reduce((sum, value) => sum + value * value, 0) / 4).toBeCloseTo(1, 9);
    }
  });

  it('tell the best retrieval: all without noise, chance with nothing but noise, more with more sites', () => {
    // Another seed than those of the noise: equal streams would be no noise.
    const all = rows(400, 21);
    expect(perfectRetrieval(all, 0, 1, 1)).toEqual([1, 1, 1]);
    const [top1, , top10] = perfectRetrieval(all, 1000, 1, 1);
    expect(top1).toBeLessThan(0.02);
    expect(top10).toBeLessThan(0.06);
    const [one, two] = [perfectRetrieval(all, 0.7, 1, 1), perfectRetrieval(all, 0.7, 2, 1)];
    expect(two[0]).toBeGreaterThan(one[0] + 0.1);
    // Two sites with noise are one with its mean: a model that sees each of two and averages reaches the same.
    const rng = createRng(9);
    let hits = 0;
    all.forEach((own, i) => {
      const [first, second] = [shownPhenotype(own, 0.7, rng), shownPhenotype(own, 0.7, rng)];
      const distance = (row: Float64Array): number => row.reduce((sum, value, t) => sum + (value - (first[t]! + second[t]!) / 2) ** 2, 0);
      if (all.every((row, j) => j === i || distance(row) > distance(own))) hits++;
    });
    expect(Math.abs(hits / all.length - two[0])).toBeLessThan(0.06);
  });

  it('show every trait: pictures of one phenotype are alike, and each trait changes its channel', () => {
    const side = 48;
    const plane = side * side;
    const meanOf = (traits: Float64Array, seed: number): number[] => {
      const sums = new Float64Array(SYNTHETIC_CHANNELS);
      for (let site = 0; site < 12; site++) {
        const pixels = renderSite(traits, side, createRng(100 * seed + site));
        expect(pixels).toHaveLength(SYNTHETIC_CHANNELS * plane);
        for (const [i, value] of pixels.entries()) sums[Math.floor(i / plane)]! += value / plane / 12;
      }
      return [...sums];
    };
    const plain = new Float64Array(TRAITS.length);
    const base = meanOf(plain, 1);
    meanOf(plain, 2).forEach((value, channel) => expect(Math.abs(value - base[channel]!)).toBeLessThan(0.15 * base[channel]!));
    // AGP, DNA, ER, Mito, RNA.
    const brighter: [trait: number, channel: number][] = [[0, 1], [1, 2], [3, 2], [4, 4], [5, 0]];
    for (const [trait, channel] of brighter) {
      const changed = Float64Array.from(plain, (_, t) => (t === trait ? 2 : 0));
      expect(meanOf(changed, 1)[channel]!, TRAITS[trait]).toBeGreaterThan(1.02 * base[channel]!);
    }
    expect(renderSite(plain, side, createRng(4))).toEqual(renderSite(plain, side, createRng(4)));
  });
});
