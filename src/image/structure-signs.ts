/** What a picture's strokes say of it: bonds are straight, much longer than the pen is wide, about equally long and point everywhere. */
import { findPieces, groupByGap } from './groups.ts';
import { findStrokes } from './strokes.ts';
import type { Stroke, Strokes } from './strokes.ts';
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

export function structureSigns(ink: WorkingInk): StructureSigns {
  const found = findStrokes(ink);
  const { strokes, penWidth } = found;
  const least = Math.max(5, 2.5 * penWidth);
  const typical = typicalLength(strokes.filter(({ smooth, length }) => !smooth && length >= least));
  const longest = Math.max(ink.rows, ink.columns);
  const all = sumOf(strokes);
  const inked = found.area / (ink.rows * ink.columns);
  const share = (chosen: (stroke: Stroke) => boolean): number => (all === 0 ? 0 : sumOf(strokes.filter(chosen)) / all);
  const within = (from: number, to: number) => ({ smooth, length }: Stroke): boolean =>
    !smooth && length >= Math.max(least, from * typical) && length <= to * typical;
  const isBond = within(0.5, 1.8);
  const bonds = share(isBond);
  const clear = strokes.filter(({ length }) => length >= Math.max(2 * least, 0.25 * typical));
  return {
    strokes: strokes.length,
    straight: strokes.filter(({ smooth, length }) => !smooth && length >= least).length,
    strokeLength: penWidth === 0 ? 0 : typical / penWidth,
    ink: inked,
    clutter: inked * (1 - bonds),
    bonds,
    even: share(within(0.75, 1.35)),
    curved: share(({ smooth }) => smooth),
    long: share(({ length }) => length > 3.3 * typical),
    across: share(({ length }) => length > 0.6 * longest),
    upright: clear.length === 0 ? 0 : sumOf(clear.filter(isUpright)) / sumOf(clear),
    structures: typical === 0 ? 0 : countStructures(ink, found, typical, isBond),
  };
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

interface Part {
  bonds: number;
  bondLength: number;
  uprightLength: number;
  curvedLength: number;
  length: number;
}

function countStructures(ink: WorkingInk, { strokes }: Strokes, typical: number, isBond: (stroke: Stroke) => boolean): number {
  const { of, pieces } = findPieces(ink);
  const groupAt = groupByGap(ink, GAP * typical);
  const parts = new Map<number, Part>();
  for (const stroke of strokes) {
    const { fromX, fromY, length, smooth } = stroke;
    const group = groupAt(fromX, fromY);
    const part = parts.get(group) ?? { bonds: 0, bondLength: 0, uprightLength: 0, curvedLength: 0, length: 0 };
    parts.set(group, part);
    part.length += length;
    if (smooth) part.curvedLength += length;
    const { top, left, bottom, right } = pieces[of[fromY * ink.pitch + fromX]!]!;
    // Letters are never as large as two bonds.
    if (!isBond(stroke) || Math.max(bottom - top, right - left) + 1 < PART.pieceLength * typical) continue;
    part.bonds++;
    part.bondLength += length;
    if (isUpright(stroke)) part.uprightLength += length;
  }
  return [...parts.values()].filter(isStructure).length;
}

function isStructure({ bonds, bondLength, uprightLength, curvedLength, length }: Part): boolean {
  const isGrid = uprightLength >= PART.upright * bondLength;
  return bonds >= PART.bonds && !isGrid && curvedLength < PART.curved * length && bondLength > PART.inBonds * length;
}
