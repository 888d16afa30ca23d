/** Counts against the engine itself: what it trains, what it keeps, how long it takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChemPool } from '../../src/chem/index.ts';
import { graphCost } from '../../src/graph/index.ts';
import type { TrainEvent } from '../../src/native/index.ts';
import { costOf, measureEncoder, measureRecipe, planRecipe, recipeOf } from '../../src/plan/index.ts';
import { assemble } from '../../src/train/index.ts';
import { temporaryFolder } from '../train/support.ts';

const path = temporaryFolder();
let chem: ChemPool;
beforeAll(() => {
  chem = new ChemPool({ workers: 1 });
});
afterAll(() => chem.close());

describe('measured steps', { timeout: 120_000 }, () => {
  it.each(['simcse', 'moco', 'bioactivity', 'drawing-structure'])('of %s bear out what is counted', async (id) => {
    const recipe = recipeOf(id);
    const { flops, what } = await measureRecipe(recipe, 'f32', {
      chem, folder: path(id), threads: 1, version: '0.0.0', date: () => '2026-01-01T00:00:00.000Z', signal: new AbortController().signal,
    });
    expect(flops).toBeGreaterThan(1e8);
    expect(what).toMatch(/^5 steps of .*, batch 32, f32, 1 thread$/);
    const events = readFileSync(join(path(id), 'run', 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as TrainEvent);
    const start = events.find((event) => event.event === 'start')!;
    expect(start.parameters).toBe(planRecipe(recipe, { gpus: 1 }).trainable);
    expect(graphCost(assemble(recipe).graph.ir, {}).parameters).toBe(start.parameters);
    // The engine plans for the largest molecules there are: of recipes without graphs the sizes are the same.
    if (assemble(recipe).graph.ir.symbols.length > 1) return;
    const activations = planRecipe(recipe, { gpus: 1, batch: 32 }).memory.activations;
    // Scratch of the products comes on top: with a batch this small, the panel of weights that a thread of a sparse layer holds is seen.
    expect(start.memoryBytes).toBeLessThan(1.1 * activations + 2 ** 20);
    expect(start.memoryBytes).toBeGreaterThan(activations / 8);
  });

  it('of a small RegNetY are timed by the clock that is given', () => {
    let ms = 0;
    const seconds = 2;
    const once = measureEncoder('f32', { threads: 1, now: () => (ms += 1000 * seconds) });
    ms = 0;
    const slower = measureEncoder('f32', { threads: 1, now: () => (ms += 4000 * seconds) });
    expect(once.flops).toBeCloseTo(4 * slower.flops, 0);
    expect(once.flops).toBeGreaterThan(1e9);
  });
});

it('counts as graphCost does', () => {
  const { ir, loss } = assemble(recipeOf('simcse')).graph;
  expect(costOf(ir, { N: 3 }, [loss])).toMatchObject({ trainable: graphCost(ir, { N: 3 }).parameters, forwardFlops: 2 * graphCost(ir, { N: 3 }).macs });
});
