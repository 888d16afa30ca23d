/** A site of cells: one field of view, a channel of fluorescence on each page of a TIFF. */
import sharp from 'sharp';
import { IsoLensError } from '../core/index.ts';
import { IMAGE_LIMITS, guarded } from './decode.ts';
import { resample } from './resample.ts';
import { sniffImage } from './sniff.ts';
import { checkTiff } from './tiff.ts';

/** data (channels, side, side), 0 = dark ... 255 = bright. */
export interface Site {
  readonly data: Uint8Array;
  readonly channels: number;
  readonly side: number;
}

/** Of a 16-bit channel, the shares of pixels below and above what 8 bits keep. */
const CLIPPED = 0.001;

/**
 * Reads a TIFF of exactly `channels` pages, 8 or 16 bit grey, all of one size: the middle square of each, `side` pixels a side.
 * IMAGE_FORMAT_UNSUPPORTED for another format or another number of pages; the other codes are those of `decodeImage`.
 */
export async function readSite(bytes: Uint8Array, channels: number, side: number): Promise<Site> {
  if (bytes.length > IMAGE_LIMITS.bytes) {
    throw new IsoLensError('IMAGE_TOO_LARGE', `Expected a site of at most ${IMAGE_LIMITS.bytes >> 20} MiB but received ${Math.ceil(bytes.length / (1 << 20))} MiB; save it with fewer pixels.`);
  }
  const format = sniffImage(bytes);
  if (format !== 'tiff') throw unsupported(channels, `a ${format.toUpperCase()} image`);
  checkTiff(bytes);
  const { width, pageHeight, height: whole, pages = 1 } = await guarded(format, () => sharp(bytes, { pages: -1, limitInputPixels: false }).metadata());
  const height = pageHeight ?? whole;
  if (pages !== channels) throw unsupported(channels, pages === 1 ? 'a TIFF of one page' : `a TIFF of ${pages} pages`);
  if (width * height > IMAGE_LIMITS.pixels) {
    throw new IsoLensError('IMAGE_TOO_LARGE', `Expected at most ${IMAGE_LIMITS.pixels / 1e6} million pixels a channel but received ${width} x ${height}; save the site smaller.`);
  }
  const data = new Uint8Array(channels * side * side);
  for (let page = 0; page < channels; page++) {
    const channel = await guarded(format, () => readChannel(bytes, page));
    data.set(middleSquare(channel, side), page * side * side);
  }
  return { data, channels, side };
}

interface Channel {
  readonly pixels: Uint8Array | Uint16Array;
  readonly height: number;
  readonly width: number;
}

async function readChannel(bytes: Uint8Array, page: number): Promise<Channel> {
  const image = sharp(bytes, { page, limitInputPixels: false, failOn: 'truncated' }).timeout({ seconds: IMAGE_LIMITS.seconds });
  const { depth } = await image.metadata();
  const isDeep = depth !== 'uchar';
  const { data, info } = await image.extractChannel(0).toColourspace(isDeep ? 'grey16' : 'b-w').raw({ depth: isDeep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
  // A view of 16-bit numbers must begin at an even place; a copy always does.
  const pixels = isDeep ? new Uint16Array(Uint8Array.from(data).buffer) : new Uint8Array(data);
  return { pixels, height: info.height, width: info.width };
}

function middleSquare({ pixels, height, width }: Channel, side: number): Uint8Array {
  const length = Math.min(height, width);
  const top = (height - length) >> 1;
  const left = (width - length) >> 1;
  const square = new Float32Array(length * length);
  const scale = pixels instanceof Uint16Array ? scaleOf(pixels) : (value: number): number => value;
  for (let y = 0; y < length; y++) for (let x = 0; x < length; x++) square[y * length + x] = scale(pixels[(top + y) * width + left + x]!);
  const fitted = length === side ? square : resample(square, length, length, side, side);
  const out = new Uint8Array(fitted.length);
  for (let i = 0; i < out.length; i++) out[i] = fitted[i]! + 0.5;
  return out;
}

/** 16 bits to 0 ... 255: from the darkest to the brightest but for the clipped shares. */
function scaleOf(pixels: Uint16Array): (value: number) => number {
  const counts = new Uint32Array(1 << 16);
  for (const value of pixels) counts[value]!++;
  const at = (share: number): number => {
    let seen = 0;
    return counts.findIndex((count) => (seen += count) > share * pixels.length);
  };
  const low = at(CLIPPED);
  const range = Math.max(1, at(1 - CLIPPED) - low);
  return (value) => Math.min(255, Math.max(0, ((value - low) / range) * 255));
}

/** Each channel of mean 0 and variance 1, `size` pixels a side: (channels, size, size). What varies by less than a grey level stays small. */
export function siteTensor({ data, channels, side }: Site, size: number): Float32Array {
  const area = size * size;
  const out = new Float32Array(channels * area);
  for (let channel = 0; channel < channels; channel++) {
    const pixels = resample(data.subarray(channel * side * side, (channel + 1) * side * side), side, side, size, size);
    const mean = pixels.reduce((sum, value) => sum + value, 0) / area;
    const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / area;
    const scale = 1 / Math.max(1, Math.sqrt(variance));
    for (let i = 0; i < area; i++) out[channel * area + i] = (pixels[i]! - mean) * scale;
  }
  return out;
}

function unsupported(channels: number, received: string): IsoLensError {
  return new IsoLensError('IMAGE_FORMAT_UNSUPPORTED', `Expected a site as a TIFF of ${channels} pages, one a channel, but received ${received}; save its channels as the pages of one TIFF.`);
}
