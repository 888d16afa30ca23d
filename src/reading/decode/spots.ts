/** Places in the maps where an atom or the middle of a bond seems to be, with all that the heads say there. */
import { logistic } from '../../core/index.ts';
import type { ReaderMaps } from '../define.ts';

export interface AtomSpot {
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  /** That there is an atom: 0 to 1. */
  readonly presence: number;
  /** (C) Logarithms of the classes' probabilities. */
  readonly classes: Float64Array;
  /** (Q) Logarithms of the charges' probabilities. */
  readonly charges: Float64Array;
}

export interface BondSpot {
  /** Of the middle; pixels. */
  readonly x: number;
  readonly y: number;
  /** Unit vector along the bond, of either sense. */
  readonly dx: number;
  readonly dy: number;
  /** Pixels. */
  readonly length: number;
  /** That there is a bond: 0 to 1. */
  readonly presence: number;
  /** (3 or 4) Logarithms of the orders' probabilities. */
  readonly orders: Float64Array;
  /** (4) Logarithms of the probabilities of `BOND_STEREO`; undefined where the reader does not see stereo. */
  readonly stereo: Float64Array | undefined;
  /** Towards the wide end of a wedge; zero where the reader does not see stereo. */
  readonly wideX: number;
  readonly wideY: number;
}

/** Indices of cells that are the greatest of their 3 x 3 and above the threshold (a probability), the likeliest first. */
export function peaksOf(logits: Float32Array, { height, width }: ReaderMaps, threshold: number): number[] {
  const least = Math.log(threshold / (1 - threshold));
  const found: number[] = [];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (logits[at]! > least && isGreatest(logits, height, width, y, x)) found.push(at);
    }
  }
  return found.sort((a, b) => logits[b]! - logits[a]! || a - b);
}

function isGreatest(logits: Float32Array, height: number, width: number, y: number, x: number): boolean {
  const own = logits[y * width + x]!;
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) if (logits[v * width + u]! > own) return false;
  }
  return true;
}

/** Atoms of the maps, the surest first; of two closer than `apart` pixels the surer stays. */
export function atomSpots(maps: ReaderMaps, threshold: number, apart: number): AtomSpot[] {
  const spots: AtomSpot[] = [];
  for (const at of peaksOf(maps.heads.atom, maps, threshold)) {
    const spot = atomSpotAt(maps, at);
    if (spots.every((other) => Math.hypot(other.x - spot.x, other.y - spot.y) > apart)) spots.push(spot);
  }
  return spots;
}

export function atomSpotAt(maps: ReaderMaps, at: number): AtomSpot {
  const { heads } = maps;
  return {
    ...placeOf(maps, at, heads.atomOffset),
    presence: logistic(heads.atom[at]!),
    classes: logProbabilities(maps, heads.element, at),
    charges: logProbabilities(maps, heads.charge, at),
  };
}

/** Bonds of the maps, the surest first. `typical`: pixels of a bond of length 1 in the maps. */
export function bondSpots(maps: ReaderMaps, threshold: number, typical: number): BondSpot[] {
  return peaksOf(maps.heads.bond, maps, threshold).map((at) => bondSpotAt(maps, at, typical));
}

export function bondSpotAt(maps: ReaderMaps, at: number, typical: number): BondSpot {
  const { heads, height, width } = maps;
  const plane = height * width;
  const angle = Math.atan2(heads.axis[plane + at]!, heads.axis[at]!) / 2;
  return {
    ...placeOf(maps, at, heads.bondOffset),
    dx: Math.cos(angle), dy: Math.sin(angle), length: Math.max(0, heads.axis[2 * plane + at]!) * typical,
    presence: logistic(heads.bond[at]!),
    orders: logProbabilities(maps, heads.order, at),
    stereo: heads.stereo === undefined ? undefined : logProbabilities(maps, heads.stereo, at),
    wideX: heads.narrow?.[at] ?? 0, wideY: heads.narrow?.[plane + at] ?? 0,
  };
}

/** The cell that a pixel lies in; undefined outside of the maps. */
export function cellAt({ height, width, stride }: ReaderMaps, x: number, y: number): number | undefined {
  const [column, row] = [Math.floor(x / stride), Math.floor(y / stride)];
  return column < 0 || row < 0 || column >= width || row >= height ? undefined : row * width + column;
}

function placeOf({ height, width, stride }: ReaderMaps, at: number, offset: Float32Array): { x: number; y: number } {
  const x = (at % width) + 0.5 + offset[at]!;
  const y = Math.floor(at / width) + 0.5 + offset[height * width + at]!;
  return { x: x * stride, y: y * stride };
}

const NOTHING = new Float64Array(0);

/** Of one cell of (channels, height, width) logits; empty where the head was not asked for. */
function logProbabilities({ height, width }: ReaderMaps, logits: Float32Array, at: number): Float64Array {
  if (logits.length === 0) return NOTHING;
  const plane = height * width;
  const values = Float64Array.from({ length: logits.length / plane }, (_, channel) => logits[channel * plane + at]!);
  const most = Math.max(...values);
  const total = Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0)) + most;
  return values.map((value) => value - total);
}
