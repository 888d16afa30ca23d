/** The built program: `isolens plan`. Needs dist/. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCode, makeWorld } from '../cli/harness.ts';
import type { World } from '../cli/harness.ts';
import type { Measured, Plan } from '../../src/plan/index.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
}, 120_000);
afterAll(() => world.remove());

describe('isolens plan', { timeout: 120_000 }, () => {
  it('prints one table and its assumptions', async () => {
    const args = ['--encoder', '10b', '--gpus', '512', '--gpu-memory', '80', '--flops', '150', '--price', '2'];
    const { code, stdout, stderr } = await world.run(['plan', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^what +figure$/m);
    expect(stdout).toMatch(/^parameters in all +9\.63 billion$/m);
    expect(stdout).toMatch(/^memory of one GPU, in all +\S+ GB: fits in 80 GB$/m);
    expect(stdout).toMatch(/^the same, not sharded +\S+ GB: does not fit$/m);
    expect(stdout).toMatch(/^time on 512 GPUs +\S+ hours \(\S+ days\) at 150 TFLOP\/s each, \S+ GPU hours, cost \S+$/m);
    expect(stdout.match(/^- /gm)!.length).toBeGreaterThan(4);
    expect(stdout).toContain('arXiv:2202.08360');
  });

  it('prints the same as one object, and no time without a rate', async () => {
    const { stdout } = await world.run(['plan', '--recipe', 'moco', '--json']);
    const plan = JSON.parse(stdout) as Plan & { measured: Measured | null };
    expect(plan).toMatchObject({ kind: 'recipe', id: 'moco', gpus: 1, precision: 'f32', runs: [], measured: null, training: { steps: 4000 } });
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  it('times real steps on this machine', async () => {
    for (const subject of [['--recipe', 'simcse'], ['--encoder', '1.5b']]) {
      const { stdout, stderr, code } = await world.run(['plan', ...subject, '--measure', '--json']);
      expect(code, stderr).toBe(0);
      const { measured, runs, training } = JSON.parse(stdout) as Plan & { measured: Measured };
      // Any processor that trains at all, and none that is a cluster.
      expect(measured.flops).toBeGreaterThan(1e8);
      expect(measured.flops).toBeLessThan(1e14);
      expect(measured.what).toMatch(/^5 steps of /);
      expect(runs).toHaveLength(1);
      expect(runs[0]!.on).toBe('this machine');
      expect(runs[0]!.hours).toBeCloseTo(training.flops / measured.flops / 3600, 6);
    }
  });

  it.each([
    [[], '--recipe'],
    [['--recipe', 'moco', '--encoder', '10b'], 'both'],
    [['--recipe', 'mocha'], '--recipe'],
    [['--encoder', '11b'], '--encoder'],
    [['--encoder', '10b', '--gpus', '0'], '--gpus'],
    [['--encoder', '10b', '--gpus', 'many'], '--gpus'],
    [['--recipe', 'moco', '--gpus', '8', '--batch', '4'], '--batch'],
    [['--recipe', 'moco', '--price', '-2'], '--price'],
    [['--recipe', 'moco', '--precision', 'f16'], '--precision'],
    [['--recipe', 'moco', '--gpu-memory', ''], '--gpu-memory'],
  ])('refuses %j and names %s', async (args, named) => {
    const outcome = await world.run(['plan', ...args]);
    expect([outcome.code, errorCode(outcome), outcome.stdout]).toEqual([2, 'ARGUMENT_INVALID', '']);
    expect(outcome.stderr).toContain(named);
    expect(outcome.stderr).toMatch(/Expected /);
  });
});
