/** From untrusted bytes to pixels. What is refused is refused before any pixel is decoded, where the header tells. */
import type { Metadata, Sharp, SharpInput } from 'sharp';
import { IsoLensError } from '../core/index.ts';
import type { GreyImage } from './define.ts';
import { sharp } from './sharp.ts';
import { IMAGE_FORMATS, sniffImage } from './sniff.ts';
import type { ImageFormat } from './sniff.ts';
import { checkTiff } from './tiff.ts';
import { layOn, paperBehind } from './transparency.ts';

export const IMAGE_LIMITS = Object.freeze({ bytes: 20 * 1024 * 1024, pixels: 25_000_000, seconds: 20 });

/** Longer pictures are made smaller while decoding: no line of a structure needs more. */
const LONGEST_SIDE = 2600;

export interface DecodedImage {
  readonly grey: GreyImage;
  /** Share of pixels that are clearly coloured, 0 to 1. */
  readonly coloured: number;
}

/** 8-bit grey: transparency laid on paper that shows the ink, 16 bits, palettes and CMYK converted, turned as the camera says. */
export async function decodeImage(bytes: Uint8Array): Promise<DecodedImage> {
  if (bytes.length > IMAGE_LIMITS.bytes) {
    throw new IsoLensError('IMAGE_TOO_LARGE', `Expected an image of at most ${IMAGE_LIMITS.bytes >> 20} MiB but received ${Math.ceil(bytes.length / (1 << 20))} MiB; cut out the structure or save it smaller.`);
  }
  const format = sniffImage(bytes);
  if (format === 'tiff') checkTiff(bytes);
  const metadata = await guarded(format, () => open(bytes).metadata());
  checkMetadata(format, metadata);
  const { data, info } = await guarded(format, () => pipeline(bytes, metadata).raw().toBuffer({ resolveWithObject: true }));
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return info.channels === 1
    ? { grey: { data: pixels, rows: info.height, columns: info.width }, coloured: 0 }
    : onPaper(pixels, info.channels, info.height, info.width);
}

function open(bytes: SharpInput): Sharp {
  // The limit is ours to check, with our message; `unlimited` stays off, so the decoders keep their own limits.
  return sharp(bytes, { limitInputPixels: false, failOn: 'truncated', animated: false });
}

function checkMetadata(format: ImageFormat, { width, height, pages = 1, format: decoder }: Metadata): void {
  if (!(IMAGE_FORMATS as readonly string[]).includes(decoder)) throw corrupt(format, `it is read as ${decoder}`);
  if (width * height > IMAGE_LIMITS.pixels) {
    throw new IsoLensError(
      'IMAGE_TOO_LARGE',
      `Expected at most ${IMAGE_LIMITS.pixels / 1e6} million pixels but received ${width} x ${height} (${Math.round((width * height) / 1e6)} million); cut out the structure or save it smaller.`,
      { details: { width, height } },
    );
  }
  if (pages <= 1) return;
  const what = format === 'tiff' ? `a TIFF of ${pages} pages` : `an animated ${format.toUpperCase()} of ${pages} frames`;
  throw new IsoLensError('IMAGE_FORMAT_UNSUPPORTED', `Expected one picture but received ${what}; save the one with the structure as PNG.`, { details: { pages } });
}

function pipeline(bytes: Uint8Array, metadata: Metadata): Sharp {
  let image = open(bytes).timeout({ seconds: IMAGE_LIMITS.seconds }).autoOrient();
  if (Math.max(metadata.width, metadata.height) > LONGEST_SIDE) image = image.resize({ width: LONGEST_SIDE, height: LONGEST_SIDE, fit: 'inside' });
  // Grey stays one channel, which would lose its transparency; everything else comes as sRGB.
  const isGrey = !metadata.hasAlpha && (metadata.space === 'b-w' || metadata.space === 'grey16');
  return image.toColourspace(isGrey ? 'b-w' : 'srgb');
}

/** Colours nearer to grey than this are noise of scanners and compression. */
const COLOUR = 40;

/**
 * Luminance (Rec. 601), pulled towards the darkest channel: yellow sulphur and orange labels would vanish otherwise.
 * pixels: (rows, columns, channels), sRGB.
 */
export function greyOf(pixels: Uint8Array, channels: number, rows: number, columns: number): DecodedImage {
  const data = new Uint8Array(rows * columns);
  let coloured = 0;
  for (let i = 0, at = 0; i < data.length; i++, at += channels) {
    const r = pixels[at]!;
    const g = pixels[at + 1]!;
    const b = pixels[at + 2]!;
    const darkest = Math.min(r, g, b);
    const opaque = channels === 4 ? pixels[at + 3]! / 255 : 1;
    if ((Math.max(r, g, b) - darkest) * opaque > COLOUR) coloured++;
    data[i] = 0.7 * (0.299 * r + 0.587 * g + 0.114 * b) + 0.3 * darkest + 0.5;
  }
  return { grey: { data, rows, columns }, coloured: coloured / data.length };
}

/** pixels: (rows, columns, channels); of four channels the last is how opaque a pixel is. */
function onPaper(pixels: Uint8Array, channels: number, rows: number, columns: number): DecodedImage {
  const decoded = greyOf(pixels, channels, rows, columns);
  if (channels < 4) return decoded;
  const { data } = decoded.grey;
  const alpha = data.map((_, i) => pixels[4 * i + 3]!);
  layOn(paperBehind(data, alpha, rows, columns), data, alpha);
  return decoded;
}

/** What the decoder throws, as IMAGE_CORRUPT. */
export async function guarded<T>(format: ImageFormat, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof IsoLensError) throw thrown;
    throw corrupt(format, thrown instanceof Error ? firstLine(thrown.message) : String(thrown), thrown);
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.trim();
}

function corrupt(format: ImageFormat, reason: string, cause?: unknown): IsoLensError {
  return new IsoLensError('IMAGE_CORRUPT', `Expected a whole ${format.toUpperCase()} image but it cannot be decoded (${reason}); save or copy it again.`, { cause });
}
