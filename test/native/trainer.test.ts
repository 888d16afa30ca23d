import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/index.ts';
import { createProgram, train } from '../../src/native/index.ts';
import type { TrainConfig, TrainEvent, TrainSummary } from '../../src/native/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/train/safetensors.ts';
import { WIDTH, lossesOf, microConfig, microGraph, temporaryFolder, writeMicroData } from './support.ts';

async function run(config: TrainConfig): Promise<{ events: TrainEvent[]; summary: TrainSummary }> {
  const events: TrainEvent[] = [];
  const summary = await train(config, (event) => events.push(event)).done;
  return { events, summary };
}

const path = temporaryFolder();

describe('training run', () => {
  it('learns 64 pairs to perfect retrieval and reports on the way', async () => {
    writeMicroData(path('data'), 64);
    const { events, summary } = await run(microConfig(path('data'), {
      schedule: { steps: 300, warmupSteps: 10, finalFraction: 0.1 },
      retrieval: { query: 'left.embedding', gallery: 'right.embedding', every: 100, rows: 64 },
      checkpoint: { path: path('run.checkpoint'), every: 100, best: path('best.weights') },
      logEvery: 50,
    }));
    const validations = events.filter((event) => event.event === 'validation');
    expect(validations.map((event) => event.step)).toEqual([100, 200, 300]);
    const last = validations.at(-1)!;
    expect(last).toMatchObject({ r1: 1, r5: 1, r10: 1, mrr: 1, rows: 64, reverse: { r1: 1, mrr: 1 } });
    expect(last.alignment).toBeGreaterThanOrEqual(0);
    expect(last.uniformity).toBeLessThan(-1);
    expect(summary).toMatchObject({ step: 300, seen: 300 * 16, best: { mrr: 1 } });
    expect(events[0]).toMatchObject({ event: 'start', steps: 300, rows: 64, resumed: false });
    expect(events.at(-1)).toMatchObject({ event: 'done' });
    expect(events.filter((event) => event.event === 'checkpoint').map((event) => event.step)).toEqual([100, 200, 300]);
    const steps = events.filter((event) => event.event === 'step');
    expect(steps.map((event) => event.step)).toEqual([50, 100, 150, 200, 250, 300]);
    expect(steps.at(-1)!.learningRate).toBeCloseTo(0.001, 5);
    expect(steps.at(-1)!.metrics['scale']).toBeGreaterThan(1);
    const best = readSafetensors(path('best.weights'));
    expect(Object.keys(best.tensors).every((name) => name.startsWith('param/'))).toBe(true);
  });

  it('gives the same losses for the same seed and others for another', async () => {
    writeMicroData(path('data'), 64);
    const config = microConfig(path('data'), { graph: microGraph(0.2) });
    const first = lossesOf((await run(config)).events);
    expect(first).toHaveLength(40);
    expect(lossesOf((await run(config)).events)).toEqual(first);
    expect(lossesOf((await run({ ...config, seed: 8 })).events)).not.toEqual(first);
  });

  it('equals losses stored from an earlier version', async () => {
    writeMicroData(path('data'), 64);
    const losses = lossesOf((await run(microConfig(path('data'), { schedule: { steps: 10, warmupSteps: 2, finalFraction: 0.1 } }))).events);
    STORED_LOSSES.forEach((stored, i) => expect(losses[i]).toBeCloseTo(stored, 4));
    expect(losses).toHaveLength(STORED_LOSSES.length);
  });

  it('accumulates gradients over several batches to those of one batch of all their rows', async () => {
    // A mean over rows, unlike a contrastive loss: the mean of three batches is that of one three times as large.
    const g = new GraphBuilder('regression');
    const [a, b] = ['a', 'b'].map((name) => g.input(name, 'f32', ['N', WIDTH]));
    const error = g.apply('Sub', [g.apply('Gemm', [a!, g.parameter('weight', [WIDTH, WIDTH], { kind: 'normal', std: 0.3 })]), b!]);
    const loss = g.named('loss', g.apply('ReduceMean', [g.apply('Mul', [error, error])], { axes: [], keepdims: 0 }));
    g.output(loss);
    writeMicroData(path('data'), 48);
    const stepsOf = async (batch: number, accumulate: number): Promise<{ loss: number; gradientNorm: number }[]> => {
      const config = microConfig(path('data'), {
        graph: g.toIr(), metrics: [], symbols: { N: batch }, accumulate, schedule: { steps: 5 },
        optimizer: { learningRate: 0.01, weightDecay: 0, clipNorm: 0 },
      });
      const { events, summary } = await run(config);
      expect(summary.seen).toBe(5 * 48);
      return events.flatMap((event) => (event.event === 'step' ? [{ loss: event.loss, gradientNorm: event.gradientNorm }] : []));
    };
    const [whole, parts] = [await stepsOf(48, 1), await stepsOf(16, 3)];
    expect(whole).toHaveLength(5);
    whole.forEach((step, i) => {
      expect(parts[i]!.loss).toBeCloseTo(step.loss, 4);
      // A sum in place of the mean would be three times as large.
      expect(parts[i]!.gradientNorm / step.gradientNorm).toBeCloseTo(1, 3);
    });
  });

  it('goes over several files, one of them twice', async () => {
    writeMicroData(path('one'), 20);
    writeMicroData(path('two'), 30, 2);
    const { events } = await run(microConfig(path('one'), { data: { train: [path('one'), path('two'), path('one')] } }));
    expect(events[0]).toMatchObject({ rows: 70 });
  });
});

