/** What is doubtful about the channels of a site: too bright for the camera, nothing in it, out of focus. */
import { median } from '../core/index.ts';
import { channelsOfSite } from './site.ts';
import type { Channel } from './site.ts';

export interface ChannelQuality {
  /** Share of the pixels at the largest value that a camera of 8, 10, 12, 14 or 16 bits gives; 0 where the channel does not reach one. */
  readonly saturated: number;
  /** Standard deviation over mean. */
  readonly contrast: number;
  /** Variance of the Laplacian over the variance of the pixels: small where edges are soft. Compared within a plate, for stains differ. */
  readonly sharpness: number;
}

/** One a channel. Errors as of `readSite`. */
export async function siteQuality(files: readonly Uint8Array[]): Promise<ChannelQuality[]> {
  const qualities: ChannelQuality[] = [];
  for (const read of await channelsOfSite(files)) qualities.push(qualityOf(await read()));
  return qualities;
}

/** Of cameras, of which no pixel is brighter. */
const TOPS: readonly number[] = [8, 10, 12, 14, 16].map((bits) => 2 ** bits - 1);

function qualityOf({ pixels, height, width }: Channel): ChannelQuality {
  let [sum, squares, largest] = [0, 0, 0];
  for (const value of pixels) {
    sum += value;
    squares += value * value;
    if (value > largest) largest = value;
  }
  const mean = sum / pixels.length;
  const variance = Math.max(0, squares / pixels.length - mean * mean);
  let atTop = 0;
  if (TOPS.includes(largest)) for (const value of pixels) if (value === largest) atTop++;
  let [edges, inner] = [0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      edges += (4 * pixels[at]! - pixels[at - 1]! - pixels[at + 1]! - pixels[at - width]! - pixels[at + width]!) ** 2;
      inner++;
    }
  }
  return { saturated: atTop / pixels.length, contrast: mean === 0 ? 0 : Math.sqrt(variance) / mean, sharpness: variance === 0 || inner === 0 ? 0 : edges / inner / variance };
}

/** Above this share of pixels at the largest value, brightness is no longer measured. */
const MOST_SATURATED = 0.01;
/** Below this, a channel is background and noise. */
const LEAST_CONTRAST = 0.05;
/** So many times the usual spread below the median of the plate, a channel is out of focus. */
const SOFT = 5;
/** Fewer sites have no usual spread. */
const FEWEST = 8;

export type SiteFlag = 'saturated' | 'empty' | 'out of focus';

/** What is wrong with each site of one plate: flags by channel. qualities: (sites, channels). */
export function flagSites(qualities: readonly (readonly ChannelQuality[])[]): SiteFlag[][][] {
  const channels = qualities[0]?.length ?? 0;
  const softest = Array.from({ length: channels }, (_, channel) => softLimit(qualities.map((site) => site[channel]!).filter(({ contrast }) => contrast >= LEAST_CONTRAST)));
  return qualities.map((site) => site.map(({ saturated, contrast, sharpness }, channel): SiteFlag[] => {
    if (contrast < LEAST_CONTRAST) return ['empty'];
    return [...(saturated > MOST_SATURATED ? ['saturated' as const] : []), ...(sharpness < softest[channel]! ? ['out of focus' as const] : [])];
  }));
}

/** On a logarithmic scale, for sharpness differs by factors. */
function softLimit(all: readonly ChannelQuality[]): number {
  if (all.length < FEWEST) return 0;
  const logs = all.map(({ sharpness }) => Math.log(Math.max(1e-12, sharpness)));
  const middle = median(logs);
  const spread = 1.4826 * median(logs.map((value) => Math.abs(value - middle)));
  // A plate on which all is equally sharp still varies by a tenth.
  return Math.exp(middle - SOFT * Math.max(0.1, spread));
}
