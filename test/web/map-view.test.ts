/** What of the map is seen, what lies near the query, and the colours of ranks. */
import { describe, expect, it } from 'vitest';
import { WHOLE, moved, rankColour, rankScale, ranksNear, reachOf, zoomed } from '../../web/answer/map-view.ts';

const MAP = { index: 'a', generation: 'g', method: 'm', neighbourShare: 1 };
const span = ({ left, right }: { left: number; right: number }): number => right - left;

describe('the view', () => {
  it('keeps the point that it is zoomed about where it is', () => {
    const view = zoomed(WHOLE, 1 / 3, 0.3, 0.6);
    expect(span(view)).toBeCloseTo(span(WHOLE) / 3, 12);
    expect(view.high - view.low).toBeCloseTo(span(view), 12);
    expect((0.3 - view.left) / span(view)).toBeCloseTo((0.3 - WHOLE.left) / span(WHOLE), 12);
    expect((0.6 - view.low) / span(view)).toBeCloseTo((0.6 - WHOLE.low) / span(WHOLE), 12);
  });

  it('never shows more than the whole, and has an end', () => {
    let view = zoomed(zoomed(WHOLE, 0.5, 1, 1), 100);
    for (const side of ['left', 'right', 'low', 'high'] as const) expect(view[side]).toBeCloseTo(WHOLE[side], 9);
    for (let i = 0; i < 50; i++) view = zoomed(view, 0.5);
    expect(span(view)).toBeCloseTo(0.01, 9);
  });

  it('moves, up to the rim', () => {
    const view = zoomed(WHOLE, 0.5);
    const right = moved(view, 0.1, 0);
    expect([right.left - view.left, right.right - view.right]).toEqual([expect.closeTo(0.1, 9), expect.closeTo(0.1, 9)]);
    const corner = moved(view, -9, 9);
    expect([corner.left, corner.high]).toEqual([expect.closeTo(WHOLE.left, 9), expect.closeTo(WHOLE.high, 9)]);
    expect(span(corner)).toBeCloseTo(span(view), 9);
    const whole = moved(WHOLE, 0.5, -0.5);
    expect([whole.left, whole.low]).toEqual([expect.closeTo(WHOLE.left, 9), expect.closeTo(WHOLE.low, 9)]);
  });
});

describe('what lies near the query', () => {
  const line = Array.from({ length: 1000 }, (_, i): [number, number] => [i / 1000, 0]);

  it('reaches to its hundredth neighbour, and of a sampled map to as great a part', () => {
    expect(reachOf({ ...MAP, points: line, count: 1000, sampled: 1000 }, [0, 0])).toBeCloseTo(0.099, 9);
    expect(reachOf({ ...MAP, points: line, count: 10_000, sampled: 1000 }, [0, 0])).toBeCloseTo(0.009, 9);
    // Never fewer than five.
    expect(reachOf({ ...MAP, points: line, count: 1_000_000, sampled: 1000 }, [0, 0])).toBeCloseTo(0.004, 9);
  });

  it('is all of a library that is smaller, and nothing of an empty one', () => {
    expect(reachOf({ ...MAP, points: [[0, 0], [1, 1]], count: 2, sampled: 2 }, [0, 0])).toBeCloseTo(Math.SQRT2, 9);
    expect(reachOf({ ...MAP, points: [], count: 0, sampled: 0 }, [0, 0])).toBe(0);
  });

  it('is told by rank, with what lies on the edge', () => {
    const points = [{ rank: 3, x: 0.1, y: 0 }, { rank: 5, x: 0, y: 0.3 }, { rank: 9, x: 0, y: 0.31 }];
    expect([...ranksNear(points, [0, 0], 0.3)]).toEqual([3, 5]);
  });
});

describe('colours of ranks', () => {
  const light = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = /rgb\((\d+) (\d+) (\d+)\)/.exec(colour)!.slice(1).map(Number);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  it.each(['light', 'dark'] as const)('go evenly from the first rank, which stands out most on the paper, to the last (%s)', (theme) => {
    const values = Array.from({ length: 11 }, (_, i) => light(rankColour(i / 10, theme)));
    const sorted = [...values].sort((a, b) => (theme === 'light' ? a - b : b - a));
    expect(values).toEqual(sorted);
    expect(new Set(values).size).toBe(11);
    // Seen on the paper to the last: three to one by the luminance of sRGB, roughly.
    expect(theme === 'light' ? values.at(-1)! < 150 : values.at(-1)! > 90).toBe(true);
  });

  it('are told in the legend as they are drawn', () => {
    expect(rankScale('dark')).toContain(rankColour(0, 'dark'));
    expect(rankScale('dark')).toContain(rankColour(1, 'dark'));
  });
});
