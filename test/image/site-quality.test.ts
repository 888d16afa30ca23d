/** What is wrong with a site: too bright, empty, out of focus beside its plate. */
import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { flagSites, siteQuality } from '../../src/image/index.ts';
import { deepTiff, siteTiff } from './fixtures.ts';

/** A file a channel, each changed as it is asked for. */
async function site(seed: number, change: (channel: number, image: Sharp) => Sharp = (_, image) => image): Promise<Buffer[]> {
  const stack = await siteTiff(2, 64, 64, seed);
  return Promise.all([0, 1].map((page) => change(page, sharp(stack, { page }).extractChannel(0)).toColourspace('b-w').tiff().toBuffer()));
}

const plate = (count: number): Promise<Buffer[]>[] => Array.from({ length: count }, (_, i) => site(i));
const flagsOf = async (sites: readonly Promise<Buffer[]>[]): Promise<string[][]> => (
  flagSites(await Promise.all(sites.map(async (files) => siteQuality(await files)))).map((byChannel) => byChannel.map((flags) => flags.join()))
);

describe('quality of sites', () => {
  it('finds nothing wrong with a plate of good ones', async () => {
    expect((await flagsOf(plate(12))).flat().join('')).toBe('');
  });

  it('finds what is saturated, empty and out of focus, in its channel alone', async () => {
    const bright = site(20, (channel, image) => (channel === 0 ? image.linear(3, 0) : image));
    const empty = site(21, (channel, image) => (channel === 1 ? image.linear(0, 30) : image));
    const soft = site(22, (channel, image) => (channel === 0 ? image.blur(4) : image));
    const flags = await flagsOf([...plate(12), bright, empty, soft]);
    expect(flags.slice(12)).toEqual([['saturated', ''], ['', 'empty'], ['out of focus', '']]);
    expect(flags.slice(0, 12).flat().join('')).toBe('');
  });

  it('does not tell focus by a few sites, and sees the top of 12 bits in 16', async () => {
    expect(await flagsOf([...plate(4), site(22, (_, image) => image.blur(4))])).toEqual(Array.from({ length: 5 }, () => ['', '']));
    const pixels = Uint16Array.from({ length: 4096 }, (_, i) => (i % 9 === 0 ? 4095 : 300 + (i % 50)));
    expect((await siteQuality([deepTiff(pixels, 1, 64, 64)]))[0]!.saturated).toBeCloseTo(1 / 9, 2);
    expect(await siteQuality([])).toEqual([]);
  });
});
