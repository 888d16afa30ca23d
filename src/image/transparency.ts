/** What shows behind transparent pixels. A drawing made for dark pages has white lines, which white paper would swallow. */

/** Greys nearer to the paper than this are lost on it. */
const LOST = 64;
/** Less is an edge of something, or invisible. */
const VISIBLE = 128;
/** Lines never fill half of the box around them; what does is a page with margins, and brings its own paper. */
const PAGE_SHARE = 0.5;
const WHITE = 255;
const BLACK = 0;

/**
 * The grey of the paper on which the visible pixels can be seen: white, unless white loses clearly more of them than black does.
 * grey, alpha: (rows, columns).
 */
export function paperBehind(grey: Uint8Array, alpha: Uint8Array, rows: number, columns: number): number {
  const { histogram, visible, box } = countVisible(grey, alpha, rows, columns);
  if (visible === 0) return WHITE;
  if (visible > PAGE_SHARE * box) return histogram.indexOf(histogram.reduce((a, b) => Math.max(a, b)));
  const within = (from: number, to: number): number => histogram.subarray(from, to).reduce((a, b) => a + b, 0) / visible;
  return within(256 - LOST, 256) > 0.1 + 2 * within(0, LOST) ? BLACK : WHITE;
}

/** Lays the pixels on this paper, in place. */
export function layOn(paper: number, grey: Uint8Array, alpha: Uint8Array): void {
  for (let i = 0; i < grey.length; i++) grey[i] = paper + ((grey[i]! - paper) * alpha[i]!) / 255 + 0.5;
}

interface Visible {
  /** Of the greys of visible pixels. */
  readonly histogram: Uint32Array;
  readonly visible: number;
  /** Pixels of the box around them. */
  readonly box: number;
}

function countVisible(grey: Uint8Array, alpha: Uint8Array, rows: number, columns: number): Visible {
  // Where all is fainter than half, the strongest of it counts as visible.
  const strongest = alpha.reduce((a, b) => (a > b ? a : b), 0);
  const least = Math.max(1, Math.min(VISIBLE, strongest >> 1));
  const histogram = new Uint32Array(256);
  let [top, left, bottom, right, visible] = [rows, columns, -1, -1, 0];
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, i++) {
      if (alpha[i]! < least) continue;
      histogram[grey[i]!]!++;
      visible++;
      if (y < top) top = y;
      bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  }
  return { histogram, visible, box: visible === 0 ? 0 : (bottom - top + 1) * (right - left + 1) };
}
