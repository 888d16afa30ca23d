/** Many small pictures on one, for looking at what a model sees. */
import { IsoLensError } from '../core/index.ts';
import type { Canvas } from './define.ts';
import { sharp } from './sharp.ts';

const GAP = 4;
const BACKGROUND = 160;

/** PNG of canvases of one size, `columns` a line, as black ink on white. */
export async function contactSheet(canvases: readonly Canvas[], columns: number): Promise<Uint8Array> {
  const [first] = canvases;
  if (first === undefined || columns < 1) throw new IsoLensError('ARGUMENT_INVALID', 'Expected at least one picture and one column for a sheet.');
  const { height, width } = first;
  const across = Math.min(columns, canvases.length);
  const sheetWidth = across * (width + GAP) + GAP;
  const sheetHeight = Math.ceil(canvases.length / across) * (height + GAP) + GAP;
  const sheet = new Uint8Array(sheetHeight * sheetWidth).fill(BACKGROUND);
  for (const [i, canvas] of canvases.entries()) {
    if (canvas.height !== height || canvas.width !== width) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected pictures of ${height} x ${width} but picture ${i} has ${canvas.height} x ${canvas.width}.`);
    }
    const top = GAP + Math.floor(i / across) * (height + GAP);
    const left = GAP + (i % across) * (width + GAP);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) sheet[(top + y) * sheetWidth + left + x] = 255 - Math.round(255 * Math.min(1, Math.max(0, canvas.data[y * width + x]!)));
    }
  }
  return sharp(sheet, { raw: { width: sheetWidth, height: sheetHeight, channels: 1 } }).png().toBuffer();
}