describe('checkpoints', () => {
  const halves = (folder: string, extra: Partial<TrainConfig> = {}): TrainConfig => microConfig(path('data'), {
    graph: microGraph(0.2),
    checkpoint: { path: folder, every: 10 },
    ...extra,
  });

  it('resumes to exactly the losses of an uninterrupted run', async () => {
    writeMicroData(path('data'), 50);
    const whole = lossesOf((await run(halves(path('whole')))).events);
    const interrupted = train(halves(path('part')), (event) => {
      if (event.event === 'step' && event.step === 17) interrupted.cancel();
    });
    await expect(interrupted.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const stopped = Number(readSafetensors(path('part')).metadata['step']);
    expect(stopped).toBeGreaterThanOrEqual(17);
    const { events } = await run(halves(path('part'), { resume: true }));
    expect(events[0]).toMatchObject({ event: 'start', resumed: true, step: stopped });
    expect(lossesOf(events)).toEqual(whole.slice(stopped));
    expect(readFileSync(path('part')).equals(readFileSync(path('whole')))).toBe(true);
  });

  it('makes up for a validation that it was cancelled in', async () => {
    writeMicroData(path('data'), 50);
    // Enough rows for the word to arrive while they are embedded.
    writeMicroData(path('many'), 8000);
    const config = halves(path('validated'), {
      data: { train: [path('data')], validation: path('many') }, schedule: { steps: 20 },
      retrieval: { query: 'left.embedding', gallery: 'right.embedding', every: 10, rows: 8000 },
    });
    const steps = new Set<number>();
    const interrupted = train(config, (event) => {
      if (event.event === 'step' && event.step === 10) interrupted.cancel();
      if (event.event === 'validation') steps.add(event.step);
    });
    await expect(interrupted.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const { events } = await run({ ...config, resume: true });
    for (const event of events) if (event.event === 'validation') steps.add(event.step);
    expect([...steps]).toEqual([10, 20]);
  });

  it('starts afresh where there is nothing to resume, and is done at once where all is done', async () => {
    writeMicroData(path('data'), 50);
    expect((await run(halves(path('new'), { resume: true }))).events[0]).toMatchObject({ resumed: false });
    const { events, summary } = await run(halves(path('new'), { resume: true }));
    expect(events.map((event) => event.event)).toEqual(['start', 'done']);
    expect(summary.step).toBe(40);
  });

  it('warns when the checkpoint belongs to another configuration', async () => {
    writeMicroData(path('data'), 50);
    await run(halves(path('run'), { schedule: { steps: 10 } }));
    const { events } = await run(halves(path('run'), { schedule: { steps: 12 }, resume: true }));
    expect(events[0]).toMatchObject({ event: 'warning' });
  });

  it('refuses a checkpoint that is truncated, bit-flipped or of another graph', async () => {
    writeMicroData(path('data'), 50);
    await run(halves(path('run'), { schedule: { steps: 10 } }));
    const bytes = readFileSync(path('run'));
    const resumed = (): Promise<TrainSummary> => train(halves(path('run'), { resume: true })).done;

    bytes[bytes.length - 50]! ^= 4;
    writeFileSync(path('run'), bytes);
    await expect(resumed()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID', message: expect.stringContaining('damaged') as unknown });
    truncateSync(path('run'), bytes.length - 100);
    await expect(resumed()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    writeFileSync(path('run'), 'not a checkpoint at all');
    await expect(resumed()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    writeSafetensors(path('run'), { 'param/other': { data: new Float32Array(3), shape: [3] } });
    await expect(resumed()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('starts from given weights by name and names those that are absent', async () => {
    writeMicroData(path('data'), 50);
    const trained = await run(halves(path('run'), { graph: microGraph() }));
    const { tensors } = readSafetensors(path('run'));
    const { 'param/logitScale': scale, ...others } = tensors;
    expect(scale?.shape).toEqual([]);
    writeSafetensors(path('initial'), others);
    const { events } = await run(microConfig(path('data'), { initial: path('initial'), schedule: { steps: 2 } }));
    expect(events[0]).toMatchObject({ event: 'warning', message: expect.stringContaining('logitScale') as unknown });
    expect(lossesOf(events)[0]!).toBeLessThan(lossesOf(trained.events)[0]!);

    writeSafetensors(path('initial'), { 'param/left.out.weight': { data: new Float32Array(8), shape: [8] } });
    await expect(train(microConfig(path('data'), { initial: path('initial') })).done).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('loads into a program what it wrote', async () => {
    writeMicroData(path('data'), 50);
    await run(halves(path('run')));
    const program = createProgram(microGraph(), { training: false, capacity: { N: 4 } });
    expect(program.loadParameters(path('run'))).toEqual([]);
    expect(program.getParameter('left.out.weight').data).toEqual(readSafetensors(path('run')).tensors['param/left.out.weight']!.data);
  });

  it('keeps the last good checkpoint when training diverges, and says where to go on', async () => {
    writeMicroData(path('data'), 50);
    const config = halves(path('run'), { graph: microGraph() });
    await run({ ...config, schedule: { steps: 10 } });
    const before = readFileSync(path('run'));
    const diverging = train({ ...config, resume: true, optimizer: { learningRate: 1000, weightDecay: 100, beta1: 0, clipNorm: 0 }, schedule: { steps: 400 } });
    await expect(diverging.done).rejects.toMatchObject({ code: 'TRAINING_DIVERGED', message: expect.stringMatching(/step \d+.*learning rate/) as unknown });
    expect(existsSync(path('run'))).toBe(true);
    expect(readSafetensors(path('run')).tensors['param/left.out.weight']!.data.every((value) => Number.isFinite(Number(value)))).toBe(true);
    expect(before.length).toBe(readFileSync(path('run')).length);
  });

  it('reports a full disk and leaves the old file as it was', () => {
    writeMicroData(path('data'), 50);
    writeFileSync(path('config.json'), JSON.stringify(halves(path('run'))));
    const program = new URL('../../build/isolens-train', import.meta.url).pathname;
    let message = '';
    try {
      // A limit on file sizes stands for a full disk: 4 blocks of 1,024 bytes.
      execFileSync('bash', ['-c', `ulimit -f 4; exec "${program}" train "${path('config.json')}"`], { stdio: 'pipe' });
    } catch (thrown) {
      message = String((thrown as { stderr: Buffer }).stderr);
    }
    expect(message).toMatch(/^DISK_FULL: /);
    expect(readdirSync(dirname(path('run'))).sort()).toEqual(['config.json', 'data']);
  });
});

describe('cancelling', () => {
  it('can be asked before the first step and after the end', async () => {
    writeMicroData(path('data'), 50);
    const early = train(microConfig(path('data'), { schedule: { steps: 1_000_000 } }));
    early.cancel();
    await expect(early.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const whole = train(microConfig(path('data'), { schedule: { steps: 1 } }));
    await whole.done;
    whole.cancel();
  });

  it('ends the run when the listener fails, with the listener\'s error', async () => {
    writeMicroData(path('data'), 50);
    const failing = train(microConfig(path('data'), { schedule: { steps: 1_000_000 } }), () => {
      throw new Error('listener');
    });
    await expect(failing.done).rejects.toThrow('listener');
  });
});

/** Losses of the first ten steps, as stored when the trainer was first written. */
const STORED_LOSSES: readonly number[] = [
  5.909554481506348, 5.829235076904297, 6.309879302978516, 5.389438629150391, 3.1064658164978027,
  3.0211892127990723, 2.990682601928711, 2.330042839050293, 2.3578104972839355, 2.1934781074523926,
];
