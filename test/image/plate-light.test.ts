/** Plates whose light is known: what falls off towards the corners comes back, and intensities keep their meaning between sites. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { PlateLight, readSite } from '../../src/image/index.ts';
import { BrightnessSample, imageQuantiles } from '../../src/image/brightness.ts';
import { IlluminationSum, evenOut } from '../../src/image/illumination.ts';
import type { Channel } from '../../src/image/site.ts';
import { deepTiff, planarTiff, siteTiff } from './fixtures.ts';

const [HEIGHT, WIDTH] = [96, 128];

/** Corners at half the brightness of the middle. */
const vignette = (y: number, x: number): number => 1 - 0.5 * (((2 * x) / (WIDTH - 1) - 1) ** 2 + ((2 * y) / (HEIGHT - 1) - 1) ** 2) / 2;

/** Round cells anywhere, cut off by the edges, on a background of 200, of 12 bits; `strength`: how bright the cells are. */
function cells(seed: number, strength = 1000, light = vignette): Channel {
  const rng = createRng(seed);
  const all = Array.from({ length: 15 }, () => ({ x: rng.next() * (WIDTH + 12) - 6, y: rng.next() * (HEIGHT + 12) - 6 }));
  const pixels = Uint16Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
    const [y, x] = [Math.floor(i / WIDTH), i % WIDTH];
    const isCell = all.some((cell) => Math.hypot(x - cell.x, y - cell.y) < 6);
    return Math.round(light(y, x) * (200 + 10 * rng.next() + (isCell ? strength : 0)));
  });
  return { pixels, height: HEIGHT, width: WIDTH };
}

const fileOf = ({ pixels }: Channel): Uint8Array => deepTiff(pixels as Uint16Array, 1, HEIGHT, WIDTH);
const meanWithin = (image: ArrayLike<number>, top: number, left: number, size = 8): number => {
  let sum = 0;
  for (let y = top; y < top + size; y++) for (let x = left; x < left + size; x++) sum += image[y * WIDTH + x]!;
  return sum / (size * size);
};

describe('illumination', () => {
  it('is found from the mean of a plate: corners come back, within 5 %', () => {
    const plate = Array.from({ length: 150 }, (_, i) => cells(i));
    const sum = new IlluminationSum();
    for (const image of plate) sum.add(image);
    const illumination = sum.illumination();
    const [before, after] = [new Float64Array(HEIGHT * WIDTH), new Float64Array(HEIGHT * WIDTH)];
    for (const image of plate) {
      const even = evenOut(image, illumination);
      for (let i = 0; i < even.length; i++) {
        before[i]! += image.pixels[i]!;
        after[i]! += even[i]!;
      }
    }
    // Cells lie where chance puts them: of 150 images, as of any plate, their mean still varies by a few per cent.
    const ratio = (image: Float64Array): number => (meanWithin(image, 0, 0) + meanWithin(image, 0, WIDTH - 8) + meanWithin(image, HEIGHT - 8, 0) + meanWithin(image, HEIGHT - 8, WIDTH - 8)) / 4 / meanWithin(image, 36, 52, 24);
    expect(ratio(before)).toBeLessThan(0.62);
    expect(Math.abs(ratio(after) - 1)).toBeLessThan(0.05);
  });

  it('gives a bright object in a corner the brightness that it has in the middle', () => {
    const sum = new IlluminationSum();
    for (let i = 0; i < 150; i++) sum.add(cells(i));
    const spot = (top: number, left: number): Channel => {
      const { pixels } = cells(1000, 0);
      for (let y = top; y < top + 6; y++) for (let x = left; x < left + 6; x++) pixels[y * WIDTH + x] = Math.round(2000 * vignette(y, x));
      return { pixels, height: HEIGHT, width: WIDTH };
    };
    const illumination = sum.illumination();
    const inCorner = meanWithin(evenOut(spot(1, 1), illumination), 1, 1, 6);
    const inMiddle = meanWithin(evenOut(spot(45, 61), illumination), 45, 61, 6);
    expect(meanWithin(spot(1, 1).pixels, 1, 1, 6) / meanWithin(spot(45, 61).pixels, 45, 61, 6)).toBeLessThan(0.6);
    expect(Math.abs(inCorner / inMiddle - 1)).toBeLessThan(0.05);
  });

  it('follows the cos^4 law of lenses where there are many images', () => {
    const law = (y: number, x: number): number => 1 / (1 + (Math.SQRT2 - 1) * (((2 * x) / (WIDTH - 1) - 1) ** 2 + ((2 * y) / (HEIGHT - 1) - 1) ** 2) / 2) ** 2;
    const image: Channel = { pixels: Uint16Array.from({ length: HEIGHT * WIDTH }, (_, i) => Math.round(4000 * law(Math.floor(i / WIDTH), i % WIDTH))), height: HEIGHT, width: WIDTH };
    const sum = new IlluminationSum();
    for (let i = 0; i < 300; i++) sum.add(image);
    const even = evenOut(image, sum.illumination());
    expect(image.pixels[0]! / image.pixels[48 * WIDTH + 64]!).toBeCloseTo(0.5, 2);
    expect(Math.abs(even[0]! / even[48 * WIDTH + 64]! - 1)).toBeLessThan(0.05);
  });

  it('follows light that falls off to one side to the very edge, and is even for dark or no images', () => {
    const slope: Channel = { pixels: Uint16Array.from({ length: HEIGHT * WIDTH }, (_, i) => 1000 + 10 * (i % WIDTH)), height: HEIGHT, width: WIDTH };
    const sum = new IlluminationSum();
    sum.add(slope);
    const even = evenOut(slope, sum.illumination());
    const mean = even.reduce((total, value) => total + value, 0) / even.length;
    expect(Math.max(...even.map((value) => Math.abs(value / mean - 1)))).toBeLessThan(0.01);
    const dark = new IlluminationSum();
    dark.add({ pixels: new Uint8Array(64), height: 8, width: 8 });
    expect(new Set([...dark.illumination(), ...new IlluminationSum().illumination()])).toEqual(new Set([1]));
  });
});

