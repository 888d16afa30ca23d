/** Whether a picture of lines is taken for a structure, and what is doubtful about it. */
import type { PixelBox } from './ink-box.ts';
import type { StructureSigns } from './structure-signs.ts';

/** What to know about a picture that is read nevertheless. */
export const DRAWING_WARNINGS = ['DOUBTFUL_DRAWING', 'SEVERAL_DRAWINGS', 'TEXT_LEFT_OUT'] as const;
export type DrawingWarning = (typeof DRAWING_WARNINGS)[number];

export interface Verdict {
  /** What the picture looks like instead; null where it is read. */
  readonly refusedAs: string | null;
  readonly warnings: readonly DrawingWarning[];
}

interface Bound {
  readonly sign: keyof StructureSigns;
  /** Each one that is passed makes a picture odder by one; falling bounds are least values. */
  readonly bounds: readonly number[];
  readonly looksLike: string;
}

/** Of 4,495 real drawings 0.2 to 1.4 % lie beyond the first bound of a sign, at most 0.7 % beyond the second, 0.1 % beyond the third. */
const BOUNDS: readonly Bound[] = [
  { sign: 'strokeLength', bounds: [9, 6.5, 5], looksLike: 'text' },
  { sign: 'clutter', bounds: [0.045, 0.055, 0.12], looksLike: 'text or a solid picture' },
  { sign: 'upright', bounds: [0.55, 0.75], looksLike: 'a chart, a table or a form' },
  { sign: 'across', bounds: [0.15, 0.25], looksLike: 'a table, a chart or a framed picture' },
  { sign: 'long', bounds: [0.1, 0.2], looksLike: 'a chart or a framed picture' },
  { sign: 'curved', bounds: [0.28, 0.4, 0.65], looksLike: 'a curve or handwriting' },
  { sign: 'bonds', bounds: [0.25, 0.15], looksLike: 'text or a picture of something else' },
  { sign: 'even', bounds: [0.2, 0.15], looksLike: 'a picture of something else' },
];

/** Bounds passed. Of the real drawings 1.9 % are doubted, 0.11 % refused: refusing one is worse than answering a chart with a warning. */
const DOUBTED = 2;
const REFUSED = 5;
/** Lines never cover this much of the box around them; the most of a real drawing is 0.26. */
const BLOT = 0.6;
/** In widths of the pen. Where strokes are this short, the parts that lie apart are words. */
export const LONGEST_IN_TEXT = 6.5;
/** Pixels. In smaller pictures a bond is as long as the pen is wide. */
const SMALL = 100;

export function judge(signs: StructureSigns, box: PixelBox): Verdict {
  if (signs.ink > BLOT || signs.strokes <= 1) return refused('a dot or a single line');
  if (Math.max(box.bottom - box.top, box.right - box.left) < SMALL) return { refusedAs: null, warnings: [] };
  if (signs.straight <= 1) return refused('a curve or a single line');
  const odd = BOUNDS.map((bound) => ({ bound, oddness: oddnessOf(signs[bound.sign], bound.bounds) })).sort((a, b) => b.oddness - a.oddness);
  const sum = odd.reduce((total, { oddness }) => total + oddness, 0);
  if (sum >= REFUSED) return refused(odd[0]!.bound.looksLike);
  const warnings: DrawingWarning[] = [];
  if (sum >= DOUBTED) warnings.push('DOUBTFUL_DRAWING');
  if (signs.structures > 1 && signs.strokeLength > LONGEST_IN_TEXT) warnings.push('SEVERAL_DRAWINGS');
  return { refusedAs: null, warnings };
}

function refused(looksLike: string): Verdict {
  return { refusedAs: looksLike, warnings: [] };
}

function oddnessOf(value: number, bounds: readonly number[]): number {
  const [first, second] = bounds as readonly [number, number];
  return bounds.filter((bound) => (first < second ? value >= bound : value <= bound)).length;
}
