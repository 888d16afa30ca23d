import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** A drawing of a few strokes: enough for an encoder, and quickly made. */
export const STROKES = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="white"/><path d="M40 130L80 60L140 60L180 130L140 170L80 170ZM180 130L240 130L260 80" stroke="black" stroke-width="3" fill="none"/></svg>';

export function drawing(): Promise<Buffer> {
  return sharp(Buffer.from(STROKES)).png().toBuffer();
}

/** Hostile or hopeless pictures, with the code that each must get. */
export async function badImages(): Promise<readonly { name: string; bytes: Uint8Array; code: RegExp }[]> {
  const png = await drawing();
  const jpeg = await sharp(Buffer.from(STROKES)).jpeg().toBuffer();
  const frame = { create: { width: 40, height: 40, channels: 3 as const, background: '#fff' } };
  const frames = await Promise.all(['#000', '#fff'].map((background) => sharp({ create: { ...frame.create, background } }).png().toBuffer()));
  const animated = await sharp(frames, { join: { animated: true } }).gif({ delay: [100, 100] }).toBuffer();
  return [
    { name: 'empty.png', bytes: new Uint8Array(0), code: /^IMAGE_EMPTY$/ },
    { name: 'text.png', bytes: Buffer.from('this is no picture\n'), code: /^IMAGE_FORMAT_UNSUPPORTED$/ },
    { name: 'drawing.svg', bytes: Buffer.from(STROKES), code: /^IMAGE_FORMAT_UNSUPPORTED$/ },
    { name: 'svg.png', bytes: Buffer.from(`<?xml version="1.0"?>${STROKES}`), code: /^IMAGE_FORMAT_UNSUPPORTED$/ },
    { name: 'truncated.png', bytes: png.subarray(0, png.length / 2), code: /^IMAGE_CORRUPT$/ },
    { name: 'truncated.jpg', bytes: jpeg.subarray(0, jpeg.length / 2), code: /^IMAGE_CORRUPT$/ },
    { name: 'bomb.png', bytes: bomb(20_000, 20_000), code: /^IMAGE_TOO_LARGE$/ },
    { name: 'animated.gif', bytes: animated, code: /^IMAGE_FORMAT_UNSUPPORTED$/ },
    { name: 'blank.png', bytes: await sharp(frame).png().toBuffer(), code: /^IMAGE_BLANK$/ },
    { name: 'black.png', bytes: await sharp({ create: { ...frame.create, background: '#000' } }).png().toBuffer(), code: /^IMAGE_(BLANK|NOT_A_DRAWING)$/ },
    { name: 'noise.jpg', bytes: await noise(), code: /^IMAGE_NOT_A_DRAWING$/ },
  ];
}

/** Unusual pictures of the same drawing that must be accepted. */
export async function oddImages(): Promise<readonly { name: string; bytes: Uint8Array }[]> {
  const image = (): ReturnType<typeof sharp> => sharp(Buffer.from(STROKES));
  return [
    { name: 'cmyk.jpg', bytes: await image().toColourspace('cmyk').jpeg().toBuffer() },
    { name: 'sixteen.png', bytes: await image().toColourspace('grey16').png({ palette: false }).toBuffer() },
    { name: 'transparent.png', bytes: await sharp(Buffer.from(STROKES.replace(/<rect[^>]*>/, ''))).png().toBuffer() },
    { name: 'paletted.webp', bytes: await image().webp({ lossless: true }).toBuffer() },
  ];
}

/** A blank PNG of one bit a pixel: 400 million of them in fifty kilobytes. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Depth 1, greyscale.
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 9 });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** What a photograph is to the eye of a line-drawing encoder: soft shapes of every tone. */
async function noise(): Promise<Buffer> {
  const [width, height] = [320, 240];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const tone = 128 + 60 * Math.sin(x / 23) + 60 * Math.cos(y / 17 + x / 41);
      data.set([tone, tone * 0.8, 255 - tone], (y * width + x) * 3);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } }).jpeg().toBuffer();
}

/** SMILES that are refused, with their codes. */
export const BAD_SMILES: readonly { smiles: string; code: RegExp }[] = [
  { smiles: '', code: /^SMILES_EMPTY$/ },
  { smiles: '   ', code: /^SMILES_EMPTY$/ },
  { smiles: 'C'.repeat(10_000), code: /^SMILES_TOO_LONG$/ },
  { smiles: 'C'.repeat(1000), code: /^SMILES_TOO_COMPLEX$/ },
  { smiles: `${'C('.repeat(200)}C${')'.repeat(200)}`, code: /^SMILES_TOO_COMPLEX$/ },
  { smiles: 'C(C)(C)(C)(C)C', code: /^SMILES_VALENCE$/ },
  { smiles: 'C1CCCC', code: /^SMILES_UNCLOSED_RING$/ },
  { smiles: 'c1cccc1', code: /^SMILES_KEKULIZE$/ },
  { smiles: '[#6]~[#7]', code: /^SMILES_IS_QUERY$/ },
  { smiles: 'CCO>>CC=O', code: /^SMILES_IS_REACTION$/ },
  { smiles: '*CC*', code: /^SMILES_IS_QUERY$/ },
  { smiles: 'nonsense', code: /^SMILES_SYNTAX$/ },
  { smiles: 'C\u0000C', code: /^SMILES_SYNTAX$/ },
  { smiles: 'Cl[Pt](Cl)(N)N', code: /^MOLECULE_UNSUPPORTED$/ },
];