describe('brightness', () => {
  it('of a sample is that of all pixels, under even light', () => {
    const sample = new BrightnessSample();
    const flat = new Float32Array(64 * 64).fill(1);
    expect(sample.isEmpty).toBe(true);
    const rng = createRng(5);
    for (let i = 0; i < 60; i++) sample.add({ pixels: Uint16Array.from({ length: 40_000 }, () => 4000 * rng.next()), height: 200, width: 200 });
    const [low, middle, high] = sample.quantiles([0.01, 0.5, 0.999], flat);
    expect(Math.abs(low! - 40)).toBeLessThan(4);
    expect(Math.abs(middle! - 2000)).toBeLessThan(20);
    expect(Math.abs(high! - 3996)).toBeLessThan(2);
    expect(sample.quantiles([0.5], flat.map(() => 0.5))[0]).toBeCloseTo(2 * middle!, 3);
  });

  it('of one image', () => {
    const values = Float32Array.from({ length: 1001 }, (_, i) => i / 10);
    const [low, middle, high] = imageQuantiles(values, [0, 0.5, 0.999]);
    expect(low).toBe(0);
    expect(middle).toBeCloseTo(50, 2);
    expect(high).toBeCloseTo(99.9, 1);
    expect(imageQuantiles(new Float32Array(9).fill(7), [0.1, 0.9])).toEqual([7, 7]);
  });
});

describe('plates', () => {
  const files = (seed: number, strength?: number): Uint8Array[] => [fileOf(cells(seed, strength)), fileOf(cells(seed + 500, strength))];

  it('writes sites that are read as they were written, each over the whole range by itself', async () => {
    const plate = new PlateLight(2, 'site');
    for (let i = 0; i < 40; i++) await plate.add(files(i), false);
    const correction = plate.correction();
    for (const strength of [500, 1500]) {
      const { data } = await readSite([await correction.correct(files(700, strength))], 2, HEIGHT);
      expect([data.length, Math.max(...data)]).toEqual([2 * HEIGHT * HEIGHT, 255]);
      // The darkest pixel may lie beside the middle square.
      expect(Math.min(...data)).toBeLessThan(12);
    }
  });

  it('scales all sites alike by the controls: twice as bright stays twice as bright', async () => {
    const plate = new PlateLight(2, 'controls');
    for (let i = 0; i < 40; i++) await plate.add(files(i, i % 4 === 0 ? 2000 : 500), i % 4 === 0);
    const correction = plate.correction();
    expect(correction.hasControls).toBe(true);
    const [dim, bright] = [await readSite([await correction.correct(files(41, 500))], 2, HEIGHT), await readSite([await correction.correct(files(41, 1000))], 2, HEIGHT)];
    const top = ({ data }: { data: Uint8Array }): number => [...data].sort((a, b) => b - a)[200]!;
    expect(top(dim)).toBeGreaterThan(45);
    expect(top(bright) / top(dim)).toBeGreaterThan(1.8);
    expect(top(bright) / top(dim)).toBeLessThan(2.2);
  });

  it('takes all sites where there is no control, and 8 bits as well', async () => {
    const plate = new PlateLight(2, 'controls');
    for (let i = 0; i < 8; i++) await plate.add([await siteTiff(2, 40, 48, i)], false);
    const correction = plate.correction();
    expect(correction.hasControls).toBe(false);
    const { data } = await readSite([await correction.correct([await siteTiff(2, 40, 48, 3)])], 2, 40);
    expect(Math.max(...data)).toBeGreaterThan(240);
    expect(Math.min(...data)).toBeLessThan(8);
  });

  it('refuses a site that is not as the others, and counts none of its channels', async () => {
    const plate = new PlateLight(2, 'site');
    await plate.add(files(1), false);
    const before = await plate.correction().correct(files(2));
    const torn = files(3)[1]!.subarray(0, 2000);
    await expect(plate.add([files(3)[0]!, torn], false)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    await expect(plate.add([files(3)[0]!], false)).rejects.toMatchObject({ code: 'IMAGE_FORMAT_UNSUPPORTED' });
    await expect(plate.add([planarTiff()], false)).rejects.toMatchObject({ code: 'IMAGE_FORMAT_UNSUPPORTED' });
    expect(await plate.correction().correct(files(2))).toEqual(before);
  });
});
