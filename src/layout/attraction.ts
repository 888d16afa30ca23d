/** Moves points so that neighbours come together and others keep their distance (UMAP, arXiv:1802.03426, section 3.2). */
import { createRng } from '../core/index.ts';
import type { Bonds } from './neighbour-graph.ts';

/** The curve 1 / (1 + a d^2b) for points that may touch (min_dist 0.1, spread 1), as its authors fitted it. */
const A = 1.577;
const B = 0.895;
/** Points pushed away for each that is drawn near. */
const PUSHED = 5;
const LONGEST_STEP = 4;
const FIRST_RATE = 1;
const TOO_NEAR = 0.001;

/** One epoch a turn, so that the caller can tell how far it is and let others work. `points`: (rows, 2), moved in place. */
export function* attract(points: Float64Array, bonds: Bonds, epochs: number, seed: number): Generator<number> {
  const rows = points.length / 2;
  const { from, to, weights } = bonds;
  const rng = createRng(seed);
  const strongest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  // A bond half as sure is looked at half as often.
  const every = Float64Array.from(weights, (weight) => strongest / weight);
  const due = every.slice();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const rate = FIRST_RATE * (1 - (epoch - 1) / epochs);
    for (let bond = 0; bond < from.length; bond++) {
      if (due[bond]! > epoch) continue;
      due[bond]! += every[bond]!;
      // Each end in its turn, or a landmark at the rim would be pushed away from nobody.
      draw(points, from[bond]!, to[bond]!, rate);
      for (let i = 0; i < PUSHED; i++) push(points, from[bond]!, rng.int(rows), rate);
      for (let i = 0; i < PUSHED; i++) push(points, to[bond]!, rng.int(rows), rate);
    }
    yield epoch;
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
