/** At which size a reader sees a drawing best. Its bonds may have any length, the reader knows one: sizes are tried, coarse ones first. */
import { decodeMaps } from './decode/decode.ts';
import type { DecodeOptions } from './decode/decode.ts';
import type { DrawnGraph } from './decode/drawn.ts';
import { TYPICAL_BOND } from './define.ts';
import type { ReaderHeads, ReaderMaps, ReaderVocabulary } from './define.ts';
import { MARGIN, judgeLook, networkPicture, pixelsAt } from './look.ts';
import { vote } from './vote.ts';
import { cropToInk, resample } from './resample.ts';
import type { InkPicture } from './resample.ts';

/** What a look is for: to judge its size, for which the heads `SIZE_HEADS` are enough (the others may be empty), or to read. */
export type LookFor = 'size' | 'reading';
export const SIZE_HEADS = ['atom', 'atomOffset', 'bond', 'bondOffset', 'axis', 'order'] as const satisfies readonly (keyof ReaderHeads)[];

/** pixels: (height, width), 0 = paper, 1 = full ink; both sides are multiples of 16. */
export type Infer = (pixels: Float32Array, height: number, width: number, purpose: LookFor) => Promise<ReaderMaps>;

export interface ScaleOptions {
  /** Pixels of a bond of length 1 in the maps; at about this size of bonds the reader tells best which size a drawing has. */
  readonly typicalBond?: number;
  /** Pixels of a bond at which the reader tells best what is drawn. Default: `SHARPER` typical bonds. */
  readonly bestBond?: number;
  /** Most pixels of one look. */
  readonly mostPixels?: number;
}

export interface FoundScale {
  /** Pixels of the network's picture for one of the ink's. */
  readonly scale: number;
  /** The ink's pixel at the network's (MARGIN, MARGIN). */
  readonly top: number;
  readonly left: number;
  /** Of a look at this scale. */
  readonly maps: ReaderMaps;
  /** See `judgeLook`. */
  readonly score: number;
}

/** Of `readInk`: what is known already, and how much is asked. */
export interface ReadInkOptions extends ScaleOptions, DecodeOptions {
  /** A scale at which the median bond has about the typical length: none is looked for. */
  readonly scale?: number;
  /** Looks at most, the best size first. Default: all of `VIEWS`. */
  readonly views?: number;
}

export interface ReadInk extends FoundScale {
  readonly graph: DrawnGraph;
  /** Share of the looks at different sizes, 0 to 1, that saw this graph. */
  readonly agreement: number;
}

/** Of 120 real drawings 99 to 104 come out right at any size from 0.85 to 1.25: a little larger is safe, and cheaper than much larger. */
const SHARPER = 1.05;
/** Sizes at which a drawing is read, of the best: what most looks see is right more often than what any one sees. */
const VIEWS = [1, 0.955, 1.085, 0.87, 1.15];
/** Where the first so many see the same, the others are not asked. */
const FIRST_VIEWS = 3;
const MOST_PIXELS = 1_600_000;
/** Longer sides tried, in typical bonds; from `ALWAYS` on only while they get better. */
const SIDES = [3.4, 5.6, 9.4, 14.4, 21.2, 31.2, 46, 69, 104, 156];
const ALWAYS = 5;
/** A look this good is at about the right size; once a larger one is this much worse, no other is tried. */
const CLEAR = 1.5;
const CLEARLY_WORSE = 0.15;
/** Enlarged further, a drawing shows nothing new. */
const LARGEST_SCALE = 2.5;
/** Paper that shows through, dust and compression noise do not belong to the drawing. */
const FAINT_INK = 38;
/** Refinements towards the typical bond, and how far one may go. */
const REFINEMENTS = 2;
const NEAR_ENOUGH = 0.12;
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

interface Search {
  /** The part of the picture with ink. */
  readonly ink: InkPicture;
  readonly found: Pick<Look, 'scale'>;
  readonly look: (scale: number, purpose: LookFor) => Promise<Look>;
  /** To pixels and places of the picture that was given. */
  readonly restore: (look: Look) => FoundScale;
}

/** The scale at which the median bond has the best length; undefined where there is no ink, or nothing that looks like a bond at any size. */
export async function findScale(ink: InkPicture, infer: Infer, options: ScaleOptions = {}): Promise<FoundScale | undefined> {
  const search = await searchScale(ink, infer, options);
  return search === undefined ? undefined : search.restore((await views(search, [1], options))[0]!);
}

