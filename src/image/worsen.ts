/** Clean pictures as they come out of a scanner, a small screenshot or a mail: what trust is fitted on must not all be spotless. */
import { createRng } from '../core/index.ts';
import { sharp } from './sharp.ts';

/** Grey pixels (height, width) as a PNG file. */
export function greyToPng(grey: Uint8Array, height: number, width: number): Promise<Uint8Array> {
  return sharp(grey, { raw: { width, height, channels: 1 } }).png().toBuffer();
}

/** Smaller, blurred, cut to one bit, or compressed, as the seed says; a third stay as they are. PNG or JPEG. */
export async function worsen(bytes: Uint8Array, seed: number): Promise<Uint8Array> {
  const rng = createRng(seed);
  const kind = rng.next();
  const { width } = await sharp(bytes).metadata();
  const share = 0.3 + 0.7 * rng.next();
  if (kind < 0.33) return bytes;
  const smaller = sharp(bytes).flatten({ background: 'white' }).resize({ width: Math.max(60, Math.round(width * share)) });
  if (kind < 0.55) return smaller.jpeg({ quality: Math.round(15 + 60 * rng.next()) }).toBuffer();
  if (kind < 0.75) return smaller.greyscale().blur(0.4 + 0.8 * rng.next()).threshold(Math.round(120 + 100 * rng.next())).png().toBuffer();
  return smaller.rotate(4 * rng.next() - 2, { background: 'white' }).png().toBuffer();
}
