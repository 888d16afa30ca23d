import { describe, expect, it } from 'vitest';
import { buildIndex, indexBackend } from '../../src/ann/index.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';
import { decodeMap, encodeMap, layOut, neighbourShares, placeAmong } from '../../src/layout/index.ts';

const DIMENSION = 24;

/** Families around centres in all directions: far more of them than a plane can tell apart. */
function families(rows: number, count: number, seed: number): Matrix {
  const rng = createRng(seed);
  const centres = Array.from({ length: count }, () => Array.from({ length: DIMENSION }, () => rng.normal()));
  const data = Float32Array.from({ length: rows * DIMENSION }, (_, i) => {
    const centre = centres[Math.floor(i / DIMENSION) % count]!;
    return centre[i % DIMENSION]! + 0.4 * rng.normal();
  });
  return l2Normalise(matrixOf(data, DIMENSION));
}

const options = { seed: 3, progress: SILENT_PROGRESS };

describe('a layout', () => {
  it('is not led astray by a library that repeats itself', { timeout: 60_000 }, async () => {
    // As long as the stretch between two landmarks, so that evenly spread ones would all be of one family in five.
    const vectors = families(3000, 50, 1);
    const { points, principal } = await layOut(vectors, { ...options, landmarks: 600 });
    const index = buildIndex(indexBackend('exact'), vectors, {}, SILENT_PROGRESS);
    expect((await neighbourShares(vectors, index, [points, principal]))[0]).toBeGreaterThan(0.9);
  });

  it('keeps far more of the neighbours than the plane of largest spread', { timeout: 60_000 }, async () => {
    const vectors = families(3000, 60, 1);
    const { points, principal } = await layOut(vectors, { ...options, landmarks: 600 });
    const index = buildIndex(indexBackend('exact'), vectors, {}, SILENT_PROGRESS);
    const [share, plane] = (await neighbourShares(vectors, index, [points, principal])) as [number, number];
    expect(share).toBeGreaterThan(0.9);
    expect(plane).toBeLessThan(0.7);
    expect(points.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('is the same for the same seed, and another for another', { timeout: 60_000 }, async () => {
    const vectors = families(700, 9, 2);
    const first = await layOut(vectors, { ...options, landmarks: 300 });
    expect(await layOut(vectors, { ...options, landmarks: 300 })).toEqual(first);
    expect((await layOut(vectors, { ...options, landmarks: 300, seed: 4 })).points).not.toEqual(first.points);
  });

  it('does not trouble about libraries of one, two or equal molecules', async () => {
    const one = families(1, 1, 1);
    expect([...(await layOut(one, options)).points]).toEqual([0.5, 0.5]);
    expect((await layOut(families(2, 2, 1), options)).points.every((value) => value >= 0 && value <= 1)).toBe(true);
    const equal = matrixOf(Float32Array.from({ length: 50 * DIMENSION }, (_, i) => one.data[i % DIMENSION]!), DIMENSION);
    expect((await layOut(equal, options)).points.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('tells how far it is, and ends when it is told to', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const progress = { ...SILENT_PROGRESS, update: (done: number): void => void (seen.push(done) > 20 && stop.abort()) };
    await expect(layOut(families(1500, 9, 2), { seed: 1, progress, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
});

describe('a place among others', () => {
  it('is that of the nearest where it is much nearer, and between two that are as near', () => {
    const places = [0, 0, 1, 1, 0.5, 0];
    expect(placeAmong(places, [1, 0], [0.99, 0.5])).toEqual([expect.closeTo(1), expect.closeTo(1)]);
    expect(placeAmong(places, [0, 1], [0.8, 0.8])).toEqual([0.5, 0.5]);
  });
});

describe('a map on disk', () => {
  it('is read as it was written, to 16 bits', () => {
    const points = Float32Array.from([0, 1, 0.25, 0.5, 1.2, -3]);
    const read = decodeMap(encodeMap(points), 3);
    [0, 1, 0.25, 0.5, 1, 0].forEach((value, i) => expect(read[i]).toBeCloseTo(value, 4));
  });

  it('is refused where it is another, too short or too long', () => {
    const file = encodeMap(new Float32Array(6));
    for (const [bytes, count] of [[file, 4], [file.subarray(1), 3], [Buffer.concat([file, Buffer.alloc(1)]), 3], [Buffer.alloc(3), 3]] as const) {
      expect(() => decodeMap(bytes, count)).toThrow(expect.objectContaining({ code: 'BUNDLE_CORRUPT' }));
    }
  });
});
