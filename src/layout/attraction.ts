/** Moves points so that neighbours come together and others keep their distance (UMAP, arXiv:1802.03426, section 3.2). */
import { createRng } from '../core/index.ts';
import type { Bonds } from './neighbour-graph.ts';

/** The curve 1 / (1 + a d^2b) for points that may lie on each other (min_dist 0, spread 1), as its authors fitted it. */
const A = 1.929;
const B = 0.7915;
/** Points pushed away for each that is drawn near. */
const PUSHED = 5;
const LONGEST_STEP = 4;
const TOO_NEAR = 0.001;
/** Rows between two turns of others: some milliseconds. */
const ROWS_AT_ONCE = 4096;

export interface AttractOptions {
  readonly epochs: number;
  /** Length of the first steps; it falls to 0. */
  readonly rate: number;
  readonly seed: number;
}

/** Says after some milliseconds at a time which share is done, 0 to 1. points: (rows, 2), moved in place. */
export function* attract(points: Float64Array, bonds: Bonds, { epochs, rate: first, seed }: AttractOptions): Generator<number> {
  const { k, labels, weights } = bonds;
  const rows = points.length / 2;
  const rng = createRng(seed);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = first * (1 - epoch / epochs);
    for (let row = 0; row < rows; row++) {
      if (row % ROWS_AT_ONCE === 0) yield (epoch + row / rows) / epochs;
      for (let bond = row * k; bond < (row + 1) * k; bond++) {
        // A bond half as sure is looked at half as often.
        if (weights[bond]! <= rng.next()) continue;
        draw(points, row, labels[bond]!, rate);
        for (let i = 0; i < PUSHED; i++) push(points, row, rng.int(rows), rate);
      }
    }
  }
}

function draw(points: Float64Array, one: number, other: number, rate: number): void {
  const dx = points[2 * one]! - points[2 * other]!;
  const dy = points[2 * one + 1]! - points[2 * other + 1]!;
  const square = dx * dx + dy * dy;
  if (square === 0) return;
  const power = square ** B;
  const pull = (-2 * A * B * power) / (square * (1 + A * power));
  const stepX = clipped(pull * dx) * rate;
  const stepY = clipped(pull * dy) * rate;
  points[2 * one]! += stepX;
  points[2 * one + 1]! += stepY;
  points[2 * other]! -= stepX;
  points[2 * other + 1]! -= stepY;
}

function push(points: Float64Array, one: number, other: number, rate: number): void {
  if (one === other) return;
  const dx = points[2 * one]! - points[2 * other]!;
  const dy = points[2 * one + 1]! - points[2 * other + 1]!;
  const square = dx * dx + dy * dy;
  if (square === 0) return;
  const force = (2 * B) / ((TOO_NEAR + square) * (1 + A * square ** B));
  points[2 * one]! += clipped(force * dx) * rate;
  points[2 * one + 1]! += clipped(force * dy) * rate;
}

function clipped(step: number): number {
  return step > LONGEST_STEP ? LONGEST_STEP : step < -LONGEST_STEP ? -LONGEST_STEP : step;
}