/** The drawn graph of the ink, its atoms in pixels of the network's picture; `inkPlace` takes them back. Undefined as of `findScale`. */
export async function readInk(ink: InkPicture, infer: Infer, vocabulary: ReaderVocabulary, options: ReadInkOptions = {}): Promise<ReadInk | undefined> {
  const search = await searchScale(ink, infer, options);
  if (search === undefined) return undefined;
  const most = options.views ?? VIEWS.length;
  const looks = await views(search, VIEWS.slice(0, Math.min(most, FIRST_VIEWS)), options);
  const decode = ({ maps }: Look): DrawnGraph => decodeMaps(maps, vocabulary, options);
  const graphs = looks.map(decode);
  if (vote(graphs, vocabulary).agreement < 1) {
    const more = await views(search, VIEWS.slice(FIRST_VIEWS, most), options);
    looks.push(...more);
    graphs.push(...more.map(decode));
  }
  const { chosen, agreement } = vote(graphs, vocabulary);
  return { ...search.restore(looks[chosen]!), graph: graphs[chosen]!, agreement };
}

/** Looks at these sizes of the best one, but for those that would be too large. */
async function views({ ink, found, look }: Search, sizes: readonly number[], options: ScaleOptions): Promise<Look[]> {
  const { typicalBond = TYPICAL_BOND, bestBond = SHARPER * typicalBond, mostPixels = MOST_PIXELS } = options;
  const looks: Look[] = [];
  for (const size of sizes) {
    const scale = (found.scale * size * bestBond) / typicalBond;
    if (pixelsAt(ink, scale) <= mostPixels) looks.push(await look(scale, 'reading'));
  }
  return looks.length > 0 ? looks : [await look(found.scale, 'reading')];
}

async function searchScale(given: InkPicture, infer: Infer, options: ReadInkOptions): Promise<Search | undefined> {
  const { typicalBond = TYPICAL_BOND, mostPixels = MOST_PIXELS } = options;
  const shrunk = shrinkOnce(given, mostPixels);
  const ink = cropToInk(shrunk.picture, FAINT_INK);
  if (ink === undefined) return undefined;
  const look = async (scale: number, purpose: LookFor): Promise<Look> => {
    const { pixels, height, width } = networkPicture(ink, scale);
    const maps = await infer(pixels, height, width, purpose);
    return { scale, maps, ...judgeLook(maps, typicalBond) };
  };
  if (options.scale !== undefined) return searched(ink, shrunk.scale, look, { scale: options.scale / shrunk.scale });
  const rough = await tryScales(ink, look, typicalBond, mostPixels);
  if (rough === undefined) return undefined;
  return searched(ink, shrunk.scale, look, await refine(rough, ink, look, typicalBond, mostPixels));
}

function searched(ink: InkPicture & { readonly top: number; readonly left: number }, shrunk: number, look: Search['look'], found: Search['found']): Search {
  const restore = ({ scale, maps, score }: Look): FoundScale => ({ scale: scale * shrunk, top: ink.top / shrunk, left: ink.left / shrunk, maps, score });
  return { ink, found, look, restore };
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

async function tryScales(ink: InkPicture, look: Search['look'], typicalBond: number, mostPixels: number): Promise<Look | undefined> {
  const longest = Math.max(ink.rows, ink.columns);
  let best: Look | undefined;
  let previous = 0;
  for (const [i, side] of SIDES.entries()) {
    const scale = (side * typicalBond) / longest;
    if (pixelsAt(ink, scale) > mostPixels || (scale > LARGEST_SCALE && previous > 0)) break;
    if (i >= ALWAYS && (best?.scale ?? 0) < previous) break;
    const seen = await look(Math.min(scale, LARGEST_SCALE), 'size');
    if (seen.score > (best?.score ?? 0)) best = seen;
    if (best !== undefined && best.score > CLEAR && seen.score < best.score - CLEARLY_WORSE) break;
    previous = seen.scale;
  }
  return best;
}

async function refine(rough: Look, ink: InkPicture, look: Search['look'], typicalBond: number, mostPixels: number): Promise<Look> {
  let best = rough;
  for (let i = 0; i < REFINEMENTS && Math.abs(best.bond / typicalBond - 1) > NEAR_ENOUGH; i++) {
    const scale = best.scale * Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, typicalBond / best.bond));
    if (pixelsAt(ink, scale) > mostPixels) break;
    const seen = await look(scale, 'size');
    if (seen.score < best.score - WORSE) break;
    best = seen;
  }
  return best;
}
