/**
 * The one way in for pictures of structures. Training drawings go through its native twin
 * (src/native/drawing/normalise.cpp), so a query must come out the same: test/parity compares the two.
 */
import type { Canvas, GreyImage } from './define.ts';
import { fitInk, stretchContrast } from './fit.ts';
import { inkBox } from './ink-box.ts';
import type { PixelBox } from './ink-box.ts';
import { findLevels, toInk } from './levels.ts';

/** The ink of a picture and where it is. */
export interface FoundInk {
  /** (rows, columns), 0 = paper ... 255 = ink. */
  readonly ink: Uint8Array;
  readonly box: PixelBox;
}

/** Null where there is no ink. */
export function findInk(image: GreyImage): FoundInk | null {
  const levels = findLevels(image);
  if (levels === null) return null;
  const ink = toInk(image, levels);
  const box = inkBox(ink, image.rows, image.columns);
  return box === null ? null : { ink, box };
}

/** Scales the crop to fit the canvas by area averaging (aspect kept, centred); the darkest ink becomes 1. */
export function inkToCanvas({ ink, box }: FoundInk, stride: number, height: number, width: number): Canvas {
  const canvas: Canvas = { data: new Float32Array(height * width), height, width };
  fitInk(canvas, ink, stride, box);
  stretchContrast(canvas.data);
  return canvas;
}

/** Finds the ink (dark or light), crops to its box without isolated specks and fits it to the canvas. Null where there is no ink. */
export function normaliseDrawing(image: GreyImage, height: number, width: number): Canvas | null {
  const found = findInk(image);
  return found === null ? null : inkToCanvas(found, image.columns, height, width);
}
