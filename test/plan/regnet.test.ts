/** Counted from the structure, held against what was published. */
import { describe, expect, it } from 'vitest';
import { LARGE_ENCODERS, costOf, largeEncoderOf, parameterCount, regnetStages } from '../../src/plan/index.ts';
import type { RegNetDesign } from '../../src/plan/index.ts';
import { regnetGraph } from '../../src/plan/regnet-graph.ts';
import { roundEven } from '../../src/plan/regnet.ts';

const COMMON = { stemWidth: 32, squeeze: 0.25 } as const;
const HEAD = { widths: [8192, 8192, 256], prototypes: 16_000 };

/** Of the encoder alone at 224 pixels: its numbers, its multiply-adds, and the width of what it gives. */
function count(design: RegNetDesign): { parameters: number; macs: number; width: number } {
  const { ir } = regnetGraph(design, HEAD, 224);
  const trunk = costOf(ir, { N: 1 }).nodes.filter(({ name }) => !name.startsWith('head.'));
  return {
    parameters: parameterCount(ir, true) - parameterCount(ir, true, 'head.'),
    macs: trunk.reduce((total, { flops }) => total + flops, 0) / 2,
    width: regnetStages(design).at(-1)!.width,
  };
}

describe('RegNetY', () => {
  // Parameters and multiply-adds (10^9, at 224 pixels) of torchvision 0.14's models, with their classifier of 1,000 classes.
  it.each([
    ['400MF', { depth: 16, w0: 48, wa: 27.89, wm: 2.09, groupWidth: 8 }, 4_344_144, 0.402],
    ['16GF', { depth: 18, w0: 200, wa: 106.23, wm: 2.48, groupWidth: 112 }, 83_590_140, 15.912],
    ['128GF', largeEncoderOf('128gf').design, 644_812_894, 127.518],
  ] as const)('%s has exactly the parameters of the published network', (_, design, parameters, billions) => {
    const counted = count({ ...COMMON, ...design });
    expect(counted.parameters + 1000 * counted.width + 1000).toBe(parameters);
    expect(Number(((counted.macs + 1000 * counted.width) / 1e9).toFixed(3))).toBe(billions);
  });

  it.each([
    ['10b', [2020, 4040, 11_110, 28_280]],
    ['1.5b', [746, 1492, 4103, 10_444]],
    ['128gf', [528, 1056, 2904, 7392]],
  ])('%s has SEER\'s widths', (id, widths) => {
    const stages = regnetStages(largeEncoderOf(id).design);
    expect(stages.map(({ width }) => width)).toEqual(widths);
    expect(stages.map(({ depth }) => depth)).toEqual([2, 7, 17, 1]);
  });

  it.each([['10b', 10e9], ['1.5b', 1.5e9]])('%s has, with its head, the published number of parameters to within 5 %%', (id, published) => {
    const { design, head } = largeEncoderOf(id);
    expect(Math.abs(parameterCount(regnetGraph(design, head, 160).ir, true) / published - 1)).toBeLessThan(0.05);
  });

  it('of SEER 2021 is the published 1.3 billion alone, and 256 GF', () => {
    const { parameters, macs } = count(largeEncoderOf('1.5b').design);
    expect(Math.abs(parameters / 1.3e9 - 1)).toBeLessThan(0.05);
    expect(Math.abs(macs / 256e9 - 1)).toBeLessThan(0.05);
  });

  it('takes every encoder apart into parts that leave nothing out', () => {
    for (const { design, head } of LARGE_ENCODERS) {
      const { ir, parts } = regnetGraph(design, head, 96);
      expect(parts).toHaveLength(29);
      expect(parts.reduce((total, prefix) => total + parameterCount(ir, true, prefix), 0)).toBe(parameterCount(ir, true));
      expect(costOf(ir, { N: 1 }).nodes.filter(({ name }) => !parts.some((prefix) => name.startsWith(prefix))).map(({ name }) => name)).toEqual([]);
    }
  });

  it('rounds halves to even', () => {
    expect([0.5, 1.5, 2.5, 2.49, 2.51, 3].map(roundEven)).toEqual([0, 2, 2, 2, 3, 3]);
  });
});
