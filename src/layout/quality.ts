/** How much of the neighbourhood a map keeps. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { VectorIndex } from '../ann/index.ts';
import { rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';

const SAMPLE = 1000;
const NEIGHBOURS = 10;
const ON_THE_MAP = 100;
/** Between two turns of others. */
const SEARCHES_AT_ONCE = 8;

/** Share of the 10 nearest by embedding that are among the 100 nearest on each map, over up to 1,000 evenly spread rows. */
export async function neighbourShares(vectors: Matrix, index: VectorIndex, maps: readonly Float32Array[]): Promise<number[]> {
  const { rows } = vectors;
  const kept = maps.map(() => 0);
  let all = 0;
  const sample = Math.min(SAMPLE, rows);
  for (let s = 0; s < sample; s++) {
    if (s % SEARCHES_AT_ONCE === 0) await nextTurn();
    const row = Math.floor((s * rows) / sample);
    const near = [...index.search(rowOf(vectors, row), NEIGHBOURS + 1).labels].filter((label) => label !== row).slice(0, NEIGHBOURS);
    all += near.length;
    maps.forEach((points, m) => (kept[m]! += keptOf(points, row, near)));
  }
  return kept.map((count) => (all === 0 ? 1 : count / all));
}

/** How many of `near` have fewer than 100 other points before them: one pass over the map, no sorting of it. */
function keptOf(points: Float32Array, row: number, near: readonly number[]): number {
  const limits = Float64Array.from(near, (label) => squareTo(points, row, label)).sort();
  const widest = limits.at(-1) ?? -1;
  const before = new Int32Array(limits.length);
  for (let other = 0; other < points.length / 2; other++) {
    if (other === row) continue;
    const square = squareTo(points, row, other);
    if (square >= widest) continue;
    let place = limits.length - 1;
    while (place > 0 && square < limits[place - 1]!) place--;
    before[place]!++;
  }
  let [sum, kept] = [0, 0];
  for (const count of before) {
    sum += count;
    if (sum < ON_THE_MAP) kept++;
  }
  return kept;
}

function squareTo(points: Float32Array, one: number, other: number): number {
  const dx = points[2 * one]! - points[2 * other]!;
  const dy = points[2 * one + 1]! - points[2 * other + 1]!;
  return dx * dx + dy * dy;
}
