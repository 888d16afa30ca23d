/** States and rules: a momentum encoder and a queue, trained by the native engine on the processor and on a device. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, graphIrSchema, parseGraph } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/train/safetensors.ts';
import { buildEmulated, lossesOf, microConfig, temporaryFolder, tower, writeMicroData, WIDTH } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MINUTES = 60_000;
const MOMENTUM = 0.9;
const path = temporaryFolder();

beforeAll(buildEmulated, 20 * MINUTES);

/** MoCo from elementary operators: the query's tower is trained, the key's follows, and a queue holds the keys of former batches. */
function mocoGraph(size = 48): GraphIr {
  const g = new GraphBuilder('moco');
  const query = tower(g.scope('query'), g.input('a', 'f32', ['N', WIDTH]));
  const key = tower(g.scope('key').following('query', MOMENTUM), g.input('b', 'f32', ['N', WIDTH]));
  const queue = g.parameter('queue', [size, 8], { kind: 'unitRows' }, { trainable: false });
  const positive = g.apply('ReduceSum', [g.apply('Mul', [query, key])], { axes: [1], keepdims: 1 });
  const logits = g.apply('Concat', [positive, g.apply('Gemm', [query, queue], { transB: 1 })], { axis: 1 });
  const all = g.apply('ReduceLogSumExp', [g.apply('Mul', [logits, g.constant(5)])], { axes: [1] });
  const own = g.apply('Mul', [g.apply('ReduceSum', [positive], { axes: [1], keepdims: 0 }), g.constant(5)]);
  g.output(g.named('loss', g.apply('ReduceMean', [g.apply('Sub', [all, own])], { axes: [], keepdims: 0 })));
  g.output(query);
  g.rule({ rule: 'enqueue', parameter: queue, from: key });
  return g.toIr();
}

const mocoConfig = (folder: string, extra: Partial<TrainConfig> = {}): TrainConfig => microConfig(path('data'), {
  graph: mocoGraph(), metrics: [], checkpoint: { path: folder, every: 10 }, schedule: { steps: 30, warmupSteps: 3 }, ...extra,
});

async function run(config: TrainConfig): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  await train(config, (event) => events.push(event)).done;
  return events;
}

