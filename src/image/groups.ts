/** Which pieces of ink touch, and which stand so near to each other that they belong together. */
import { neighbours } from './thin.ts';
import type { WorkingInk } from './working-ink.ts';

/** Pixels of the working ink; all inclusive. */
export interface Piece {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface Pieces {
  /** Number of the piece at each pixel, -1 = paper. */
  readonly of: Int32Array;
  readonly pieces: readonly Piece[];
}

/** What touches, corners included. */
export function findPieces({ inked, pitch }: WorkingInk): Pieces {
  const of = new Int32Array(inked.length).fill(-1);
  const around = neighbours(pitch);
  const pieces: Piece[] = [];
  const open: number[] = [];
  for (let start = 0; start < inked.length; start++) {
    if (inked[start] === 0 || of[start] !== -1) continue;
    const number = pieces.length;
    let [top, left, bottom, right] = [inked.length, pitch, 0, 0];
    of[start] = number;
    open.push(start);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const y = Math.floor(at / pitch);
      const x = at - y * pitch;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
      for (const side of around) {
        const to = at + side;
        if (inked[to] === 0 || of[to] !== -1) continue;
        of[to] = number;
        open.push(to);
      }
    }
    pieces.push({ top, left, bottom, right });
  }
  return { of, pieces };
}

/** A gap is measured in cells of this part of it. */
const FINENESS = 4;

/** The number of the group that the ink at a pixel belongs to: ink nearer than `gap` pixels is of one group. */
export function groupByGap({ inked, pitch, rows }: WorkingInk, gap: number): (x: number, y: number) => number {
  const cell = Math.max(1, Math.round(gap / FINENESS));
  const wide = Math.ceil(pitch / cell) + 2 * FINENESS;
  const high = Math.ceil((rows + 2) / cell) + 2 * FINENESS;
  const cellAt = (x: number, y: number): number => (Math.floor(y / cell) + FINENESS) * wide + Math.floor(x / cell) + FINENESS;
  const groups = new Int32Array(high * wide).fill(-1);
  const INKED = -2;
  for (let y = 0, at = 0; y < rows + 2; y++) for (let x = 0; x < pitch; x++, at++) if (inked[at] !== 0) groups[cellAt(x, y)] = INKED;
  const near = nearCells(wide);
  let count = 0;
  for (let start = 0; start < groups.length; start++) {
    if (groups[start] !== INKED) continue;
    groups[start] = count;
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const step of near) {
        if (groups[at + step] !== INKED) continue;
        groups[at + step] = count;
        open.push(at + step);
      }
    }
    count++;
  }
  return (x, y) => groups[cellAt(x, y)]!;
}

function nearCells(wide: number): number[] {
  const out: number[] = [];
  for (let y = -FINENESS; y <= FINENESS; y++) {
    for (let x = -FINENESS; x <= FINENESS; x++) if (Math.hypot(x, y) <= FINENESS) out.push(y * wide + x);
  }
  return out;
}
