/** Gradient caching: a batch in chunks gives the losses and gradients of the whole batch. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, cutGraph } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { readSafetensors } from '../../src/train/safetensors.ts';
import { lossesOf, microConfig, microGraph, temporaryFolder, writeMicroData } from './support.ts';

const path = temporaryFolder();
const EMBEDDINGS = ['left.embedding', 'right.embedding'];

function chunked(rows: number, graph: GraphIr): Pick<TrainConfig, 'graph' | 'chunk' | 'metrics'> {
  const { towers, head, surrogate, values, metrics } = cutGraph(graph, EMBEDDINGS, 'loss', ['scale']);
  return { graph, metrics, chunk: { rows, towers, head, surrogate, values } };
}

async function run(settings: TrainConfig): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  await train(settings, (event) => events.push(event)).done;
  return events;
}

function config(overrides: Partial<TrainConfig> = {}): TrainConfig {
  writeMicroData(path('data'), 64);
  return microConfig(path('data'), { symbols: { N: 32 }, schedule: { steps: 12 }, ...overrides });
}

describe('gradient caching', () => {
  it.each([32, 16, 5, 1])('chunks of %i rows train as the whole batch of 32 does', async (rows) => {
    const whole = await run(config({ checkpoint: { path: path('whole') } }));
    const parts = await run(config({ ...chunked(rows, microGraph()), checkpoint: { path: path('parts') } }));
    lossesOf(whole).forEach((loss, i) => expect(lossesOf(parts)[i]).toBeCloseTo(loss, 4));
    const steps = parts.filter((event) => event.event === 'step');
    whole.filter((event) => event.event === 'step').forEach(({ gradientNorm, metrics, seen }, i) => {
      expect(steps[i]!.gradientNorm / gradientNorm).toBeCloseTo(1, 3);
      expect(steps[i]!.metrics['scale']).toBeCloseTo(metrics['scale']!, 3);
      expect(steps[i]!.seen).toBe(seen);
    });
    const [left, right] = [path('whole'), path('parts')].map((file) => readSafetensors(file).tensors);
    for (const [name, { data }] of Object.entries(left!)) {
      if (!name.startsWith('param/')) continue;
      const other = right![name]!.data;
      data.forEach((value, i) => expect(Math.abs(Number(other[i]) - Number(value)), name).toBeLessThan(2e-3));
    }
  });

  it('accumulates over several large batches', async () => {
    const whole = lossesOf(await run(config({ accumulate: 2, symbols: { N: 24 } })));
    const parts = lossesOf(await run(config({ accumulate: 2, symbols: { N: 24 }, ...chunked(7, microGraph()) })));
    whole.forEach((loss, i) => expect(parts[i]).toBeCloseTo(loss, 4));
  });

  it('uses the same dropout in both passes, the same bits in every run, and resumes to them', async () => {
    // Long enough to be interrupted on a busy machine, too.
    const settings = { ...chunked(6, microGraph(0.3)), schedule: { steps: 400 }, checkpoint: { path: path('first'), every: 40 } };
    const losses = lossesOf(await run(config(settings)));
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const interrupted = train(config({ ...settings, checkpoint: { path: path('second'), every: 40 } }), (event) => {
      if (event.event === 'step' && event.step === 5) interrupted.cancel();
    });
    await expect(interrupted.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const stopped = Number(readSafetensors(path('second')).metadata['step']);
    const rest = lossesOf(await run(config({ ...settings, checkpoint: { path: path('second'), every: 40 }, resume: true })));
    expect(rest).toEqual(losses.slice(stopped));
    expect(readFileSync(path('second')).equals(readFileSync(path('first')))).toBe(true);
  });

  it('needs the memory of a chunk', async () => {
    const memory = async (overrides: Partial<TrainConfig>): Promise<number> => {
      const [start] = await run(config({ schedule: { steps: 1 }, ...overrides }));
      return start!.event === 'start' ? start!.memoryBytes : Infinity;
    };
    const graph = fusedGraph();
    expect(await memory({ ...chunked(4, graph), symbols: { N: 64 } })).toBeLessThan(0.7 * await memory({ graph, symbols: { N: 64 } }));
  });

  it('refuses a cut whose values do not fit', async () => {
    const { chunk, ...rest } = chunked(4, microGraph());
    const broken = { ...rest, chunk: { ...chunk!, values: chunk!.values.slice(1) } };
    await expect(train(config(broken), () => undefined).done).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(`"${chunk!.values[0]!.gradient}"`) as string });
    await expect(train(config({ ...rest, chunk: { ...chunk!, rows: 0 } }), () => undefined).done).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

/** The micro model with wide towers and a fused loss: nearly all of its memory is activations. */
function fusedGraph(): GraphIr {
  const g = new GraphBuilder('wide');
  const tower = (name: string, input: string): ReturnType<GraphBuilder['input']> => {
    let x = g.input(input, 'f32', ['N', 12]);
    for (const [i, [from, to]] of [[12, 256], [256, 256], [256, 8]].entries()) {
      x = g.apply('Tanh', [g.apply('Gemm', [x, g.parameter(`${name}.${i}`, [from!, to!], { kind: 'normal', std: 0.1 })])]);
    }
    return g.scope(name).named('embedding', g.apply('L2Normalise', [x]));
  };
  const [a, b] = [tower('left', 'a'), tower('right', 'b')];
  const scale = g.apply('Exp', [g.parameter('logitScale', [], { kind: 'constant', value: 2 })]);
  const loss = g.named('loss', g.apply('ContrastiveLoss', [a, b, scale], { form: 'symmetric' }));
  for (const value of [loss, g.named('scale', scale), a, b]) g.output(value);
  return g.toIr();
}

