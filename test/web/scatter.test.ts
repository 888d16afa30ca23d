/** What every plot of points does, without a browser. */
import { describe, expect, it } from 'vitest';
import { boxBetween, nearestTo, ranksWithin, scalesOf } from '../../web/answer/scatter.ts';
import type { Frame } from '../../web/answer/scatter.ts';

const FRAME: Frame = { width: 300, height: 200, margin: { left: 40, right: 10, top: 20, bottom: 30 } };
const BOUNDS = { left: -1, right: 1, low: 0, high: 10 };
const scales = scalesOf(FRAME, BOUNDS);

describe('scales', () => {
  it('put the corners of the numbers into those of the frame, up being more', () => {
    expect([scales.toX(-1), scales.toX(1), scales.toY(0), scales.toY(10)]).toEqual([40, 290, 170, 20]);
  });

  it('come back to the number they came from', () => {
    for (const share of [0, 0.1, 0.5, 0.99, 1]) {
      const [x, y] = [-1 + 2 * share, 10 * share];
      expect(scales.fromX(scales.toX(x))).toBeCloseTo(x, 12);
      expect(scales.fromY(scales.toY(y))).toBeCloseTo(y, 12);
    }
  });

  it('keep what lies outside of the frame at its edge', () => {
    expect([scales.fromX(-500), scales.fromX(5000), scales.fromY(-500), scales.fromY(5000)]).toEqual([-1, 1, 10, 0]);
  });
});

describe('a box between two spots', () => {
  it('is the same from whichever corner it is drawn', () => {
    const corners = [[90, 50], [190, 120]] as const;
    const wanted = boxBetween(corners[0], corners[1], scales)!;
    expect(wanted.left).toBeLessThan(wanted.right);
    expect(wanted.low).toBeLessThan(wanted.high);
    expect(boxBetween(corners[1], corners[0], scales)).toEqual(wanted);
    expect(boxBetween([90, 120], [190, 50], scales)).toEqual(wanted);
  });

  it('is none where the pointer hardly moved', () => {
    expect(boxBetween([100, 100], [105, 104], scales)).toBeUndefined();
    expect(boxBetween([100, 100], [106, 106], scales)).toBeDefined();
  });
});

describe('points', () => {
  const points = [{ rank: 0, x: 0, y: 5 }, { rank: 4, x: 0.5, y: 5 }, { rank: 7, x: 1, y: 10 }];

  it('are within a box with its edges', () => {
    expect([...ranksWithin(points, { left: 0, right: 0.5, low: 5, high: 5 })]).toEqual([0, 4]);
    expect(ranksWithin(points, { left: -1, right: -0.5, low: 0, high: 10 }).size).toBe(0);
  });

  it('are found by rank, the nearest one, within ten pixels', () => {
    const at = (x: number, y: number) => [scales.toX(x), scales.toY(y)] as const;
    expect(nearestTo(at(0.5, 5), points, scales)).toBe(4);
    const [x, y] = at(1, 10);
    expect(nearestTo([x - 7, y + 7], points, scales)).toBe(7);
    expect(nearestTo([x - 8, y + 8], points, scales)).toBeUndefined();
    expect(nearestTo([x, y], [], scales)).toBeUndefined();
    expect(nearestTo([10, 0], [{ rank: 1, x: 0, y: 0 }, { rank: 2, x: 4, y: 0 }], { toX: (value) => value, toY: (value) => value, fromX: Number, fromY: Number })).toBe(2);
  });
});
