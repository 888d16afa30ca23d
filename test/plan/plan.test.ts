/** Memory, time and cost of what is counted. */
import { describe, expect, it } from 'vitest';
import { largeEncoderOf, planEncoder, planRecipe, planRows, recipeOf } from '../../src/plan/index.ts';
import type { PlanRequest } from '../../src/plan/index.ts';
import { RECIPES } from '../../src/recipes/index.ts';
import { assemble } from '../../src/train/index.ts';

const plan10b = (request: PlanRequest): ReturnType<typeof planEncoder> => planEncoder(largeEncoderOf('10b'), request);

describe('a plan for a large encoder', () => {
  it('has half the sharded memory on twice the GPUs', () => {
    const [some, twice] = [8, 16].map((gpus) => plan10b({ gpus, batch: 16 }).memory);
    for (const part of ['weights', 'gradients', 'optimiser'] as const) expect(twice![part]).toBeCloseTo(some![part] / 2, 0);
    expect(twice!.activations).toBe(some!.activations / 2);
    expect(twice!.gathered).toBe(some!.gathered);
    expect(twice!.states).toBe(some!.states);
    expect(twice!.total).toBeCloseTo(Object.entries(twice!).filter(([part]) => part !== 'total').reduce((sum, [, bytes]) => sum + bytes, 0), 0);
  });

  it('takes 16 bytes a number in either precision, and half the activations in bf16', () => {
    const [half, single] = (['bf16', 'f32'] as const).map((precision) => plan10b({ gpus: 1, batch: 1, precision }));
    for (const { memory, trainable } of [half!, single!]) expect(memory.weights + memory.gradients + memory.optimiser).toBe(16 * trainable);
    expect(half!.memory.activations).toBe(single!.memory.activations / 2);
  });

  it('takes the same GPU hours, half the time and the same cost on twice the GPUs', () => {
    const [some, twice] = [496, 992].map((gpus) => plan10b({ gpus, teraflops: 100, price: 2 }).runs[0]!);
    expect(twice!.hours).toBeCloseTo(some!.hours / 2, 6);
    expect(twice!.cost).toBeCloseTo(some!.cost!, 3);
    expect(some!.cost).toBeCloseTo(2 * some!.deviceHours, 6);
    const { training } = plan10b({ gpus: 496 });
    expect(some!.hours).toBeCloseTo(training.flops / 496 / 100e12 / 3600, 6);
  });

  it('waits for the GPU with the largest share', () => {
    const [even, uneven] = [496, 500].map((gpus) => plan10b({ gpus, teraflops: 100 }).runs[0]!.hours);
    // 16 images each on either number.
    expect(uneven).toBeCloseTo(even!, 6);
  });

  it('trains SEER for its published number of steps', () => {
    expect(planEncoder(largeEncoderOf('1.5b'), { gpus: 512 }).training).toMatchObject({ samples: 1e9, steps: 114_890 });
    expect(planEncoder(largeEncoderOf('1.5b'), { gpus: 512, samples: 8705 }).training.steps).toBe(2);
  });

  it('finds what the published step sustained to be below what a V100 can do', () => {
    const { timed } = planEncoder(largeEncoderOf('1.5b'), { gpus: 512 });
    expect(timed!.flopsPerGpu).toBeGreaterThan(5e12);
    expect(timed!.flopsPerGpu).toBeLessThan(125e12);
  });

  it('says what fits, on how few GPUs, and how many images at a time', () => {
    const { fits, replicated, memory, smallestGpus, step } = plan10b({ gpus: 8, gpuMemoryGb: 80 });
    expect([fits, replicated.total > 80e9]).toEqual([true, true]);
    expect(memory.total).toBeLessThanOrEqual(80e9);
    expect(step.samplesAtATime).toBeLessThan(step.samplesPerGpu);
    const atLeast = (gpus: number): boolean => plan10b({ gpus, gpuMemoryGb: 80 }).fits!;
    expect([atLeast(smallestGpus!), atLeast(smallestGpus! - 1)]).toEqual([true, false]);
    // SEER's authors: "8 GPUs are needed to fit the model in memory", of 40 GB.
    expect(plan10b({ gpus: 8, gpuMemoryGb: 40 }).smallestGpus).toBeLessThanOrEqual(8);
    expect(plan10b({ gpus: 8, gpuMemoryGb: 4 })).toMatchObject({ fits: false, smallestGpus: null });
    expect(plan10b({ gpus: 8 })).toMatchObject({ fits: null, smallestGpus: null, runs: [] });
  });
});

