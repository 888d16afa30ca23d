/** What a picture's strokes say of it: bonds are straight, much longer than the pen is wide, about equally long and point everywhere. */
import { findPieces, groupByGap } from './groups.ts';
import { findStrokes } from './strokes.ts';
import type { Stroke, Strokes } from './strokes.ts';
import type { PixelBox } from './ink-box.ts';
import type { WorkingInk } from './working-ink.ts';

export interface StructureSigns {
  readonly strokes: number;
  /** Straight strokes that are longer than a blot. */
  readonly straight: number;
  /** Of a typical straight stroke, in widths of the pen. */
  readonly strokeLength: number;
  /** Share of the picture that is ink. */
  readonly ink: number;
  /** Share of the picture that is ink without being a bond. */
  readonly clutter: number;
  /** The rest are shares of the length of all strokes: straight and about as long as bonds. */
  readonly bonds: number;
  /** As long as the typical stroke. */
  readonly even: number;
  /** Pieces of curves. */
  readonly curved: number;
  /** Several times the typical stroke. */
  readonly long: number;
  /** Across most of the picture. */
  readonly across: number;
  /** Of the straight strokes' length: level or upright. */
  readonly upright: number;
  /** Parts that lie apart and each look like a structure. */
  readonly structures: number;
}

/** Ink that is nearer than this, in typical strokes, belongs together: a label and its bond, the two halves of a broken line. */
const GAP = 0.6;

/** Pixels of the working ink without its border; `bottom` and `right` are exclusive. */
export interface SeenStructure {
  readonly signs: StructureSigns;
  /** The box of the largest structure, where words or other structures lie beside it; else undefined: all of the picture. */
  readonly main: PixelBox | undefined;
  /** The boxes of all parts that each look like a structure, the largest first. */
  readonly structures: readonly PixelBox[];
}

export function structureSigns(ink: WorkingInk): StructureSigns {
  return seeStructure(ink).signs;
}

export function seeStructure(ink: WorkingInk): SeenStructure {
  const found = findStrokes(ink);
  const { strokes, penWidth } = found;
  const least = Math.max(5, 2.5 * penWidth);
  const typical = typicalLength(strokes.filter((stroke) => isStraight(stroke, least)));
  const longest = Math.max(ink.rows, ink.columns);
  const all = sumOf(strokes);
  const inked = found.area / (ink.rows * ink.columns);
  const share = (chosen: (stroke: Stroke) => boolean): number => (all === 0 ? 0 : sumOf(strokes.filter(chosen)) / all);
  const bonds = share((stroke) => isAsLongAs(stroke, BOND, typical, least));
  const clear = strokes.filter(({ length }) => length >= Math.max(2 * least, 0.25 * typical));
  const parts = typical === 0 ? [] : partsOf(ink, found, typical);
  const structures = parts.filter((part) => isStructure(part, typical, least));
  const signs = {
    strokes: strokes.length,
    straight: strokes.filter((stroke) => isStraight(stroke, least)).length,
    strokeLength: penWidth === 0 ? 0 : typical / penWidth,
    ink: inked,
    clutter: inked * (1 - bonds),
    bonds,
    even: share((stroke) => isAsLongAs(stroke, EVEN, typical, least)),
    curved: share(({ smooth }) => smooth),
    long: share(({ length }) => length > 3.3 * typical),
    across: share(({ length }) => length > 0.6 * longest),
    upright: clear.length === 0 ? 0 : sumOf(clear.filter(isUpright)) / sumOf(clear),
    structures: structures.length,
  };
  const largestFirst = structures.toSorted((a, b) => sumOf(b.strokes) - sumOf(a.strokes));
  return { signs, main: mainOf(parts, largestFirst[0], ink, typical), structures: largestFirst.map((part) => boxOf(part, (GAP / 2) * typical, ink)) };
}

/** Shortest and longest, in typical strokes. */
type Range = readonly [from: number, to: number];
const BOND: Range = [0.5, 1.8];
const EVEN: Range = [0.75, 1.35];

/** And no blot. */
function isStraight({ smooth, length }: Stroke, least: number): boolean {
  return !smooth && length >= least;
}

function isAsLongAs(stroke: Stroke, [from, to]: Range, typical: number, least: number): boolean {
  return isStraight(stroke, Math.max(least, from * typical)) && stroke.length <= to * typical;
}

function sumOf(strokes: readonly Stroke[]): number {
  return strokes.reduce((sum, { length }) => sum + length, 0);
}

