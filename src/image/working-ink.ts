/** The ink of a crop at the size at which its strokes are measured. */
import type { PixelBox } from './ink-box.ts';

/** 1 = ink, with an empty border one pixel wide. */
export interface WorkingInk {
  readonly inked: Uint8Array;
  /** Pixels a row, border included. */
  readonly pitch: number;
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the picture to one of these. */
  readonly step: number;
}

const INK = 90;
const LONGEST = 720;
/** Of a shrunken pixel's area: lines thinner than a pixel must not break. */
const COVERED = 0.25;

/** ink: (rows, stride), 0 = paper ... 255 = ink. */
export function workingInk(ink: Uint8Array, stride: number, { top, left, bottom, right }: PixelBox): WorkingInk {
  const step = Math.max(1, Math.ceil(Math.max(bottom - top, right - left) / LONGEST));
  const rows = Math.ceil((bottom - top) / step);
  const columns = Math.ceil((right - left) / step);
  const pitch = columns + 2;
  const inked = new Uint8Array(pitch * (rows + 2));
  const counts = new Uint16Array(columns);
  for (let y = 0; y < rows; y++) {
    counts.fill(0);
    for (let r = top + y * step; r < Math.min(bottom, top + (y + 1) * step); r++) {
      for (let x = left, at = r * stride + left; x < right; x++, at++) if (ink[at]! >= INK) counts[((x - left) / step) | 0]!++;
    }
    for (let x = 0; x < columns; x++) if (counts[x]! >= COVERED * step * step) inked[(y + 1) * pitch + x + 1] = 1;
  }
  return { inked, pitch, rows, columns, step };
}
