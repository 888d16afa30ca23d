import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { IsoLensError } from '../../src/core/index.ts';
import { IMAGE_LIMITS, decodeImage, readDrawing } from '../../src/image/index.ts';
import { hexagon, photograph, planarTiff, png } from './fixtures.ts';

const SIZE = { height: 64, width: 96 };

async function codeOf(bytes: Uint8Array): Promise<string> {
  return readDrawing(bytes, SIZE).then(
    () => 'accepted',
    (error: unknown) => (error instanceof IsoLensError ? error.code : `uncoded: ${String(error)}`),
  );
}

async function difference(bytes: Uint8Array, reference: Float32Array): Promise<number> {
  const { data } = await readDrawing(bytes, SIZE);
  let [sum, all] = [0, 0];
  data.forEach((value, i) => {
    sum += Math.abs(value - reference[i]!);
    all += reference[i]!;
  });
  return sum / all;
}

describe('what is accepted gives the same drawing', async () => {
  const plain = hexagon();
  const { data, rows: height, columns: width } = plain;
  const original = await png(plain);
  const reference = (await readDrawing(original, SIZE)).data;
  const open = () => sharp(original);
  const rgb = () => open().toColourspace('srgb');
  const transparent = Buffer.from(Array.from(data).flatMap((grey) => [grey, grey, grey, 255 - grey]));
  const wide = Uint16Array.from(data, (grey) => grey * 257);
  const cases: [string, Promise<Buffer>, number][] = [
    ['JPEG', open().jpeg({ quality: 90 }).toBuffer(), 0.1],
    ['WebP', rgb().webp({ lossless: true }).toBuffer(), 0.02],
    ['GIF', rgb().gif().toBuffer(), 0.02],
    ['TIFF', open().tiff({ compression: 'lzw' }).toBuffer(), 0.001],
    ['1-bit TIFF', open().threshold().tiff({ bitdepth: 1, compression: 'deflate' }).toBuffer(), 0.02],
    ['palette PNG', rgb().png({ palette: true, colours: 4 }).toBuffer(), 0.02],
    ['16-bit grey PNG', sharp(wide, { raw: { width, height, channels: 1 } }).toColourspace('grey16').png().toBuffer(), 0.02],
    ['16-bit colour PNG', sharp(wide, { raw: { width, height, channels: 1 } }).toColourspace('rgb16').png().toBuffer(), 0.02],
    ['transparent PNG', sharp(transparent, { raw: { width, height, channels: 4 } }).png().toBuffer(), 0.02],
    ['grey PNG with alpha', sharp(transparent, { raw: { width, height, channels: 4 } }).toColourspace('b-w').png().toBuffer(), 0.02],
    ['CMYK JPEG', rgb().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), 0.15],
    ['inverted PNG', open().negate().png().toBuffer(), 0.001],
    ['grey lines on grey paper', png(hexagon(height, width, 90, 200)), 0.02],
    ['sideways JPEG with an EXIF turn', open().rotate(-90).withMetadata({ orientation: 6 }).jpeg({ quality: 90 }).toBuffer(), 0.15],
    ['three times the size', open().resize({ width: 3 * width }).png().toBuffer(), 0.35],
    ['isolated specks', png(withSpecks(hexagon())), 0.06],
  ];
  it.each(cases)('%s', async (_name, bytes, tolerance) => {
    expect(await difference(await bytes, reference)).toBeLessThanOrEqual(tolerance);
  });

  it('a shadow over the paper', async () => {
    const shaded = data.map((grey, i) => (grey * 0.8 + 30) * (0.45 + (0.55 * (i % width)) / width));
    expect(await difference(await png({ ...plain, data: shaded }), reference)).toBeLessThan(0.25);
  });

  it('tells the share of coloured pixels', async () => {
    const blue = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#2030ff' } }).png().toBuffer();
    expect((await decodeImage(blue)).coloured).toBe(1);
    expect((await decodeImage(original)).coloured).toBe(0);
  });
});

function withSpecks(image: ReturnType<typeof hexagon>): ReturnType<typeof hexagon> {
  image.data[3 * image.columns + 4] = 0;
  image.data[(image.rows - 3) * image.columns + image.columns - 5] = 0;
  return image;
}

describe('what is refused has a code', async () => {
  const original = await png(hexagon());
  const jpeg = await sharp(original).jpeg().toBuffer();
  const frames = Buffer.concat([hexagon().data, hexagon(240, 320, 80).data]);
  const animated = (format: 'gif' | 'webp') => sharp(frames, { raw: { width: 320, height: 480, channels: 1, pageHeight: 240 } }).toColourspace('srgb').toFormat(format).toBuffer();
  const even = (grey: number) => png({ data: new Uint8Array(6400).fill(grey), rows: 80, columns: 80 });
  const bomb = sharp({ create: { width: 16000, height: 16000, channels: 3, background: 'white' } }).png({ compressionLevel: 9 }).toBuffer();
  const text = (content: string) => Promise.resolve(Buffer.from(content));
  const cases: [string, Promise<Uint8Array>, string][] = [
    ['nothing', Promise.resolve(new Uint8Array(0)), 'IMAGE_EMPTY'],
    ['text named .png', text('CCO ethanol\nCCC propane\n'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['SVG', text('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['PDF', text('%PDF-1.7 ...'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['unknown bytes', Promise.resolve(new Uint8Array(100).fill(7)), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['truncated PNG', Promise.resolve(original.subarray(0, original.length >> 1)), 'IMAGE_CORRUPT'],
    ['truncated JPEG', Promise.resolve(jpeg.subarray(0, jpeg.length >> 1)), 'IMAGE_CORRUPT'],
    ['the head of a PNG', Promise.resolve(original.subarray(0, 12)), 'IMAGE_CORRUPT'],
    ['the head of a TIFF', text('II*\0'), 'IMAGE_CORRUPT'],
    ['animated GIF', animated('gif'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['animated WebP', animated('webp'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['planar 16-bit TIFF', Promise.resolve(planarTiff()), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['256 million pixels', bomb, 'IMAGE_TOO_LARGE'],
    ['too many bytes', Promise.resolve(new Uint8Array(IMAGE_LIMITS.bytes + 1)), 'IMAGE_TOO_LARGE'],
    ['all white', even(255), 'IMAGE_BLANK'],
    ['all black', even(0), 'IMAGE_BLANK'],
    ['a photograph', photograph(), 'IMAGE_NOT_A_DRAWING'],
  ];
  it.each(cases)('%s', async (_name, bytes, code) => {
    expect(await codeOf(await bytes)).toBe(code);
  });

  it('says what an SVG is and what to do', async () => {
    await expect(readDrawing(Buffer.from('<svg width="9"></svg>'), SIZE)).rejects.toThrow(/SVG.*PNG/);
  });

  it('flipped bytes never end without a code', async () => {
    for (let i = 0; i < 60; i++) {
      const broken = Uint8Array.from(i % 2 === 0 ? original : jpeg);
      broken[8 + ((i * 7919) % (broken.length - 8))]! ^= 1 << i % 8;
      expect(await codeOf(broken)).toMatch(/^(accepted|IMAGE_\w+)$/);
    }
  });
});