describe('the cut', () => {
  it('leaves metrics out that need the matrix of a batch', () => {
    const g = new GraphBuilder('g');
    const a = g.scope('left').named('embedding', g.apply('Relu', [g.input('a', 'f32', ['N', 4])]));
    const b = g.scope('right').named('embedding', g.apply('Relu', [g.input('b', 'f32', ['N', 4])]));
    const matrix = g.named('matrix', g.apply('ReduceMean', [g.apply('Gemm', [a, b], { transB: 1 })]));
    const rows = g.named('rows', g.apply('ReduceMean', [g.apply('Mul', [a, b])]));
    g.output(g.named('loss', g.apply('ContrastiveLoss', [a, b, g.constant(5)])));
    for (const value of [matrix, rows]) g.output(value);
    const cut = cutGraph(g.toIr(), EMBEDDINGS, 'loss', ['matrix', 'rows']);
    expect(cut.metrics).toEqual(['rows']);
    expect(cut.values.map(({ value }) => value).toSorted()).toEqual(EMBEDDINGS);
    expect(cut.head.outputs).toEqual(['loss', 'rows']);
    expect(cut.towers.inputs.map(({ name }) => name)).toEqual(['a', 'b', 'cut.gradient-0', 'cut.gradient-1']);
  });

  it('refuses a loss that reads values of another number of rows', () => {
    const g = new GraphBuilder('g');
    const nodes = g.apply('Relu', [g.input('nodes', 'f32', ['V', 4])]);
    const graphs = g.apply('SegmentSum', [nodes, g.input('graph', 'i32', ['V']), g.input('like', 'f32', ['N', 1])]);
    const a = g.scope('left').named('embedding', graphs);
    const b = g.scope('right').named('embedding', g.apply('Relu', [a]));
    const loss = g.apply('Add', [g.apply('ContrastiveLoss', [a, b, g.constant(5)]), g.apply('ReduceMean', [nodes])]);
    g.output(g.named('loss', loss));
    expect(() => cutGraph(g.toIr(), EMBEDDINGS, 'loss', [])).toThrow(/one row for each of the batch between towers and loss but "relu-1" is \(V, 4\)/);
  });
});
