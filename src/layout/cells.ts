/** Neighbours of every row among those that share a landmark with it: no row is compared with the whole library. */
import { TopK } from '../ann/index.ts';
import { dot, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { NeighbourTable } from './neighbour-graph.ts';

/** Of a crowded cell only so many are looked at, or the work would grow with the square of the library. */
const MOST_OF_A_CELL = 100;
/** Rows between two turns of others: some tens of milliseconds. */
const ROWS_AT_ONCE = 512;

/** marks: (rows, among) landmarks of each row, the nearest first, -1 where there are fewer. Says which share is done. */
export function* neighboursWithinCells(
  vectors: Matrix, marks: Int32Array, among: number, landmarks: number, k: number,
): Generator<number, NeighbourTable> {
  const { rows } = vectors;
  const cells = cellsOf(marks, among, landmarks);
  const labels = new Int32Array(rows * k).fill(-1);
  const distances = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    if (row % ROWS_AT_ONCE === 0) yield row / rows;
    const own = rowOf(vectors, row);
    const best = new TopK(k);
    for (let i = row * among; i < (row + 1) * among; i++) {
      const cell = marks[i]! < 0 ? [] : cells[marks[i]!]!;
      // Another part of a crowded cell for each row, so that all of it is looked at by someone.
      const step = Math.max(1, cell.length / MOST_OF_A_CELL);
      for (let j = (row % 7) * (step / 7); j < cell.length; j += step) {
        const other = cell[Math.floor(j)]!;
        if (other !== row) best.offer(other, dot(own, rowOf(vectors, other)));
      }
    }
    const found = best.take();
    labels.set(found.labels, row * k);
    found.scores.forEach((score, i) => (distances[row * k + i] = 1 - score));
  }
  return { k, labels, distances };
}

/** Rows by their nearest landmark. */
function cellsOf(marks: Int32Array, among: number, landmarks: number): number[][] {
  const cells = Array.from({ length: landmarks }, (): number[] => []);
  for (let i = 0; i < marks.length; i += among) cells[marks[i]!]!.push(i / among);
  return cells;
}
