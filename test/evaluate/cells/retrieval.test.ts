/** Retrieval across cells and structures against a slow reference and against what must come out. */
import { describe, expect, it } from 'vitest';
import { createRng, dot, l2Normalise, matrixOf, rowOf, stackRows } from '../../../src/core/index.ts';
import { cellsRetrieval, cellsTable } from '../../../src/evaluate/index.ts';
import type { CellsFold } from '../../../src/evaluate/index.ts';

/** Queries are their structures plus noise. */
function fold(compounds: number, noise: number, seed: number, settings: readonly string[] = ['20X'], decoys = 300): CellsFold {
  const rng = createRng(seed);
  const draw = (): Float32Array => Float32Array.from({ length: 8 }, () => rng.normal());
  const structures = l2Normalise(stackRows(Array.from({ length: compounds }, draw)));
  const rows = settings.flatMap((setting) => Array.from({ length: compounds }, (_, compound) => ({ setting, compound, vector: rowOf(structures, compound).map((value) => value + noise * rng.normal()) })));
  return {
    structures, queries: l2Normalise(stackRows(rows.map(({ vector }) => vector))), compoundOf: rows.map(({ compound }) => compound), settingOf: rows.map(({ setting }) => setting),
    decoys: l2Normalise(stackRows(Array.from({ length: decoys }, draw))),
  };
}

describe('cellsRetrieval', () => {
  it('finds everything where cells show their structure exactly, and nothing but chance where they show nothing', () => {
    const perfect = cellsRetrieval([fold(20, 0, 1), fold(20, 0, 2)], 1);
    expect(perfect.map(({ direction, among }) => [direction, among])).toEqual([['cells to structure', 'pool'], ['structure to cells', 'pool'], ['cells to structure', 'decoys']]);
    for (const { top, compounds, queries } of perfect) {
      expect(top.map(({ value }) => value)).toEqual([1, 1, 1]);
      expect([compounds, queries]).toEqual([40, 40]);
    }
    const blind = cellsRetrieval(Array.from({ length: 10 }, (_, seed) => fold(20, 1000, seed)), 1);
    for (const { top, chance } of blind) top.forEach(({ interval: [low, high] }, k) => { expect(low).toBeLessThanOrEqual(chance[k]!); expect(high).toBeGreaterThanOrEqual(chance[k]! * 0.8); });
  });

  it('counts ranks as a full sort does, and decoys as many draws do', () => {
    const one = fold(15, 0.8, 7);
    const rows = cellsRetrieval([one], 1);
    const scores = one.compoundOf.map((_, q) => Array.from({ length: 15 }, (__, c) => dot(rowOf(one.queries, q), rowOf(one.structures, c))));
    const top5 = one.compoundOf.filter((compound, q) => [...scores[q]!.keys()].sort((a, b) => scores[q]![b]! - scores[q]![a]!).slice(0, 5).includes(compound)).length / 15;
    expect(rows[0]!.top[1]!.value).toBeCloseTo(top5, 9);
    const back = one.compoundOf.filter((compound) => [...one.compoundOf.keys()].sort((a, b) => scores[b]![compound]! - scores[a]![compound]!).slice(0, 5).map((q) => one.compoundOf[q]).includes(compound)).length / 15;
    expect(rows[1]!.top[1]!.value).toBeCloseTo(back, 9);
    const rng = createRng(3);
    let found = 0;
    const draws = 400;
    for (let draw = 0; draw < draws; draw++) {
      one.compoundOf.forEach((compound, q) => {
        const better = Array.from({ length: 99 }, () => Math.floor(rng.next() * 300)).filter((d) => dot(rowOf(one.queries, q), rowOf(one.decoys, d)) > scores[q]![compound]!).length;
        if (better < 5) found++;
      });
    }
    expect(Math.abs(rows[2]!.top[1]!.value - found / draws / 15)).toBeLessThan(0.02);
  });

  it('tells what candidates alone give away', () => {
    // All cells look alike, and the structures of compounds lie nearer to them than any decoy: nothing is recognised.
    const one = fold(10, 0, 4);
    const same = l2Normalise(stackRows(Array.from({ length: 10 }, () => Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0))));
    const near = l2Normalise(stackRows(Array.from({ length: 10 }, (_, i) => Float32Array.of(1, 0.01 * i, 0, 0, 0, 0, 0, 0))));
    const rows = cellsRetrieval([{ ...one, queries: same, structures: near }], 1);
    const decoys = rows.find(({ among }) => among === 'decoys')!;
    expect(decoys.top[0]!.value).toBeGreaterThan(0.95);
    expect(decoys.swapped[0]).toBeCloseTo(decoys.top[0]!.value, 1);
    // Equal scores count as half.
    const tied = cellsRetrieval([{ ...one, queries: same, structures: same, decoys: matrixOf(new Float32Array(0), 8) }], 1);
    expect(tied.map(({ top }) => top[0]!.value)).toEqual([0, 0]);
    expect(tied[0]!.top[2]!.value).toBe(1);
  });

  it('tells settings apart and together', () => {
    const rows = cellsRetrieval([fold(10, 0.5, 1, ['10X', '20X'])], 1);
    expect([...new Set(rows.map(({ setting }) => setting))]).toEqual(['all', '10X', '20X']);
    expect(rows[0]).toMatchObject({ compounds: 10, queries: 20 });
    const table = cellsTable(rows);
    expect(new Set(table.map((row) => row.length))).toEqual(new Set([table[0]!.length]));
    expect(() => cellsRetrieval([fold(1, 0, 1)], 1)).toThrow(/at least two compounds/);
  });
});
