/** A site of cells: one field of view, a channel of fluorescence on each page of a TIFF, or in a file of its own. */
import { IsoLensError } from '../core/index.ts';
import { IMAGE_LIMITS, guarded } from './decode.ts';
import { resample } from './resample.ts';
import { sharp } from './sharp.ts';
import { sniffImage } from './sniff.ts';
import { checkTiff } from './tiff.ts';

/** data (channels, side, side), 0 = dark ... 255 = bright. */
export interface Site {
  readonly data: Uint8Array;
  readonly channels: number;
  readonly side: number;
}

/** Of a 16-bit channel, the shares of pixels below and above what 8 bits keep (Sanchez-Fernandez et al. 2023, doi:10.1038/s41467-023-42328-w: the top 0.0028 %). */
export const CLIPPED = 0.000028;

/**
 * Reads the `channels` channels of a site, 8 or 16 bit grey, all of one size: the pages of one TIFF, or those of several TIFFs or PNGs in
 * this order. Of each the middle square, `side` pixels a side. IMAGE_FORMAT_UNSUPPORTED for other formats, another number of channels,
 * or channels of different sizes; the other codes are those of `decodeImage`.
 */
export async function readSite(files: readonly Uint8Array[], channels: number, side: number): Promise<Site> {
  const data = new Uint8Array(channels * side * side);
  let at = 0;
  for await (const channel of checkedChannels(files, channels)) {
    data.set(middleSquare(channel, side), at);
    at += side * side;
  }
  return { data, channels, side };
}

/** All of the `channels` channels of a site, as the camera gave them. Errors as of `readSite`. */
export async function readChannels(files: readonly Uint8Array[], channels: number): Promise<Channel[]> {
  const read: Channel[] = [];
  for await (const channel of checkedChannels(files, channels)) read.push(channel);
  return read;
}

/** One after the other; so many, and all of one size. */
async function* checkedChannels(files: readonly Uint8Array[], channels: number): AsyncGenerator<Channel> {
  const pages = await channelsOfSite(files);
  if (pages.length !== channels) throw unsupported(channels, pages.length === 1 ? 'one channel' : `${pages.length} channels`);
  let first: Channel | undefined;
  for (const read of pages) {
    const channel = await read();
    first ??= channel;
    if (channel.height !== first.height || channel.width !== first.width) throw unsupported(channels, `channels of ${first.width} x ${first.height} and ${channel.width} x ${channel.height} pixels`);
    yield channel;
  }
}

/** How to read each channel of the files, in their order; what the headers tell is checked at once. */
export async function channelsOfSite(files: readonly Uint8Array[]): Promise<(() => Promise<Channel>)[]> {
  return (await Promise.all(files.map(pagesOf))).flat();
}

/** How to read each channel that a file holds; what its header tells is checked at once. */
async function pagesOf(bytes: Uint8Array): Promise<(() => Promise<Channel>)[]> {
  if (bytes.length > IMAGE_LIMITS.bytes) {
    throw new IsoLensError('IMAGE_TOO_LARGE', `Expected a site of at most ${IMAGE_LIMITS.bytes >> 20} MiB but received ${Math.ceil(bytes.length / (1 << 20))} MiB; save it with fewer pixels.`);
  }
  const format = sniffImage(bytes);
  if (format !== 'tiff' && format !== 'png') throw unsupported(undefined, `a ${format.toUpperCase()} image`);
  if (format === 'tiff') checkTiff(bytes);
  const { width, pageHeight, height: whole, pages = 1 } = await guarded(format, () => sharp(bytes, { ...(format === 'tiff' ? { pages: -1 } : {}), limitInputPixels: false }).metadata());
  const height = pageHeight ?? whole;
  if (width * height > IMAGE_LIMITS.pixels) {
    throw new IsoLensError('IMAGE_TOO_LARGE', `Expected at most ${IMAGE_LIMITS.pixels / 1e6} million pixels a channel but received ${width} x ${height}; save the site smaller.`);
  }
  return Array.from({ length: pages }, (_, page) => () => guarded(format, () => readChannel(bytes, page)));
}

/** (height, width), as the camera gave them. */
export interface Channel {
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

/** A TIFF of 8 bits with a page for each channel, as `readSite` reads it. pixels: (channels, height, width). */
export async function writeSite(pixels: Uint8Array, channels: number, height: number, width: number): Promise<Uint8Array> {
  const raw = { width, height: channels * height, channels: 1 as const, pageHeight: height };
  const bytes = await sharp(pixels, { raw, limitInputPixels: false }).toColourspace('b-w').tiff({ compression: 'lzw', predictor: 'horizontal' }).toBuffer();
  if (bytes.length <= IMAGE_LIMITS.bytes) return bytes;
  throw new IsoLensError('IMAGE_TOO_LARGE', `Expected a site that is written to at most ${IMAGE_LIMITS.bytes >> 20} MiB but ${channels} channels of ${width} x ${height} pixels take ${Math.ceil(bytes.length / (1 << 20))} MiB; save it with fewer pixels.`);
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

function unsupported(channels: number | undefined, received: string): IsoLensError {
  return new IsoLensError('IMAGE_FORMAT_UNSUPPORTED', `Expected a site of ${channels ?? 'several'} channels of one size, as the pages of one TIFF or as a TIFF or PNG each, but received ${received}; save its channels so.`);
}
