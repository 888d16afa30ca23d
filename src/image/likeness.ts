/** Whether an image can be a line drawing at all. A photograph would be embedded too, and its neighbours would mean nothing. */
import type { GreyImage } from './define.ts';
import { paperShare } from './even-paper.ts';
import type { PixelBox } from './ink-box.ts';

export interface DrawingSigns {
  /** Share of the image about as light as its paper. */
  readonly paper: number;
  /** Share of the crop that is ink. */
  readonly ink: number;
  /** Share of the ink that lies deep inside more ink: solid areas, where a drawing has lines. */
  readonly solid: number;
}

const INK = 90;
/** How far inside, as a share of the crop's longer side. */
const DEEP = 0.04;

/** ink: (rows, columns), 0 = paper ... 255 = ink. */
export function drawingSigns(image: GreyImage, ink: Uint8Array, box: PixelBox): DrawingSigns {
  const { rows, columns } = image;
  const high = box.bottom - box.top;
  const wide = box.right - box.left;
  const deep = Math.max(2, Math.ceil(Math.max(high, wide) * DEEP));
  let inked = 0;
  let solid = 0;
  for (let y = box.top; y < box.bottom; y++) {
    const inside = y >= deep && y + deep < rows;
    for (let x = box.left; x < box.right; x++) {
      const at = y * columns + x;
      if (ink[at]! < INK) continue;
      inked++;
      if (!inside || x < deep || x + deep >= columns) continue;
      if (ink[at - deep]! >= INK && ink[at + deep]! >= INK && ink[at - deep * columns]! >= INK && ink[at + deep * columns]! >= INK) solid++;
    }
  }
  return { paper: paperShare(image), ink: inked / (high * wide), solid: inked === 0 ? 0 : solid / inked };
}

/**
 * Of 4,495 real drawings none has less than 0.79 paper, more than 0.164 ink in its crop or more than 0.024 of it solid. The
 * limits lie far outside: refusing a drawing is worse than answering a photograph. Thumbnails are mostly line, and not judged.
 */
export function looksLikeDrawing({ paper, ink, solid }: DrawingSigns, box: PixelBox): boolean {
  if (Math.max(box.bottom - box.top, box.right - box.left) < 100) return true;
  if (paper < 0.4 || ink > 0.45 || solid > 0.4) return false;
  return paper >= 0.7 || ink <= 0.2;
}
