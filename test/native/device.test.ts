/** Training on a device: the CUDA sources, run thread by thread on this processor, against the engine's own operators. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { assemble, resolveRecipe } from '../../src/train/index.ts';
import { buildEmulated, lossesOf, microConfig, microGraph, temporaryFolder, writeMicroData } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `${root}build/isolens-train`;
const MINUTES = 60_000;
const path = temporaryFolder();

function run(config: TrainConfig, device: string): { events: TrainEvent[]; status: number | null; errors: string } {
  writeFileSync(path('config.json'), JSON.stringify(config));
  const { stdout, stderr, status } = spawnSync(program, ['train', path('config.json'), '--device', device], { encoding: 'utf8' });
  return { events: stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as TrainEvent), status, errors: stderr };
}

beforeAll(buildEmulated, 20 * MINUTES);

describe('training on a device', () => {
  it('has the losses of the processor, resumes from a checkpoint and writes the same weights', { timeout: 5 * MINUTES }, () => {
    writeMicroData(path('data'), 64);
    const config = microConfig(path('data'), { schedule: { steps: 24, warmupSteps: 2 }, retrieval: { query: 'left.embedding', gallery: 'right.embedding', every: 12, rows: 64 } });
    const here = run({ ...config, checkpoint: { path: path('here'), every: 12, best: path('here.best') } }, 'cpu');
    const there = run({ ...config, checkpoint: { path: path('there'), every: 12, best: path('there.best') } }, 'emulated');
    expect([here.status, there.status], there.errors).toEqual([0, 0]);
    expect(there.events[0]).toMatchObject({ event: 'start', device: expect.stringContaining('emulated') as unknown });
    const [wanted, received] = [lossesOf(here.events), lossesOf(there.events)];
    expect(received).toHaveLength(24);
    received.forEach((loss, i) => expect(loss / wanted[i]!, `step ${i + 1}`).toBeCloseTo(1, 3));
    const [a, b] = [readSafetensors(path('here')), readSafetensors(path('there'))];
    expect(Object.keys(b.tensors)).toEqual(Object.keys(a.tensors));

    const resumed = run({ ...config, schedule: { steps: 30, warmupSteps: 2 }, checkpoint: { path: path('there'), every: 12 }, resume: true }, 'emulated');
    // The schedule is longer now, so a warning comes first.
    expect(resumed.events.find((event) => event.event === 'start')).toMatchObject({ step: 24, resumed: true });
    expect(lossesOf(resumed.events)).toHaveLength(6);
  });

  it('reads losses only when they are reported, and their mean is that of all steps', { timeout: 5 * MINUTES }, () => {
    writeMicroData(path('data'), 64);
    const each = lossesOf(run(microConfig(path('data'), { schedule: { steps: 12 } }), 'emulated').events);
    const { events } = run(microConfig(path('data'), { schedule: { steps: 12 }, logEvery: 6, accumulate: 1 }), 'emulated');
    const steps = events.filter((event) => event.event === 'step');
    expect(steps.map((event) => event.step)).toEqual([6, 12]);
    expect(steps[1]!.meanLoss).toBeCloseTo(each.slice(6).reduce((sum, loss) => sum + loss) / 6, 4);
  });

  it('stops at the step that diverged, says so, and keeps the last good checkpoint', { timeout: 5 * MINUTES }, () => {
    writeMicroData(path('data'), 64);
    const config = microConfig(path('data'), { checkpoint: { path: path('diverging') }, logEvery: 10 });
    expect(run({ ...config, schedule: { steps: 10 } }, 'emulated').status).toBe(0);
    const diverging = run({ ...config, resume: true, optimizer: { learningRate: 1000, weightDecay: 100, beta1: 0, clipNorm: 0 }, schedule: { steps: 400 } }, 'emulated');
    expect(diverging.status).toBe(1);
    expect(diverging.errors).toMatch(/^TRAINING_DIVERGED: .* at step \d+\..*learning rate.*\(step 10\)/);
    const kept = readSafetensors(path('diverging')).tensors['param/left.out.weight']!.data;
    expect(kept.every((value) => Number.isFinite(Number(value)))).toBe(true);
  });

  it('goes on with the processor where there is no device, and refuses a number that does not exist', { timeout: 5 * MINUTES }, () => {
    writeMicroData(path('data'), 64);
    const config = microConfig(path('data'), { graph: microGraph(0), schedule: { steps: 2 } });
    expect(run(config, 'emulated:7')).toMatchObject({ status: 1, errors: expect.stringMatching(/^DEVICE_UNAVAILABLE: .*cuda:7.*This machine has/) as unknown });
    expect(run(config, 'gpu')).toMatchObject({ status: 2, errors: expect.stringMatching(/^ARGUMENT_INVALID: .*cuda:N/) as unknown });
    if (existsSync('/dev/nvidiactl')) return;
    const { events, status } = run(config, 'cuda');
    expect(status).toBe(0);
    expect(events[0]).toMatchObject({ event: 'warning', message: expect.stringMatching(/^DEVICE_UNAVAILABLE: .*going on with the CPU/) as unknown });
    expect(run(config, 'cuda:3').errors).toMatch(/^DEVICE_UNAVAILABLE: /);
  });
});

describe('scripts/gpu-check', () => {
  it.each(['drawing-structure', 'graph-fingerprint'])('times the graph that %s trains (after a change: node scripts/bench-graphs.mjs)', (id) => {
    const { graph } = assemble(resolveRecipe(id, {}));
    const stored: unknown = JSON.parse(readFileSync(`${root}src/native/standalone/graphs/${id}.json`, 'utf8'));
    expect(stored).toEqual(JSON.parse(JSON.stringify({ loss: graph.loss, graph: graph.ir })));
  });
});