/** Half of the sum of lengths to the power 1.5 lies in strokes that are no longer: the many short ones of a caption count for less. */
function typicalLength(strokes: readonly Stroke[]): number {
  const lengths = strokes.map(({ length }) => length).sort((a, b) => a - b);
  let rest = lengths.reduce((sum, length) => sum + length ** 1.5, 0) / 2;
  for (const length of lengths) {
    rest -= length ** 1.5;
    if (rest <= 0) return length;
  }
  return 0;
}

/** Within 3 degrees, or a pixel at its end. */
function isUpright({ fromX, fromY, toX, toY, length }: Stroke): boolean {
  const off = Math.min(Math.abs(toX - fromX), Math.abs(toY - fromY));
  return off <= Math.max(1.05, 0.0525 * length);
}

/** What a part must have to be counted: more than a counter-ion, an arrow or a caption has. */
const PART = { bonds: 6, pieceLength: 1.6, upright: 0.9, curved: 0.35, inBonds: 0.25 } as const;
/** Structures of one picture may be drawn at different sizes, down to this share of the larger; letters are smaller. */
const SMALLER = 0.5;

/** Each stroke with the longer side of the piece of ink that it is of. */
interface Part {
  readonly strokes: Stroke[];
  readonly pieceLengths: number[];
}

function partsOf(ink: WorkingInk, { strokes }: Strokes, typical: number): Part[] {
  const { of, pieces } = findPieces(ink);
  const groupAt = groupByGap(ink, GAP * typical);
  const parts = new Map<number, Part>();
  for (const stroke of strokes) {
    const group = groupAt(stroke.fromX, stroke.fromY);
    const part = parts.get(group) ?? { strokes: [], pieceLengths: [] };
    parts.set(group, part);
    const { top, left, bottom, right } = pieces[of[stroke.fromY * ink.pitch + stroke.fromX]!]!;
    part.strokes.push(stroke);
    part.pieceLengths.push(Math.max(bottom - top, right - left) + 1);
  }
  return [...parts.values()];
}

/** Strokes beside a structure, and their reach in typical strokes, from which on they are a caption and no counter-ion. */
const CAPTION = { strokes: 12, reach: 3 } as const;

function mainOf(parts: readonly Part[], largest: Part | undefined, ink: WorkingInk, typical: number): PixelBox | undefined {
  if (largest === undefined) return undefined;
  const box = boxOf(largest, (GAP / 2) * typical, ink);
  const beside = parts.filter((part) => part !== largest && !overlaps(boxOf(part, 0, ink), box)).flatMap(({ strokes }) => strokes);
  if (beside.length < CAPTION.strokes) return undefined;
  const around = boxOf({ strokes: beside, pieceLengths: [] }, 0, ink);
  return Math.max(around.bottom - around.top, around.right - around.left) < CAPTION.reach * typical ? undefined : box;
}

function boxOf({ strokes }: Part, margin: number, { rows, columns }: WorkingInk): PixelBox {
  const xs = strokes.flatMap(({ fromX, toX }) => [fromX, toX]);
  const ys = strokes.flatMap(({ fromY, toY }) => [fromY, toY]);
  // The working ink has a border of one pixel.
  return {
    top: Math.max(0, Math.floor(Math.min(...ys) - 1 - margin)), bottom: Math.min(rows, Math.ceil(Math.max(...ys) + margin)),
    left: Math.max(0, Math.floor(Math.min(...xs) - 1 - margin)), right: Math.min(columns, Math.ceil(Math.max(...xs) + margin)),
  };
}

function overlaps(a: PixelBox, b: PixelBox): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function isStructure({ strokes, pieceLengths }: Part, typical: number, least: number): boolean {
  const own = Math.max(SMALLER * typical, typicalLength(strokes.filter((stroke) => isStraight(stroke, least))));
  // Letters are never as large as two bonds.
  const bonds = strokes.filter((stroke, i) => isAsLongAs(stroke, BOND, own, least) && pieceLengths[i]! >= PART.pieceLength * own);
  const isGrid = sumOf(bonds.filter(isUpright)) >= PART.upright * sumOf(bonds);
  const all = sumOf(strokes);
  const curved = sumOf(strokes.filter(({ smooth }) => smooth));
  return bonds.length >= PART.bonds && !isGrid && curved < PART.curved * all && sumOf(bonds) > PART.inBonds * all;
}
