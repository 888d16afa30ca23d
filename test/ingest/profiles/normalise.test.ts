import { describe, expect, it } from 'vitest';
import { matrixOf } from '../../../src/core/index.ts';
import type { Matrix } from '../../../src/core/index.ts';
import { robustScale, selectFeatures, sphere } from '../../../src/ingest/index.ts';
import type { Profiles } from '../../../src/ingest/index.ts';
import { noisyProfiles, well } from './tables.ts';

const column = ({ matrix: { data, cols, rows } }: Profiles, c: number, rowsOf: (row: number) => boolean): number[] => Array.from({ length: rows }, (_, r) => r).filter(rowsOf).map((r) => data[r * cols + c]!);
/** Slow and plain: half of the values lie on either side. */
const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};
const deviation = (values: number[]): number => 1.482602218505602 * median(values.map((value) => Math.abs(value - median(values))));

describe('robustScale', () => {
  it.each([1, 2, 3])('gives the controls of every plate median 0 and scaled deviation 1, as the slow formula does (%i plates)', (plates) => {
    const table = noisyProfiles(48, 9, { plates });
    const { profiles, platesWithoutControls, flat } = robustScale(table);
    expect([platesWithoutControls, flat]).toEqual([[], []]);
    for (let p = 0; p < plates; p++) {
      const own = (row: number): boolean => table.wells[row]!.plate === `P${p}`;
      const controls = (row: number): boolean => own(row) && table.wells[row]!.isControl;
      for (let c = 0; c < 9; c++) {
        expect(median(column(profiles, c, controls))).toBeCloseTo(0, 5);
        expect(deviation(column(profiles, c, controls))).toBeCloseTo(1, 5);
        const [centre, spread] = [median(column(table, c, controls)), deviation(column(table, c, controls))];
        column(table, c, own).forEach((value, i) => expect(column(profiles, c, own)[i]).toBeCloseTo((value - centre) / spread, 3));
      }
    }
  });

  it('is blind to shift and scale of a plate', () => {
    const table = noisyProfiles(20, 4);
    const moved = { ...table, matrix: matrixOf(table.matrix.data.map((value) => 3 * value - 7), 4) };
    const [a, b] = [robustScale(table), robustScale(moved)].map(({ profiles }) => profiles.matrix.data);
    a!.forEach((value, i) => expect(b![i]).toBeCloseTo(value, 3));
  });

  it('says which plates it scaled by all wells and which features it left out', () => {
    const table = noisyProfiles(30, 3);
    const wells = table.wells.map((one, row) => ({ ...one, plate: row < 15 ? 'with' : 'without', isControl: row < 15 && one.isControl }));
    const data = table.matrix.data.map((value, i) => (i % 3 === 1 && wells[Math.floor(i / 3)]!.isControl ? 5 : value));
    const { profiles, platesWithoutControls, flat } = robustScale({ ...table, wells, matrix: matrixOf(data, 3) });
    expect(platesWithoutControls).toEqual(['without']);
    expect(flat).toEqual(['Cells_1']);
    expect(profiles.features).toEqual(['Cells_0', 'Cells_2']);
    expect(median(column(profiles, 0, (row) => row >= 15))).toBeCloseTo(0, 5);
    expect(() => robustScale({ ...table, matrix: matrixOf(new Float32Array(90).fill(2), 3) })).toThrow(/all 3 are flat/);
  });
});

function covariance({ wells, matrix: { data, cols, rows } }: Profiles): number[][] {
  const own = Array.from({ length: rows }, (_, r) => r).filter((r) => wells[r]!.isControl);
  const mean = Array.from({ length: cols }, (_, c) => own.reduce((sum, r) => sum + data[r * cols + c]!, 0) / own.length);
  return mean.map((_, i) => mean.map((__, j) => own.reduce((sum, r) => sum + (data[r * cols + i]! - mean[i]!) * (data[r * cols + j]! - mean[j]!), 0) / own.length));
}

/** Features that hang together: each is its neighbour and some noise. */
function mixed(rows: number, cols: number): Profiles {
  const table = noisyProfiles(rows, cols, { every: 1 });
  const data = table.matrix.data.map((value, i) => (i % cols === 0 ? value : value + 0.8 * table.matrix.data[i - 1]!));
  return { ...table, matrix: matrixOf(data, cols) };
}

