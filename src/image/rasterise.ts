/** SVG of this program's own renderers to pixels. Pictures that people send are never read as SVG (see `sniff.ts`). */
import { IsoLensError } from '../core/index.ts';
import { greyOf } from './decode.ts';
import type { GreyImage } from './define.ts';
import { sharp } from './sharp.ts';

/** Pixels a inch at which a length of 1 becomes one pixel. */
const UNIT_DENSITY = 72;
/** Nothing is drawn larger than this many pixels a side. */
const LARGEST = 4096;
const INKED = 250;

/** As large as fits `height` x `width`, cropped to what is drawn. Null where nothing is. */
export async function rasteriseSvg(svg: string, { height, width }: { readonly height: number; readonly width: number }): Promise<GreyImage | null> {
  if (!(height >= 1 && width >= 1 && height <= LARGEST && width <= LARGEST)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a picture of 1 to ${LARGEST} pixels a side but received ${height} x ${width}.`);
  }
  const bytes = Buffer.from(svg);
  const size = await sharp(bytes).metadata();
  const density = UNIT_DENSITY * Math.min(height / size.height, width / size.width);
  const { data, info } = await sharp(bytes, { density }).flatten({ background: '#ffffff' }).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return crop(greyOf(data, info.channels, info.height, info.width).grey);
}

/** On white paper, at most `width` pixels wide. */
export async function svgToPng(svg: string, width: number): Promise<Uint8Array> {
  return sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).resize({ width, withoutEnlargement: true }).png().toBuffer();
}

/** The smallest box with all of the ink. */
function crop({ data, rows, columns }: GreyImage): GreyImage | null {
  let [top, left, bottom, right] = [rows, columns, -1, -1];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (data[y * columns + x]! >= INKED) continue;
      top = Math.min(top, y);
      bottom = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  if (bottom < 0) return null;
  const cut = new Uint8Array((bottom - top + 1) * (right - left + 1));
  for (let y = top; y <= bottom; y++) cut.set(data.subarray(y * columns + left, y * columns + right + 1), (y - top) * (right - left + 1));
  return { data: cut, rows: bottom - top + 1, columns: right - left + 1 };
}

const probe = (letter: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text x="4" y="20" font-size="20" font-family="sans-serif">${letter}</text></svg>`;

/** False on a machine without fonts: letters of an SVG would be missing, or all one box. */
export async function hasFonts(): Promise<boolean> {
  const size = { height: 24, width: 24 };
  const [n, o] = await Promise.all([rasteriseSvg(probe('N'), size), rasteriseSvg(probe('O'), size)]);
  return n !== null && o !== null && !Buffer.from(n.data).equals(Buffer.from(o.data));
}