describe('a plan for a recipe', () => {
  it.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))('counts %s', (_, recipe) => {
    const plan = planRecipe(recipe, { gpus: 1 });
    expect(plan.parts.reduce((sum, part) => sum + part.trainable, 0)).toBe(plan.trainable);
    expect(plan.parts.reduce((sum, part) => sum + part.states, 0)).toBe(plan.states);
    expect(plan.memory.weights + plan.memory.gradients + plan.memory.optimiser).toBe(16 * plan.trainable);
    expect(plan.step.flops).toBeGreaterThan(1e9);
    expect(plan.training).toMatchObject({ steps: recipe.training.steps, samples: recipe.training.steps * recipe.training.batchSize });
    expect(planRows(plan).find(([what]) => what.startsWith('time'))![1]).toMatch(/--flops.*--measure/);
  });

  it('keeps no activations of a momentum encoder, runs it forward alone, and counts its queue', () => {
    const recipe = recipeOf('moco');
    const { step, states, parts } = planRecipe(recipe, { gpus: 1 });
    expect(step.backwardFlops).toBeLessThan(1.1 * step.forwardFlops);
    expect(parts.find(({ name }) => name === 'tower key')).toMatchObject({ trainable: 0 });
    const queue = assemble(recipe).graph.ir.parameters.find(({ name }) => name.endsWith('queue'))!;
    expect(queue.shape).toEqual([16_384, 256]);
    expect(parts.at(-1)).toEqual({ name: 'objectives and heads', trainable: 0, states: 16_384 * 256 });
    expect(states).toBeGreaterThan(16_384 * 256);
  });

  it('copies the model to every GPU and shares the batch', () => {
    const [one, four] = [1, 4].map((gpus) => planRecipe(recipeOf('simcse'), { gpus, gpuMemoryGb: 80, teraflops: 1 }));
    expect(four!.memory).toMatchObject({ weights: one!.memory.weights, optimiser: one!.memory.optimiser, gathered: 0 });
    expect(four!.memory.activations).toBeCloseTo(one!.memory.activations / 4, -4);
    expect(four!.runs[0]!.hours).toBeCloseTo(one!.runs[0]!.hours / 4, 6);
    expect([one!.smallestGpus, one!.fits]).toEqual([1, true]);
  });

  it('sees the same molecules in fewer steps with a larger batch', () => {
    const plan = planRecipe(recipeOf('simcse'), { gpus: 1, batch: 512 });
    expect(plan.training).toMatchObject({ samples: plan.training.steps * 512, steps: recipeOf('simcse').training.steps / 2 });
  });
});

describe('what cannot be planned', () => {
  it.each<[string, Partial<PlanRequest>]>([
    ['gpus', { gpus: 0 }], ['gpus', { gpus: 1.5 }], ['batch', { gpus: 8, batch: 7 }], ['batch', { batch: 0 }], ['price', { price: -1 }],
    ['samples', { samples: 0 }], ['gpu-memory', { gpuMemoryGb: 0 }], ['flops', { teraflops: -150 }], ['flops', { teraflops: NaN }],
    ['precision', { precision: 'f16' as 'f32' }],
  ])('is refused by the name of the field: %s', (field, wrong) => {
    for (const plan of [(): unknown => plan10b({ gpus: 1, ...wrong }), (): unknown => planRecipe(recipeOf('moco'), { gpus: 1, ...wrong })]) {
      const message = expect.stringMatching(new RegExp(`^Expected --${field} to be .*received`)) as string;
      expect(plan).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID', message }) as Error);
    }
  });

  it('is refused by the names there are', () => {
    expect(() => recipeOf('mocha')).toThrow(/--recipe to be one of .*moco.*"mocha"/);
    expect(() => largeEncoderOf('11b')).toThrow(/--encoder to be one of 10b.*"11b"/);
  });
});
