import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readDrawing } from '../../src/image/index.ts';
import { hexagon, png } from './fixtures.ts';

const SIZE = { height: 64, width: 96 };
const { data: lines, rows: height, columns: width } = hexagon(480, 640);

/** The drawing in one colour, transparent elsewhere; half the size, so that edges are partly transparent. */
function inked(colour: readonly number[], opaque = 255, hidden: readonly number[] = colour): Sharp {
  const pixels = Uint8Array.from(lines).reduce((out, grey, i) => {
    out.set(grey === 0 ? [...colour, opaque] : [...hidden, 0], 4 * i);
    return out;
  }, new Uint8Array(4 * lines.length));
  return sharp(Buffer.from(pixels), { raw: { width, height, channels: 4 } });
}

async function difference(bytes: Uint8Array, reference: Float32Array): Promise<number> {
  const { data } = await readDrawing(bytes, SIZE);
  const sum = data.reduce((total, value, i) => total + Math.abs(value - reference[i]!), 0);
  return sum / reference.reduce((a, b) => a + b, 0);
}

describe('lines on transparent paper are read whatever their colour', async () => {
  const reference = (await readDrawing(await png({ data: lines, rows: height, columns: width }), SIZE)).data;
  const smooth = (colour: readonly number[], opaque?: number) => inked(colour, opaque).resize({ width: width >> 1 });
  const plain = (margin: number, background: string) =>
    ({ create: { width: width + margin, height: height + margin, channels: 4 as const, background } });
  const onPage = (ink: string, page: string) =>
    sharp(plain(200, '#00000000')).composite([{ input: plain(60, page) }, { input: Buffer.from(svgLines(ink)) }]).png().toBuffer();
  const cases: [string, Promise<Buffer>, number][] = [
    ['white', inked([255, 255, 255]).png().toBuffer(), 0.05],
    ['black', inked([0, 0, 0]).png().toBuffer(), 0.05],
    ['white over hidden black', inked([255, 255, 255], 255, [0, 0, 0]).png().toBuffer(), 0.05],
    ['light grey', inked([225, 225, 225]).png().toBuffer(), 0.05],
    ['middle grey', inked([128, 128, 128]).png().toBuffer(), 0.05],
    ['yellow', inked([255, 255, 0]).png().toBuffer(), 0.05],
    ['pale cyan', inked([200, 255, 255]).png().toBuffer(), 0.05],
    ['blue', inked([0, 0, 255]).png().toBuffer(), 0.05],
    ['white with soft edges', smooth([255, 255, 255]).png().toBuffer(), 0.35],
    ['black with soft edges', smooth([0, 0, 0]).png().toBuffer(), 0.35],
    ['white, all of it faint', smooth([255, 255, 255], 90).png().toBuffer(), 0.35],
    ['white, palette PNG', inked([255, 255, 255]).png({ palette: true, colours: 4 }).toBuffer(), 0.05],
    ['white, grey PNG with alpha', inked([255, 255, 255]).toColourspace('b-w').png().toBuffer(), 0.05],
    ['white, WebP', inked([255, 255, 255]).webp({ lossless: true }).toBuffer(), 0.05],
    ['white, GIF (one bit of alpha)', inked([255, 255, 255]).gif().toBuffer(), 0.05],
    ['white, TIFF', inked([255, 255, 255]).tiff({ compression: 'lzw' }).toBuffer(), 0.05],
  ];
  it.each(cases)('%s', async (_name, bytes, tolerance) => {
    expect(await difference(await bytes, reference)).toBeLessThanOrEqual(tolerance);
  });

  const pages = [['black', 'white'], ['white', 'black'], ['#ffff80', '#202060']] as const;
  it.each(pages)('%s on a page of %s with a transparent margin', async (ink, page) => {
    const opaque = await sharp(Buffer.from(svgLines('black'))).flatten({ background: 'white' }).png().toBuffer();
    expect(await difference(await onPage(ink, page), (await readDrawing(opaque, SIZE)).data)).toBeLessThan(0.1);
  });

  it('white boxes behind the labels of black lines do not turn the paper', async () => {
    const rects = '<rect x="40" y="40" width="80" height="80" fill="white"/><rect x="500" y="40" width="60" height="60" fill="white"/>';
    const boxes = svgLines('black').replace('</svg>', `${rects}</svg>`);
    const opaque = await sharp(Buffer.from(svgLines('black'))).flatten({ background: 'white' }).png().toBuffer();
    expect(await difference(await sharp(Buffer.from(boxes)).png().toBuffer(), (await readDrawing(opaque, SIZE)).data)).toBeLessThan(0.05);
  });

  it('nothing but transparency is blank', async () => {
    const nothing = await sharp({ create: { width: 80, height: 80, channels: 4, background: '#ffffff00' } }).png().toBuffer();
    await expect(readDrawing(nothing, SIZE)).rejects.toMatchObject({ code: 'IMAGE_BLANK' });
  });
});

function svgLines(ink: string): string {
  const ring = 'M400 240 L328 365 L184 365 L112 240 L184 115 L328 115 Z M400 240 L576 240';
  const lined = `<path d="${ring}" stroke="${ink}" stroke-width="6" fill="none"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${lined}</svg>`;
}
