/** Sites of cells: stacks of 8 and 16 bits, squares of them, and what is refused. */
import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { readSite, siteTensor } from '../../src/image/index.ts';
import { resample } from '../../src/image/resample.ts';
import { deepTiff, hexagon, planarTiff, png, siteTiff } from './fixtures.ts';

describe('sites', () => {
  it('reads every page as a channel, as it is', async () => {
    const { data, channels, side } = await readSite([await siteTiff(3, 40, 40, 1)], 3, 40);
    expect([data.length, channels, side]).toEqual([3 * 40 * 40, 3, 40]);
    for (const page of [0, 1, 2]) {
      const { data: raw } = await sharp(await siteTiff(3, 40, 40, 1), { page }).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
      expect(Buffer.from(data.subarray(page * 1600, (page + 1) * 1600)).equals(raw)).toBe(true);
    }
  });

  it('takes the middle square, at the side that is asked for', async () => {
    const wide = await readSite([await siteTiff(2, 32, 60, 2)], 2, 32);
    const { data: raw } = await sharp(await siteTiff(2, 32, 60, 2), { page: 1 }).extractChannel(0).extract({ left: 14, top: 0, width: 32, height: 32 }).raw().toBuffer({ resolveWithObject: true });
    expect(Buffer.from(wide.data.subarray(1024)).equals(raw)).toBe(true);
    const small = await readSite([await siteTiff(2, 32, 60, 2)], 2, 16);
    const expected = resample(raw, 32, 32, 16, 16);
    small.data.subarray(256).forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(0.5));
  });

  it('stretches 12 bits in a file of 16 over the whole range, channel by channel', async () => {
    const deep = await readSite([await siteTiff(2, 64, 64, 3, 'ushort')], 2, 64);
    const flat = await readSite([await siteTiff(2, 64, 64, 3)], 2, 64);
    for (const channel of [0, 1]) {
      const own = deep.data.subarray(channel * 4096, (channel + 1) * 4096);
      expect(Math.max(...own)).toBe(255);
      expect(Math.min(...own)).toBe(0);
    }
    // What the encoder sees has neither brightness nor contrast, so the depth of the file hardly matters.
    const [a, b] = [siteTensor(deep, 32), siteTensor(flat, 32)];
    const cosine = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (2 * 1024);
    expect(cosine).toBeGreaterThan(0.99);
  });

  it('reads 16 bits to the last one, from a TIFF with a broken date and from PNGs alike', async () => {
    const pixels = Uint16Array.from({ length: 2 * 900 }, (_, i) => (i * 37) % 4001);
    const tiff = await readSite([deepTiff(pixels, 2, 30, 30)], 2, 30);
    const pngs = await Promise.all([0, 1].map((channel) => sharp(pixels.slice(channel * 900, (channel + 1) * 900), { raw: { width: 30, height: 30, channels: 1 } }).toColourspace('grey16').png().toBuffer()));
    expect(await readSite(pngs, 2, 30)).toEqual(tiff);
    // From the darkest to the brightest, but for a thousandth at each end.
    const [low, range] = [0, 4000];
    const error = Math.max(...tiff.data.map((value, i) => Math.abs(value - (255 * (pixels[i]! - low)) / range)));
    expect(error).toBeLessThan(2);
  });

  it('refuses a TIFF whose pixels lie behind its end, which the decoder takes for black', async () => {
    const whole = deepTiff(Uint16Array.from({ length: 2 * 900 }, (_, i) => 1000 + i), 2, 30, 30);
    for (const length of [400, 1800, whole.length >> 1, whole.length - 2]) {
      await expect(readSite([whole.subarray(0, length)], 2, 30), `${length}`).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    }
    // Some programs count more bytes than the last strip has; nothing is missing then.
    const generous = Buffer.from(whole);
    const second = generous.readUInt32LE(8 + 2 + 11 * 12);
    generous.writeUInt32LE(5000, second + 2 + 8 * 12 + 8);
    expect(await readSite([generous], 2, 30)).toEqual(await readSite([whole], 2, 30));
  });

  it('gives channels of mean 0 and variance 1, and leaves a dark one dark', async () => {
    const tensor = siteTensor(await readSite([await siteTiff(2, 40, 40, 4)], 2, 40), 20);
    for (const channel of [0, 1]) {
      const own = tensor.subarray(channel * 400, (channel + 1) * 400);
      const mean = own.reduce((sum, value) => sum + value, 0) / 400;
      expect(mean).toBeCloseTo(0, 4);
      expect(own.reduce((sum, value) => sum + value * value, 0) / 400).toBeCloseTo(1, 4);
    }
    const dark = siteTensor({ data: new Uint8Array(100).fill(3), channels: 1, side: 10 }, 10);
    expect(dark.every((value) => value === 0)).toBe(true);
  });

  it.each([
    ['nothing', () => Promise.resolve(Buffer.alloc(0)), 'IMAGE_EMPTY', /no bytes/],
    ['a PNG', () => png(hexagon()), 'IMAGE_FORMAT_UNSUPPORTED', /2 channels.*one channel/],
    ['channels of two sizes', () => siteTiff(1, 20, 20, 1), 'IMAGE_FORMAT_UNSUPPORTED', /channels of 20 x 20 and 24 x 24 pixels/],
    ['another number of channels', () => siteTiff(3, 20, 20, 1), 'IMAGE_FORMAT_UNSUPPORTED', /2 channels.*3 channels/],
    ['one page', () => siteTiff(1, 20, 20, 1), 'IMAGE_FORMAT_UNSUPPORTED', /one channel/],
    ['a truncated stack', async () => (await siteTiff(2, 64, 64, 1)).subarray(0, 900), 'IMAGE_CORRUPT', /cannot be decoded/],
    ['planes that the decoder reads wrong', () => Promise.resolve(planarTiff()), 'IMAGE_FORMAT_UNSUPPORTED', /separate planes/],
    ['text', () => Promise.resolve(Buffer.from('CCO')), 'IMAGE_FORMAT_UNSUPPORTED', /text/],
  ])('refuses %s', async (name, make, code, message) => {
    const more = name === 'channels of two sizes' ? [await siteTiff(1, 24, 24, 1)] : [];
    await expect(readSite([await make(), ...more], 2, 32)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

it('resampling keeps a constant, and a ramp where it only gets smaller', () => {
  expect([...resample(new Uint8Array(49).fill(9), 7, 7, 4, 5)].every((value) => Math.abs(value - 9) < 1e-4)).toBe(true);
  const ramp = Float32Array.from({ length: 64 }, (_, i) => i % 8);
  expect([...resample(ramp, 8, 8, 8, 8)]).toEqual([...ramp]);
  const half = resample(ramp, 8, 8, 4, 4);
  // Inner outputs lie in the middle of their inputs.
  for (const x of [1, 2]) expect(half[4 + x]!).toBeCloseTo(2 * x + 0.5, 4);
});
