/** The same drawing as other people send it: what a reading should not depend on. */
import { sharp } from './sharp.ts';

export interface Alteration {
  readonly id: string;
  readonly summary: string;
  alter(bytes: Uint8Array): Promise<Uint8Array>;
}

const WIDE = 4000;
const COARSE_JPEG = 20;

/** Dark ink on clear paper. */
async function clearPaper(bytes: Uint8Array): Promise<Uint8Array> {
  const { data, info } = await sharp(bytes).flatten({ background: 'white' }).greyscale().raw().toBuffer({ resolveWithObject: true });
  const pixels = Buffer.alloc(info.width * info.height * 4);
  for (let i = 0; i < info.width * info.height; i++) pixels[4 * i + 3] = 255 - data[i * info.channels]!;
  return sharp(pixels, { raw: { width: info.width, height: info.height, channels: 4 } }).png().toBuffer();
}

/** Adding one is one entry here. */
export const ALTERATIONS: readonly Alteration[] = [
  { id: 'rotated', summary: 'turned by 90 degrees', alter: (bytes) => sharp(bytes).flatten({ background: 'white' }).rotate(90).png().toBuffer() },
  { id: 'inverted', summary: 'white on black', alter: (bytes) => sharp(bytes).flatten({ background: 'white' }).negate().png().toBuffer() },
  { id: 'transparent', summary: 'ink on clear paper', alter: clearPaper },
  { id: 'half', summary: 'half as wide', alter: async (bytes) => sharp(bytes).flatten({ background: 'white' }).resize({ width: Math.max(60, Math.round((await sharp(bytes).metadata()).width / 2)) }).png().toBuffer() },
  { id: 'wide', summary: '4,000 pixels wide', alter: (bytes) => sharp(bytes).flatten({ background: 'white' }).resize({ width: WIDE }).png().toBuffer() },
  { id: 'jpeg', summary: 'JPEG of quality 20', alter: (bytes) => sharp(bytes).flatten({ background: 'white' }).jpeg({ quality: COARSE_JPEG }).toBuffer() },
];
