import { describe, expect, it } from 'vitest';
import { hasFonts, rasteriseSvg } from '../../src/image/index.ts';

const svg = (body: string, width = 40, height = 20): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`;
const BAR = '<rect x="10" y="4" width="20" height="2" fill="#000"/>';

describe('rasteriseSvg', () => {
  it('fits the size it is given and cuts away the paper', async () => {
    const one = (await rasteriseSvg(svg(BAR), { height: 20, width: 40 }))!;
    expect([one.rows, one.columns]).toEqual([2, 20]);
    expect(one.data.every((value) => value < 10)).toBe(true);
    const four = (await rasteriseSvg(svg(BAR), { height: 80, width: 400 }))!;
    expect([four.rows, four.columns]).toEqual([8, 80]);
    const half = (await rasteriseSvg(svg(BAR), { height: 200, width: 20 }))!;
    expect([half.rows, half.columns]).toEqual([1, 10]);
  });

  it('keeps colours as dark as they look', async () => {
    const { data } = (await rasteriseSvg(svg('<rect x="2" y="2" width="9" height="9" fill="#cc0"/>'), { height: 20, width: 40 }))!;
    expect(Math.max(...data)).toBeLessThan(170);
  });

  it('gives null for a blank page, and refuses sizes without sense', async () => {
    expect(await rasteriseSvg(svg(''), { height: 20, width: 40 })).toBeNull();
    for (const height of [0, -1, 5000, Number.NaN]) await expect(rasteriseSvg(svg(BAR), { height, width: 40 })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('knows whether letters can be drawn', async () => {
    const letter = await rasteriseSvg(svg('<text x="4" y="16" font-size="16" font-family="sans-serif">N</text>'), { height: 20, width: 40 });
    expect(await hasFonts()).toBe(letter !== null);
  });
});
