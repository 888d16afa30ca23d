/** A query image as the drawing encoder reads it. */
import { IsoLensError } from '../core/index.ts';
import { decodeImage } from './decode.ts';
import type { Canvas } from './define.ts';
import { normaliseDrawing } from './drawing.ts';

export interface DrawingSize {
  readonly height: number;
  readonly width: number;
}

/** Decodes, checks and normalises; every refusal is coded. */
export async function readDrawing(bytes: Uint8Array, { height, width }: DrawingSize): Promise<Canvas> {
  const { grey } = await decodeImage(bytes);
  const canvas = normaliseDrawing(grey, height, width);
  if (canvas === null) {
    throw new IsoLensError('IMAGE_BLANK', 'Expected a drawn structure but the image shows one even colour; check that it is the right file, and that the drawing is not the colour of its paper.');
  }
  return canvas;
}
