/**
 * A map of a library: two numbers a molecule, such that what is alike lies together. Some molecules, spread evenly, are laid out
 * with regard to each other (UMAP); all others find their place among those, and then all are moved a little by their own
 * neighbours. So the work grows with the library and no faster.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { indexBackend } from '../ann/index.ts';
import type { VectorIndex } from '../ann/index.ts';
import { IsoLensError, createRng, matrixOf, rowOf } from '../core/index.ts';
import type { Matrix, Progress } from '../core/index.ts';
import { attract } from './attraction.ts';
import { neighboursWithinCells } from './cells.ts';
import { bondsOf } from './neighbour-graph.ts';
import type { NeighbourTable } from './neighbour-graph.ts';
import { principalPlane, projected } from './principal.ts';

/** With 8,000 of 58,000 molecules a hundredth more of the neighbours is kept, in nearly twice the time. */
export const LANDMARKS = 4000;
const NEIGHBOURS = 15;
const EPOCHS = 300;
/** Landmarks that a molecule is placed among. */
const AMONG = 5;
/** Side of the square in which the optimisation starts: what the curve of attraction is made for. */
const START_SIDE = 10;
const EF_SEARCH = 32;
/** Work between two looks at who else wants the thread: some tens of milliseconds. */
const ROWS_AT_ONCE = 256;
/** Rounds over all molecules, with shorter steps: each has its place already. */
const REFINING_EPOCHS = 50;
const REFINING_RATE = 0.5;
/** Before these: many need more room than few. */
const SPREAD = 2;
/** A difference of cosines after which a landmark counts e times less: a mean of far ones would draw everything to the middle. */
const SHARPNESS = 0.005;
/** Of the distance between neighbouring landmarks: those that share one shall not hide each other. */
const JITTER = 0.15;

const OF_LANDMARKS = `UMAP (${NEIGHBOURS} neighbours) of up to ${LANDMARKS} landmarks, ${EPOCHS} epochs`;
export const LAYOUT_METHOD = `${OF_LANDMARKS}; all molecules among their ${AMONG} nearest, then ${REFINING_EPOCHS} epochs`;
const INTERRUPTED = 'The build was interrupted; finished parts are kept, and the same command goes on from there.';

export interface LayoutOptions {
  readonly seed: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  readonly landmarks?: number;
}

export interface Layout {
  /** (rows, 2), each from 0 to 1. */
  readonly points: Float32Array;
  /** The same rows on the plane of largest spread, in its own units: what a map must be better than. */
  readonly principal: Float32Array;
}

/** vectors: (rows, dimension), unit rows. Takes the thread for some tens of milliseconds at a time, but for the plane: half a second. */
export async function layOut(vectors: Matrix, { seed, progress, signal, landmarks = LANDMARKS }: LayoutOptions): Promise<Layout> {
  const { rows } = vectors;
  const marks = landmarksOf(rows, Math.min(rows, landmarks), seed);
  const total = marks.length + 2 * rows;
  progress.start('map', total);
  const turn = async (done: number): Promise<void> => {
    progress.update(Math.min(total, Math.floor(done)));
    await nextTurn();
    if (signal?.aborted === true) throw new IsoLensError('CANCELLED', INTERRUPTED);
  };
  const chosen = gathered(vectors, marks);
  const index = await indexOf(chosen, seed, turn);
  const plane = principalPlane(chosen);
  await turn(0);
  const places = withinSquare(projected(chosen, plane), START_SIDE);
  const bonds = bondsOf(await neighboursOf(chosen, index, turn));
  for (const share of attract(places, bonds, { epochs: EPOCHS, rate: 1, seed })) await turn(marks.length * share);
  const placed = await placeAll(vectors, marks, places, index, seed, (done) => turn(marks.length + done));
  // Where all were laid out with regard to each other, nothing is left to refine.
  if (rows > marks.length) await refine(vectors, placed, marks.length, seed, (share) => turn(marks.length + rows * (1 + share)));
  return { points: Float32Array.from(withinSquare(placed.points, 1)), principal: Float32Array.from(projected(vectors, plane)) };
}

/** A few rounds over the neighbours of all molecules: those of one landmark then lie as they are like each other. */
async function refine(vectors: Matrix, { points, nearest }: Placed, landmarks: number, seed: number, turn: Turn): Promise<void> {
  const finding = neighboursWithinCells(vectors, nearest, AMONG, landmarks, NEIGHBOURS);
  let found = finding.next();
  for (; found.done !== true; found = finding.next()) await turn(found.value / 2);
  points.forEach((value, i) => (points[i] = value * SPREAD));
  const moving = attract(points, bondsOf(found.value), { epochs: REFINING_EPOCHS, rate: REFINING_RATE, seed });
  for (const share of moving) await turn((1 + share) / 2);
}

