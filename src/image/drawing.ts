/**
 * The one way in for pictures of structures. Training drawings go through its native twin
 * (src/native/drawing/normalise.cpp), so a query must come out the same: test/parity compares the two.
 */
import type { Canvas, GreyImage } from './define.ts';
import { fitInk, stretchContrast } from './fit.ts';
import { inkBox } from './ink-box.ts';
import { findLevels, toInk } from './levels.ts';

/**
 * Finds the ink (dark or light), crops to its box without isolated specks, scales it to fit the canvas by area averaging
 * (aspect kept, centred) and stretches contrast so that the darkest ink is 1. Null where there is no ink.
 */
export function normaliseDrawing(image: GreyImage, height: number, width: number): Canvas | null {
  const levels = findLevels(image);
  if (levels === null) return null;
  const ink = toInk(image, levels);
  const box = inkBox(ink, image.rows, image.columns);
  if (box === null) return null;
  const canvas: Canvas = { data: new Float32Array(height * width), height, width };
  fitInk(canvas, ink, image.columns, box);
  stretchContrast(canvas.data);
  return canvas;
}
