import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contactSheet, decodeImage, normaliseDrawing, readDrawing } from '../../src/image/index.ts';
import { BUILD_FOLDER, normaliseDrawing as native } from '../../src/native/index.ts';
import { hexagon } from './fixtures.ts';

const DATA = process.env['ISOLENS_DATA'] ?? 'data';
const DRAWN = join(DATA, 'drawn');
const SIZES = [[128, 192], [64, 96], [160, 160]] as const;

/** Largest difference between the two twins over a picture; null on both sides counts as none. */
function disagreement(grey: { data: Uint8Array; rows: number; columns: number }, height: number, width: number): number {
  const ours = normaliseDrawing(grey, height, width);
  const theirs = native(grey.data, grey.rows, grey.columns, height, width);
  if (ours === null || theirs === null) return ours === theirs ? 0 : Number.POSITIVE_INFINITY;
  return theirs.reduce((worst, value, i) => Math.max(worst, Math.abs(value - ours.data[i]!)), 0);
}

describe('normaliseDrawing', () => {
  it('crops, centres and stretches', () => {
    const { data, height, width } = normaliseDrawing(hexagon(), 64, 96)!;
    expect(data.length).toBe(height * width);
    expect(data.reduce((a, b) => Math.max(a, b))).toBe(1);
    const inked = (at: number): boolean => data[at]! > 0.1;
    const columns = Array.from({ length: width }, (_column, x) => Array.from({ length: height }, (_row, y) => inked(y * width + x)).some(Boolean));
    expect(columns.indexOf(true)).toBeLessThanOrEqual(2);
    expect(columns.lastIndexOf(true)).toBeGreaterThanOrEqual(width - 3);
    expect(data[0]).toBe(0);
  });

  it('gives null without ink', () => {
    expect(normaliseDrawing({ data: new Uint8Array(100).fill(240), rows: 10, columns: 10 }, 32, 32)).toBeNull();
  });

  it('is fast: 4 ms of processor time for 1000 x 600', () => {
    const image = hexagon(600, 1000);
    const times = Array.from({ length: 12 }, () => {
      const start = process.cpuUsage();
      normaliseDrawing(image, 128, 192);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    });
    // The least of several runs, with room for a slower or busier machine.
    expect(Math.min(...times)).toBeLessThan(25);
  });
});

describe.skipIf(!existsSync(join(BUILD_FOLDER, 'isolens.node')))('the native twin gives the same numbers', () => {
  it('on synthetic pictures', () => {
    const pictures = [hexagon(), hexagon(37, 53), hexagon(240, 320, 255, 0), hexagon(100, 1000, 30, 220), hexagon(900, 80), { data: Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256), rows: 50, columns: 100 }, { data: new Uint8Array(64).fill(255), rows: 8, columns: 8 }];
    for (const picture of pictures) for (const [height, width] of SIZES) expect(disagreement(picture, height, width)).toBeLessThan(1e-5);
  });

  it.skipIf(!existsSync(DRAWN))('on real drawings', async () => {
    for (const set of ['usan', 'trec', 'uspto']) {
      for (const file of readdirSync(join(DRAWN, set)).filter((_, i) => i % 50 === 0)) {
        const { grey } = await decodeImage(readFileSync(join(DRAWN, set, file)));
        expect(disagreement(grey, 128, 192), file).toBeLessThan(1e-5);
      }
    }
  });
});

it.skipIf(!existsSync(DRAWN))('real drawings are accepted', async () => {
  for (const set of ['usan', 'trec', 'uspto']) {
    for (const file of readdirSync(join(DRAWN, set)).filter((_, i) => i % 45 === 3)) {
      const { data } = await readDrawing(readFileSync(join(DRAWN, set, file)), { height: 64, width: 96 });
      expect(data.length).toBe(64 * 96);
    }
  }
});

it('puts canvases side by side', async () => {
  const canvas = normaliseDrawing(hexagon(), 32, 48)!;
  const { grey } = await decodeImage(await contactSheet([canvas, canvas, canvas], 2));
  expect([grey.rows, grey.columns]).toEqual([2 * 36 + 4, 2 * 52 + 4]);
  await expect(contactSheet([], 2)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});