describe('a momentum encoder and a queue', { timeout: 5 * MINUTES }, () => {
  it('learn, follow and turn over', async () => {
    writeMicroData(path('data'), 64);
    const losses = lossesOf(await run(mocoConfig(path('run'), { schedule: { steps: 60, warmupSteps: 3 } })));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(10, 20)));
    const { tensors } = readSafetensors(path('run'));
    const [query, key] = ['query', 'key'].map((name) => tensors[`param/${name}.out.weight`]!.data as Float32Array);
    const apart = Math.max(...query!.map((value, i) => Math.abs(value - key![i]!)));
    expect(apart).toBeGreaterThan(1e-4);
    expect(apart).toBeLessThan(0.5);
    expect(Object.keys(tensors)).not.toContain('adam.m/key.out.weight');
  });

  it('keep the last three batches of 16 keys in a queue of 48', async () => {
    writeMicroData(path('data'), 64);
    // A constant rate: runs of other lengths take the same steps.
    const after = async (steps: number): Promise<number[][]> => {
      await run(mocoConfig(path(`run-${steps}`), { schedule: { steps, finalFraction: 1 } }));
      const queue = readSafetensors(path(`run-${steps}`)).tensors['param/queue']!.data as Float32Array;
      return Array.from({ length: 48 }, (_, r) => [...queue.subarray(r * 8, r * 8 + 8)]);
    };
    const [one, two, three, four] = [await after(1), await after(2), await after(3), await after(4)];
    for (const row of one) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    expect([two.slice(0, 16), two.slice(32)]).toEqual([one.slice(0, 16), one.slice(32)]);
    expect(two.slice(16, 32)).not.toEqual(one.slice(16, 32));
    expect(three.slice(0, 32)).toEqual(two.slice(0, 32));
    expect(four.slice(16)).toEqual(three.slice(16));
    expect(four.slice(0, 16)).not.toEqual(three.slice(0, 16));
  });

  it('resume to the same bits', async () => {
    writeMicroData(path('data'), 64);
    const whole = lossesOf(await run(mocoConfig(path('whole'))));
    const interrupted = train(mocoConfig(path('part')), (event) => {
      if (event.event === 'step' && event.step === 13) interrupted.cancel();
    });
    await expect(interrupted.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const stopped = Number(readSafetensors(path('part')).metadata['step']);
    const events = await run(mocoConfig(path('part'), { resume: true }));
    expect(lossesOf(events)).toEqual(whole.slice(stopped));
    expect(readFileSync(path('part')).equals(readFileSync(path('whole')))).toBe(true);
  });

  it('start from given weights: the key as the query', async () => {
    writeMicroData(path('data'), 64);
    await run(mocoConfig(path('run'), { schedule: { steps: 5 } }));
    const { tensors } = readSafetensors(path('run'));
    const queries = Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith('param/query.')));
    writeSafetensors(path('initial'), queries);
    const events = await run(mocoConfig(path('next'), { initial: path('initial'), schedule: { steps: 1 }, optimizer: { learningRate: 0, weightDecay: 0 } }));
    // The queue alone is absent: what follows has its start.
    expect(events[0]).toMatchObject({ event: 'warning', message: expect.stringContaining('lack 1 parameters, which start fresh: queue') as unknown });
    const after = readSafetensors(path('next')).tensors;
    expect(after['param/key.out.weight']!.data).toEqual(tensors['param/query.out.weight']!.data);
  });

  it('are the same on a device', () => {
    writeMicroData(path('data'), 64);
    const on = (device: string): { losses: number[]; queue: Float32Array } => {
      writeFileSync(path('config.json'), JSON.stringify(mocoConfig(path(device), { schedule: { steps: 12 } })));
      const { stdout, stderr, status } = spawnSync(`${root}build/isolens-train`, ['train', path('config.json'), '--device', device], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      const events = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as TrainEvent);
      return { losses: lossesOf(events), queue: readSafetensors(path(device)).tensors['param/queue']!.data as Float32Array };
    };
    const [here, there] = [on('cpu'), on('emulated')];
    there.losses.forEach((loss, i) => expect(loss / here.losses[i]!, `step ${i + 1}`).toBeCloseTo(1, 3));
    expect(Math.max(...there.queue.map((value, i) => Math.abs(value - here.queue[i]!)))).toBeLessThan(2e-3);
  });
});

describe('what cannot be kept is refused before the first step', () => {
  it.each([
    ['a queue smaller than the batch', { graph: mocoGraph(8) }, /queue.*whole number of batches of 16 rows but it holds 8/],
    ['a queue of no whole number of batches', { graph: mocoGraph(40) }, /queue.*holds 40/],
    ['a queue beside accumulated batches', { accumulate: 2 }, /whole batches.*queue/],
  ] as const)('%s', async (_, changed, message) => {
    writeMicroData(path('data'), 64);
    await expect(train(mocoConfig(path('run'), changed)).done).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringMatching(message) as unknown });
  });

  const broken = (rule: object): unknown => ({ ...mocoGraph(), rules: [rule] });
  it.each([
    ['a parameter that is not there', { rule: 'unitRows', parameter: 'zz' }, /zz/],
    ['a matrix that is none', { rule: 'unitRows', parameter: 'query.hidden.bias' }, /a matrix/],
    ['an average of another shape', { rule: 'average', parameter: 'key.out.weight', of: 'query.hidden.bias', momentum: 0.9 }, /to follow/],
    ['an average of what is trained', { rule: 'average', parameter: 'query.out.weight', of: 'query.out.weight', momentum: 0.9 }, /not trained/],
    ['a queue of what is no output', { rule: 'enqueue', parameter: 'queue', from: 'zz' }, /output/],
    ['a queue of other rows', { rule: 'enqueue', parameter: 'queue', from: 'loss' }, /rows/],
    ['a freeze of a state', { rule: 'freeze', parameter: 'queue', until: 3 }, /trained/],
  ])('%s', (_, rule, message) => {
    expect(() => parseGraph(broken(rule))).toThrow(message);
  });

  it('and a graph without rules says nothing of them', () => {
    const { rules: _, ...plain } = mocoGraph();
    expect(graphIrSchema.parse(plain)).not.toHaveProperty('rules');
  });
});