/** Where something lies whose nearest are these: their mean, the nearest ones first by far. Places: (rows, 2). */
export function placeAmong(places: ArrayLike<number>, labels: ArrayLike<number>, scores: ArrayLike<number>): [number, number] {
  let [x, y, sum] = [0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const weight = Math.exp((scores[i]! - scores[0]!) / SHARPNESS);
    x += weight * places[2 * labels[i]!]!;
    y += weight * places[2 * labels[i]! + 1]!;
    sum += weight;
  }
  return [x / sum, y / sum];
}

/** One of each stretch of rows, but not the first of each: a library may repeat itself at just that length. */
function landmarksOf(rows: number, count: number, seed: number): number[] {
  const rng = createRng(seed);
  const start = (i: number): number => Math.floor((i * rows) / count);
  return Array.from({ length: count }, (_, i) => start(i) + rng.int(start(i + 1) - start(i)));
}

type Turn = (done: number) => Promise<void>;

function gathered(vectors: Matrix, marks: readonly number[]): Matrix {
  const data = new Float32Array(marks.length * vectors.cols);
  marks.forEach((row, i) => data.set(rowOf(vectors, row), i * vectors.cols));
  return matrixOf(data, vectors.cols);
}

/** A graph over the landmarks alone, so that to place one molecule costs the same however many there are. */
async function indexOf(landmarks: Matrix, seed: number, turn: Turn): Promise<VectorIndex> {
  const backend = indexBackend('hnsw');
  const index = backend.create(landmarks.cols, backend.parameters.parse({ m: 16, efConstruction: 100, efSearch: 64, seed }));
  for (let from = 0; from < landmarks.rows; from += ROWS_AT_ONCE) {
    const to = Math.min(landmarks.rows, from + ROWS_AT_ONCE);
    index.add(matrixOf(landmarks.data.subarray(from * landmarks.cols, to * landmarks.cols), landmarks.cols));
    await turn(0);
  }
  return index;
}

async function neighboursOf(landmarks: Matrix, index: VectorIndex, turn: Turn): Promise<NeighbourTable> {
  const { rows } = landmarks;
  const k = Math.min(NEIGHBOURS, Math.max(1, rows - 1));
  const labels = new Int32Array(rows * k).fill(-1);
  const distances = new Float32Array(rows * k);
  for (let r = 0; r < rows; r++) {
    const found = index.search(rowOf(landmarks, r), k + 1);
    let at = r * k;
    found.labels.forEach((label, i) => {
      if (label === r || at === (r + 1) * k) return;
      labels[at] = label;
      distances[at++] = 1 - found.scores[i]!;
    });
    if (r % ROWS_AT_ONCE === 0) await turn(0);
  }
  return { k, labels, distances };
}

interface Placed {
  /** (rows, 2) */
  readonly points: Float64Array;
  /** (rows, AMONG) landmarks of each row, the nearest first; -1 where there are fewer. */
  readonly nearest: Int32Array;
}

async function placeAll(
  vectors: Matrix, marks: readonly number[], places: Float64Array, index: VectorIndex, seed: number, turn: Turn,
): Promise<Placed> {
  const points = new Float64Array(vectors.rows * 2);
  const nearest = new Int32Array(vectors.rows * AMONG).fill(-1);
  const rng = createRng(seed);
  const reach = JITTER * spacing(places, index, vectors, marks);
  for (let row = 0; row < vectors.rows; row++) {
    const { labels, scores } = index.search(rowOf(vectors, row), AMONG, { efSearch: EF_SEARCH });
    const [x, y] = placeAmong(places, labels, scores);
    points[2 * row] = x + reach * rng.normal();
    points[2 * row + 1] = y + reach * rng.normal();
    nearest.set(labels, row * AMONG);
    if (row % ROWS_AT_ONCE === 0) await turn(row);
  }
  // Those that were laid out stay where they were laid.
  marks.forEach((row, i) => points.set(places.subarray(2 * i, 2 * i + 2), 2 * row));
  return { points, nearest };
}

/** Half of the landmarks lie closer to the one most like them. */
function spacing(places: Float64Array, index: VectorIndex, vectors: Matrix, marks: readonly number[]): number {
  const distances = marks.slice(0, ROWS_AT_ONCE).map((row, i) => {
    const other = [...index.search(rowOf(vectors, row), 2).labels].find((label) => label !== i) ?? i;
    return Math.hypot(places[2 * i]! - places[2 * other]!, places[2 * i + 1]! - places[2 * other + 1]!);
  }).sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? 0;
}

/** Moves and scales points, both axes alike, so that they fill a square from 0 to `side`; its middle where they are all one. */
function withinSquare(points: Float64Array, side: number): Float64Array {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    low[i % 2] = Math.min(low[i % 2]!, points[i]!);
    high[i % 2] = Math.max(high[i % 2]!, points[i]!);
  }
  const width = Math.max(high[0]! - low[0]!, high[1]! - low[1]!);
  const middle = [0, 1].map((axis) => (low[axis]! + high[axis]!) / 2);
  const placed = (value: number, i: number): number => side / 2 + (width > 0 ? ((value - middle[i % 2]!) * side) / width : 0);
  // Rounding may lead a hair beyond the rim.
  return points.map((value, i) => Math.min(side, Math.max(0, placed(value, i))));
}
