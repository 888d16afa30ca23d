/** Small graphs counted by hand. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder, elementCount } from '../../src/graph/index.ts';
import { costOf, parameterCount } from '../../src/plan/index.ts';
import { RECIPES } from '../../src/recipes/index.ts';
import { assemble } from '../../src/train/index.ts';

const normal = { kind: 'normal', std: 1 } as const;

describe('the cost of a step', () => {
  it('of a Gemm', () => {
    const g = new GraphBuilder('gemm');
    const weight = g.parameter('weight', [5, 3], normal);
    g.output(g.named('y', g.apply('Gemm', [g.input('x', 'f32', ['N', 3]), weight, g.parameter('bias', [5], { kind: 'zeros' })], { transB: 1 })));
    const cost = costOf(g.toIr(), { N: 7 });
    expect(cost).toMatchObject({ trainable: 20, states: 0, forwardFlops: 2 * 7 * 3 * 5, backwardFlops: 2 * 2 * 7 * 3 * 5, largestElements: 35 });
    // The inputs and the output.
    expect(cost.keptElements).toBe(7 * 3 + 35);
  });

  it('of a MatMul of stacks', () => {
    const g = new GraphBuilder('matmul');
    g.output(g.named('y', g.apply('MatMul', [g.input('x', 'f32', ['N', 4, 6]), g.parameter('weight', [6, 2], normal)])));
    expect(costOf(g.toIr(), { N: 3 }).forwardFlops).toBe(2 * 3 * 4 * 2 * 6);
  });

  it('of a Conv, with a stride and in groups', () => {
    const conv = (group: number): number => {
      const g = new GraphBuilder('conv');
      const weight = g.parameter('weight', [8, 4 / group, 3, 3], normal);
      g.output(g.named('y', g.apply('Conv', [g.input('x', 'f32', ['N', 4, 10, 10]), weight], { strides: [2, 2], pads: [1, 1, 1, 1], group })));
      return costOf(g.toIr(), { N: 2 }).forwardFlops;
    };
    // 2 images, 8 channels of 5 x 5, each from 4 x 3 x 3 numbers.
    expect(conv(1)).toBe(2 * 2 * 8 * 25 * 36);
    expect(conv(2)).toBe(conv(1) / 2);
  });

  it('counts backward, and what is kept, only where a gradient passes', () => {
    const build = (stop: boolean): ReturnType<typeof costOf> => {
      const g = new GraphBuilder('towers');
      const x = g.input('x', 'f32', ['N', 4]);
      const frozen = g.apply('Gemm', [x, g.parameter('frozen', [4, 4], normal, { trainable: false })], {}, 'frozen-product');
      const first = g.apply('Gemm', [x, g.parameter('first', [4, 4], normal)], {}, 'first-product');
      const trained = g.apply('Gemm', [stop ? g.apply('StopGradient', [first]) : first, g.parameter('second', [4, 4], normal)], {}, 'second-product');
      const unused = g.apply('Gemm', [first, g.parameter('third', [4, 4], normal)], {}, 'metric');
      g.output(g.named('loss', g.apply('ReduceMean', [g.apply('Mul', [trained, frozen])], { axes: [0, 1], keepdims: 0 })));
      g.output(g.named('unused', unused));
      return costOf(g.toIr(), { N: 2 }, ['loss']);
    };
    const product = 2 * 2 * 4 * 4;
    expect(build(false)).toMatchObject({ trainable: 48, states: 16, forwardFlops: 4 * product, backwardFlops: 2 * 2 * product });
    expect(build(true)).toMatchObject({ forwardFlops: 4 * product, backwardFlops: 2 * product });
    expect(build(false).nodes.filter(({ trained }) => trained).map(({ name }) => name)).not.toContain('frozen-product');
    // The input; both factors, their product and its mean; and the first product, which the second reads, through a view or not.
    expect([build(false), build(true)].map(({ keptElements }) => keptElements)).toEqual([8 + 8 + 8 + 8 + 1 + 8, 8 + 8 + 8 + 8 + 1 + 8]);
  });

  it('asks for the size of every symbol', () => {
    const g = new GraphBuilder('sizes');
    g.output(g.named('y', g.apply('Gemm', [g.input('x', 'f32', ['V', 3]), g.parameter('weight', [3, 3], normal)])));
    expect(() => costOf(g.toIr(), { N: 2 })).toThrow(/"sizes".*V/);
  });

  it.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))('has every parameter of %s', (_, recipe) => {
    const { ir } = assemble(recipe).graph;
    const elements = ir.parameters.reduce((total, { shape }) => total + elementCount(shape), 0);
    expect(parameterCount(ir, true) + parameterCount(ir, false)).toBe(elements);
    expect(parameterCount(ir, true)).toBeGreaterThan(1e5);
  });
});