describe('sphere', () => {
  it.each([[60, 5], [400, 12]])('whitens %i controls of %i features', (rows, cols) => {
    const { profiles, reference } = sphere(mixed(rows, cols), { shrinkage: 0 });
    expect(reference).toBe('controls');
    covariance(profiles).forEach((line, i) => line.forEach((value, j) => expect(value).toBeCloseTo(i === j ? 1 : 0, 2)));
  });

  it('comes near identity by its own shrinkage where there are many controls', () => {
    const { profiles, shrinkage } = sphere(mixed(3000, 6));
    expect(shrinkage).toBeLessThan(0.01);
    covariance(profiles).forEach((line, i) => line.forEach((value, j) => expect(value).toBeCloseTo(i === j ? 1 : 0, 0.5)));
  });

  it('gives the same from either product of few controls and many features: S (1 - a) + a m I, inverted', () => {
    const table = mixed(10, 14);
    const [a, before] = [0.3, covariance(table)];
    const { profiles } = sphere(table, { shrinkage: a });
    const meanVariance = before.reduce((sum, line, i) => sum + line[i]!, 0) / 14;
    // Slow: distances after whitening are x' (regularised covariance)^-1 x, by elimination.
    const solve = (b: number[]): number[] => {
      const rows = before.map((line, i) => [...line.map((value, j) => (1 - a) * value + (i === j ? a * meanVariance : 0)), b[i]!]);
      for (let p = 0; p < rows.length; p++) for (let r = 0; r < rows.length; r++) if (r !== p) {
        const factor = rows[r]![p]! / rows[p]![p]!;
        rows[r] = rows[r]!.map((value, k) => value - factor * rows[p]![k]!);
      }
      return rows.map((line, i) => line[14]! / line[i]!);
    };
    const x = Array.from({ length: 14 }, (_, c) => table.matrix.data[c]! - table.matrix.data[14 + c]!);
    const expected = solve(x).reduce((sum, value, c) => sum + value * x[c]!, 0);
    const found = Array.from({ length: 14 }, (_, c) => (profiles.matrix.data[c]! - profiles.matrix.data[14 + c]!) ** 2).reduce((sum, value) => sum + value, 0);
    expect(found / expected).toBeCloseTo(1, 4);
  });

  it('shrinks by what Ledoit and Wolf define, term by term', () => {
    const table = mixed(12, 8);
    const { data } = table.matrix;
    const S = covariance(table);
    const mean = Array.from({ length: 8 }, (_, c) => Array.from({ length: 12 }, (__, r) => data[r * 8 + c]!).reduce((sum, value) => sum + value, 0) / 12);
    const m = S.reduce((sum, line, i) => sum + line[i]!, 0) / 8;
    let distance = 0;
    let noise = 0;
    for (let i = 0; i < 8; i++) for (let j = 0; j < 8; j++) {
      distance += (S[i]![j]! - (i === j ? m : 0)) ** 2;
      for (let r = 0; r < 12; r++) noise += ((data[r * 8 + i]! - mean[i]!) * (data[r * 8 + j]! - mean[j]!) - S[i]![j]!) ** 2 / 144;
    }
    expect(sphere(table).shrinkage).toBeCloseTo(Math.min(1, noise / distance), 5);
  });

  it('refuses what has no spread, and says when it goes by all wells', () => {
    const table = noisyProfiles(8, 3, { every: 99 });
    expect(sphere({ ...table, wells: table.wells.map((one) => ({ ...one, isControl: false })) }).reference).toBe('wells');
    expect(() => sphere({ ...table, matrix: matrixOf(new Float32Array(24).fill(1), 3) })).toThrow(/all are equal/);
    expect(() => sphere({ wells: [well('A01')], features: ['F'], matrix: matrixOf(Float32Array.of(1), 1) })).toThrow(/at least two wells/);
  });
});

describe('selectFeatures', () => {
  const columns = (...values: number[][]): Matrix => matrixOf(Float32Array.from(values[0]!.flatMap((_, r) => values.map((one) => one[r]!))), values.length);
  const wave = (step: number): number[] => Array.from({ length: 100 }, (_, i) => Math.sin(step * i));

  it('drops features that hardly vary', () => {
    const rare = wave(1).map((_, i) => Number(i === 0));
    const often = wave(1).map((_, i) => Number(i < 10));
    expect(selectFeatures(columns(wave(1), rare, often, wave(0).map(() => 3)))).toEqual({ kept: [0, 2], lowVariance: 2, correlated: 0 });
  });

  it('of two that correlate drops the one that correlates more with all others; mirror images stay', () => {
    const a = wave(1);
    const b = wave(2);
    const mixture = a.map((value, i) => value + 0.3 * b[i]!);
    expect(selectFeatures(columns(a, mixture, b))).toEqual({ kept: [0, 2], lowVariance: 0, correlated: 1 });
    expect(selectFeatures(columns(a, a.map((value) => -value))).kept).toEqual([0, 1]);
    expect(selectFeatures(columns(a, a)).kept).toEqual([0]);
    expect(selectFeatures(columns(a, mixture, b), { maxCorrelation: 0.99 }).kept).toEqual([0, 1, 2]);
  });
});
