/** At which size a reader sees a drawing best. Its bonds may have any length, the reader knows one: sizes are tried, coarse ones first. */
import { decodeMaps } from './decode/decode.ts';
import type { DecodeOptions } from './decode/decode.ts';
import type { DrawnGraph } from './decode/drawn.ts';
import { TYPICAL_BOND } from './define.ts';
import type { ReaderMaps, ReaderVocabulary } from './define.ts';
import { MARGIN, judgeLook, networkPicture, pixelsAt } from './look.ts';
import { cropToInk, resample } from './resample.ts';
import type { InkPicture } from './resample.ts';

/** pixels: (height, width), 0 = paper, 1 = full ink; both sides are multiples of 8. */
export type Infer = (pixels: Float32Array, height: number, width: number) => Promise<ReaderMaps>;

export interface ScaleOptions {
  /** Pixels of a bond at which the reader sees best, and of a bond of length 1 in its maps. */
  readonly typicalBond?: number;
  /** Most pixels of one look. */
  readonly mostPixels?: number;
}

export interface FoundScale {
  /** Pixels of the network's picture for one of the ink's. */
  readonly scale: number;
  /** The ink's pixel at the network's (MARGIN, MARGIN). */
  readonly top: number;
  readonly left: number;
  readonly maps: ReaderMaps;
  /** See `judgeLook`. */
  readonly score: number;
}

export interface ReadInk extends FoundScale {
  readonly graph: DrawnGraph;
}

const MOST_PIXELS = 1_600_000;
/** Longer sides tried, in typical bonds; from `ALWAYS` on only while they get better. */
const SIDES = [3.4, 5.6, 9.4, 14.4, 21.2, 31.2, 46, 69, 104, 156];
const ALWAYS = 5;
/** Enlarged further, a drawing shows nothing new. */
const LARGEST_SCALE = 2.5;
/** Paper that shows through, dust and compression noise do not belong to the drawing. */
const FAINT_INK = 38;
/** Refinements towards the typical bond, and how far one may go. */
const REFINEMENTS = 2;
const NEAR_ENOUGH = 0.044;
const SMALLEST_STEP = 0.7;
const LARGEST_STEP = 1.45;
/** A refinement that scores this much less is not taken. */
const WORSE = 0.05;

interface Look {
  readonly scale: number;
  readonly maps: ReaderMaps;
  readonly bond: number;
  readonly score: number;
}

/** Undefined where there is no ink, or nothing that looks like a bond at any size. */
export async function findScale(ink: InkPicture, infer: Infer, options: ScaleOptions = {}): Promise<FoundScale | undefined> {
  const { typicalBond = TYPICAL_BOND, mostPixels = MOST_PIXELS } = options;
  const shrunk = shrinkOnce(ink, mostPixels);
  const cropped = cropToInk(shrunk.picture, FAINT_INK);
  if (cropped === undefined) return undefined;
  const look = async (scale: number): Promise<Look> => {
    const { pixels, height, width } = networkPicture(cropped, scale);
    const maps = await infer(pixels, height, width);
    return { scale, maps, ...judgeLook(maps, typicalBond) };
  };
  const rough = await tryScales(cropped, look, typicalBond, mostPixels);
  if (rough === undefined) return undefined;
  const { scale, maps, score } = await refine(rough, cropped, look, typicalBond, mostPixels);
  return { scale: scale * shrunk.scale, top: cropped.top / shrunk.scale, left: cropped.left / shrunk.scale, maps, score };
}

/** The drawn graph of the ink, its atoms in pixels of the network's picture; `inkPlace` takes them back. */
export async function readInk(ink: InkPicture, infer: Infer, vocabulary: ReaderVocabulary, options: ScaleOptions & DecodeOptions = {}): Promise<ReadInk | undefined> {
  const found = await findScale(ink, infer, options);
  return found === undefined ? undefined : { ...found, graph: decodeMaps(found.maps, vocabulary, options) };
}

/** Where in the ink a place of the network's picture is. */
export function inkPlace({ scale, top, left }: FoundScale, { x, y }: { readonly x: number; readonly y: number }): { x: number; y: number } {
  return { x: left + (x - MARGIN) / scale, y: top + (y - MARGIN) / scale };
}

/** Large pictures are made smaller once, so that every look after that is cheap. */
function shrinkOnce(ink: InkPicture, mostPixels: number): { readonly picture: InkPicture; readonly scale: number } {
  const scale = Math.sqrt((1.5 * mostPixels) / (ink.rows * ink.columns));
  if (scale >= 1) return { picture: ink, scale: 1 };
  return { picture: resample(ink, Math.max(1, Math.round(ink.rows * scale)), Math.max(1, Math.round(ink.columns * scale))), scale };
}

async function tryScales(ink: InkPicture, look: (scale: number) => Promise<Look>, typicalBond: number, mostPixels: number): Promise<Look | undefined> {
  const longest = Math.max(ink.rows, ink.columns);
  let best: Look | undefined;
  let previous = 0;
  for (const [i, side] of SIDES.entries()) {
    const scale = (side * typicalBond) / longest;
    if (pixelsAt(ink, scale) > mostPixels || (scale > LARGEST_SCALE && previous > 0)) break;
    if (i >= ALWAYS && (best?.scale ?? 0) < previous) break;
    const seen = await look(Math.min(scale, LARGEST_SCALE));
    if (seen.score > (best?.score ?? 0)) best = seen;
    previous = seen.scale;
  }
  return best;
}

async function refine(rough: Look, ink: InkPicture, look: (scale: number) => Promise<Look>, typicalBond: number, mostPixels: number): Promise<Look> {
  let best = rough;
  for (let i = 0; i < REFINEMENTS && Math.abs(best.bond / typicalBond - 1) > NEAR_ENOUGH; i++) {
    const scale = best.scale * Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, typicalBond / best.bond));
    if (pixelsAt(ink, scale) > mostPixels) break;
    const seen = await look(scale);
    if (seen.score < best.score - WORSE) break;
    best = seen;
  }
  return best;
}
