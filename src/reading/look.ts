/** One look of the reader at a picture: its pixels as the network wants them, and how well what it saw fits together. */
import { connect } from './decode/connect.ts';
import { DECODE_DEFAULTS } from './decode/decode.ts';
import { bondsByAtom, otherEnd } from './decode/sketch.ts';
import type { Sketch } from './decode/sketch.ts';
import { atomSpots, bondSpots } from './decode/spots.ts';
import type { ReaderMaps } from './define.ts';
import { resample } from './resample.ts';
import type { InkPicture } from './resample.ts';

/** Paper around the drawing, in pixels: atoms at its edge keep their surroundings. */
export const MARGIN = 6;
/** Sides of the network's picture are multiples of this. */
const MULTIPLE = 16;
/** Of full ink: fainter pixels do not tell how dark the lines are. */
const FAINT = 0.15;
/** The level that this share of inked pixels stay below becomes 1. */
const FULL_SHARE = 0.97;
const FAINTEST_FULL = 0.3;
const BRIGHTEST = 1.2;

/** (height, width), 0 = paper, 1 = full ink. */
export interface NetworkPicture {
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** The ink at another size, its lines as dark as if drawn at that size, with paper around. */
export function networkPicture(ink: InkPicture, scale: number): NetworkPicture {
  const [rows, columns] = [Math.max(8, Math.round(ink.rows * scale)), Math.max(8, Math.round(ink.columns * scale))];
  const { data } = resample(ink, rows, columns);
  const [height, width] = [padded(rows), padded(columns)];
  const gain = 1 / (255 * fullInk(data));
  const pixels = new Float32Array(height * width);
  for (let y = 0; y < rows; y++) {
    const to = (y + MARGIN) * width + MARGIN;
    for (let x = 0; x < columns; x++) pixels[to + x] = Math.min(BRIGHTEST, gain * data[y * columns + x]!);
  }
  return { pixels, height, width };
}

/** Pixels of a picture of this scale. */
export function pixelsAt({ rows, columns }: InkPicture, scale: number): number {
  return padded(Math.round(rows * scale)) * padded(Math.round(columns * scale));
}

function padded(side: number): number {
  return Math.ceil((Math.max(8, side) + 2 * MARGIN) / MULTIPLE) * MULTIPLE;
}

/** The level of full ink, 0 to 1: shrinking makes thin lines pale. */
function fullInk(data: Float32Array): number {
  const histogram = new Uint32Array(256);
  let inked = 0;
  for (const value of data) {
    if (value <= FAINT * 255) continue;
    histogram[Math.min(255, Math.round(value))]!++;
    inked++;
  }
  if (inked === 0) return 1;
  let level = 0;
  for (let seen = histogram[0]!; seen < FULL_SHARE * inked; seen += histogram[level]!) level++;
  return Math.max(FAINTEST_FULL, level / 255);
}

export interface LookVerdict {
  /** Median length of the bonds, in pixels; `typical` where too few are seen. */
  readonly bond: number;
  /** How sure the reader is, less what speaks against the size; 0 where it sees nothing. */
  readonly score: number;
}

const DIM = 0.15;
/** Cosine between the two bonds of an atom that lies in a straight line with both neighbours. */
const STRAIGHT = -0.95;

/**
 * Mean sureness of bonds and of atoms, less the share of atoms in the middle of a straight line: where the picture is too large,
 * one bond breaks into several, each of them sure.
 */
export function judgeLook(maps: ReaderMaps, typical: number): LookVerdict {
  const spots = bondSpots(maps, DIM, typical);
  if (spots.length < 2) return { bond: typical, score: 0 };
  const { atomThreshold, bondThreshold, apart, reach, sureBond } = DECODE_DEFAULTS;
  const atoms = atomSpots(maps, DIM, 0);
  const sure = atomSpots(maps, atomThreshold, apart * typical);
  const sketch = connect(maps, sure, spots.filter(({ presence }) => presence > bondThreshold), { typical, reach, sureBond });
  const lengths = spots.map(({ length }) => length).sort((a, b) => a - b);
  return { bond: lengths[lengths.length >> 1]!, score: meanPresence(spots) + meanPresence(atoms) - straightShare(sketch) };
}

function meanPresence(spots: readonly { readonly presence: number }[]): number {
  return spots.length === 0 ? 0 : spots.reduce((sum, { presence }) => sum + presence, 0) / spots.length;
}

/** Of the atoms with two bonds. */
function straightShare(sketch: Sketch): number {
  let [straight, all] = [0, 0];
  bondsByAtom(sketch).forEach((bonds, i) => {
    if (bonds.length !== 2) return;
    const [[ax, ay], [bx, by]] = bonds.map((bond) => {
      const [own, other] = [sketch.atoms[i]!, sketch.atoms[otherEnd(bond, i)]!];
      const length = Math.max(1e-6, Math.hypot(other.x - own.x, other.y - own.y));
      return [(other.x - own.x) / length, (other.y - own.y) / length] as const;
    }) as unknown as [readonly [number, number], readonly [number, number]];
    all++;
    if (ax * bx + ay * by < STRAIGHT) straight++;
  });
  return all === 0 ? 0 : straight / all;
}
