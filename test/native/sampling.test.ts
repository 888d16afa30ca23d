/** Which rows a batch holds: seen from outside, by what the loss makes of them. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder } from '../../src/graph/index.ts';
import { objectiveById, objectiveConfig } from '../../src/objectives/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/train/safetensors.ts';
import type { StoredTensor } from '../../src/train/safetensors.ts';
import { lossesOf, temporaryFolder } from './support.ts';

const path = temporaryFolder();
const WIDTH = 64;

/** One linear map over sparse features, both views of a row alike; the objective is the one named. */
function graphOf(objective: string, needsLabel: boolean): ReturnType<GraphBuilder['toIr']> {
  const g = new GraphBuilder('sampling');
  const x = g.input('x', 'f32', ['N', WIDTH]);
  const label = needsLabel ? { label: g.input('label', 'i32', ['N']) } : {};
  const weight = g.parameter('weight', [16, WIDTH], { kind: 'normal', std: 0.2 });
  const z = g.apply('L2Normalise', [g.apply('Gemm', [x, weight], { transB: 1 })], {}, 'z');
  const definition = objectiveById(objective);
  const result = definition.build(g.scope('objective'), { a: z, b: z, ...label }, objectiveConfig(definition, {}));
  g.output(g.named('loss', result.loss));
  g.output(z);
  return g.toIr();
}

/** Rows of five features each. */
function writeRows(file: string, rows: readonly (readonly number[])[], more: Record<string, StoredTensor> = {}): void {
  const indices = rows.flatMap((row) => [...row].sort((a, b) => a - b));
  const offsets = BigInt64Array.from({ length: rows.length + 1 }, (_, i) => BigInt(5 * i));
  writeSafetensors(file, {
    'features.indices': { data: Uint16Array.from(indices), shape: [indices.length] },
    'features.values': { data: new Uint8Array(indices.length).fill(1), shape: [indices.length] },
    'features.offsets': { data: offsets, shape: [offsets.length] },
    ...more,
  }, { rows: String(rows.length) });
}

function config(objective: string, file: string, more: Partial<TrainConfig>): TrainConfig {
  const needsLabel = more.measurements !== undefined;
  return {
    graph: graphOf(objective, needsLabel), loss: 'loss',
    feeds: [
      { kind: 'sparse', column: 'features', inputs: { dense: 'x' }, options: { width: WIDTH, transform: 'binary' } },
      ...(needsLabel ? [{ kind: 'label', column: 'measurement', inputs: { label: 'label' } }] : []),
    ],
    data: { train: [file] }, symbols: { N: 16 }, optimizer: { learningRate: 0 }, schedule: { steps: 8 }, threads: 1, seed: 3, logEvery: 1, ...more,
  };
}

async function losses(of: TrainConfig): Promise<number[]> {
  const events: TrainEvent[] = [];
  await train(of, (event) => events.push(event)).done;
  return lossesOf(events);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('batches of neighbours', () => {
  /** Forty families of four that share four of five features. */
  function families(): number[][] {
    const rng = createRng(5);
    return Array.from({ length: 40 }, () => {
      const shared = rng.shuffle(Array.from({ length: WIDTH }, (_, i) => i));
      return [4, 5, 6, 7].map((own) => [...shared.slice(0, 4), shared[own]!]);
    }).flat();
  }

  it('are harder to tell apart, and the same for one seed', async () => {
    writeRows(path('families'), createRng(1).shuffle(families()));
    const near = { neighbours: { column: 'features', group: 4 } };
    const [apart, beside, again] = [await losses(config('info-nce', path('families'), {})), await losses(config('info-nce', path('families'), near)), await losses(config('info-nce', path('families'), near))];
    expect(beside).toHaveLength(8);
    expect(mean(beside)).toBeGreaterThan(1.3 * mean(apart));
    expect(again).toEqual(beside);
  });

  it('keep the visits of one row apart', async () => {
    writeRows(path('families'), families());
    // A file twice: were a row beside itself, its loss could not fall below ln 2.
    const twice = { ...config('info-nce', path('families'), { neighbours: { column: 'features', group: 2 } }), data: { train: [path('families'), path('families')] }, symbols: { N: 2 } };
    expect(Math.max(...(await losses(twice)))).toBeLessThan(Math.LN2 - 1e-3);
  });

  it('need the column that they are to be alike in', async () => {
    writeRows(path('families'), families());
    await expect(losses(config('info-nce', path('families'), { neighbours: { column: 'nonsense', group: 4 } }))).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('nonsense') as string });
  });
});

describe('batches for measurements', () => {
  const rng = createRng(9);
  /** Twenty assays of ten molecules; actives of one assay share features, inactives share nothing. */
  const molecules = Array.from({ length: 200 }, (_, i) => {
    const assay = Math.floor(i / 10);
    return i % 2 === 0 ? [0, 1, 2, 3, 4].map((k) => (assay * 3 + k) % WIDTH) : rng.shuffle([...Array(WIDTH).keys()]).slice(0, 5);
  });

  function measured(file: string, change: (columns: { row: Int32Array; assay: Int32Array; active: Uint8Array }) => void = () => {}): string {
    const columns = {
      row: Int32Array.from(molecules, (_, i) => i), assay: Int32Array.from(molecules, (_, i) => Math.floor(i / 10)), active: Uint8Array.from(molecules, (_, i) => 1 - (i % 2)),
    };
    change(columns);
    writeSafetensors(file, { row: { data: columns.row, shape: [200] }, assay: { data: columns.assay, shape: [200] }, active: { data: columns.active, shape: [200] } });
    return file;
  }

  it('put actives of one assay together: alike where they are, and not where labels are mixed up', async () => {
    writeRows(path('molecules'), molecules);
    const sampled = { perAssay: 8, actives: 4 };
    const right = await losses(config('sup-con', path('molecules'), { measurements: { path: measured(path('right')), ...sampled } }));
    const mixed = measured(path('mixed'), ({ row }) => row.set(createRng(2).shuffle([...row])));
    const wrong = await losses(config('sup-con', path('molecules'), { measurements: { path: mixed, ...sampled } }));
    expect(mean(right)).toBeLessThan(mean(wrong) - 0.5);
    expect(await losses(config('sup-con', path('molecules'), { measurements: { path: path('right'), ...sampled } }))).toEqual(right);
  });

  describe('of targets', () => {
    const [assays, size] = [20, 10];
    /** As `measured`, with what is said of each assay. */
    function ofTargets(file: string, target: Int32Array, weight?: Float32Array): string {
      const tensors = readSafetensors(measured(`${file}-plain`)).tensors;
      writeSafetensors(file, { ...tensors, target: { data: target, shape: [target.length] }, ...(weight === undefined ? {} : { weight: { data: weight, shape: [weight.length] } }) });
      return file;
    }
    const sampled = { perAssay: 4, actives: 4 };

    it('make actives of several assays positives of each other', async () => {
      // Assays k and k + 10 share all features of their actives; k and k + 1 of an even k do not.
      writeRows(path('paired'), molecules.map((row, i) => (i < 100 ? row : molecules[i - 100]!)));
      const joined = async (name: string, targetOf: (assay: number) => number): Promise<number[]> => {
        const file = ofTargets(path(name), Int32Array.from({ length: assays }, (_, i) => targetOf(i)));
        return losses(config('sup-con', path('paired'), { measurements: { path: file, ...sampled }, symbols: { N: 32 } }));
      };
      expect(mean(await joined('alike', (assay) => assay % size))).toBeLessThan(mean(await joined('unlike', (assay) => assay >> 1)) - 0.2);
    });

    it('never set molecules against each other that act at one target', async () => {
      // Ten families of ten equal molecules, two targets each. Where all of a family act at both, a batch holds one of the two; where
      // half acts at one and half at the other, equal molecules are told to differ.
      writeRows(path('families-of-targets'), Array.from({ length: 100 }, (_, i) => molecules[2 * Math.floor(i / 10) * 10]!.map((feature) => (feature + Math.floor(i / 10)) % WIDTH)));
      const write = (file: string, pairs: readonly (readonly [number, number])[]): string => {
        const column = (k: 0 | 1): StoredTensor => ({ data: Int32Array.from(pairs, (pair) => pair[k]), shape: [pairs.length] });
        writeSafetensors(file, { row: column(0), assay: column(1), active: { data: new Uint8Array(pairs.length).fill(1), shape: [pairs.length] } });
        return file;
      };
      const rows = Array.from({ length: 100 }, (_, i) => i);
      const familyOf = (row: number): number => Math.floor(row / 10);
      const both = write(path('both'), [0, 1].flatMap((k) => rows.map((row) => [row, 2 * familyOf(row) + k] as const)));
      const apart = write(path('apart'), rows.map((row) => [row, 2 * familyOf(row) + (row % 2)] as const));
      const of = async (file: string): Promise<number[]> => losses(config('sup-con', path('families-of-targets'), { measurements: { path: file, ...sampled }, symbols: { N: 32 } }));
      expect(mean(await of(both))).toBeLessThan(mean(await of(apart)) - 0.05);
    });

    it('come as often as their table weighs, and are refused where they do not fit', async () => {
      writeRows(path('molecules'), molecules);
      const weight = Float32Array.from({ length: assays }, (_, i) => (i < 4 ? 1000 : 0.001));
      const own = Int32Array.from({ length: assays }, (_, i) => i);
      const few = await losses(config('sup-con', path('molecules'), { measurements: { path: ofTargets(path('weighed'), own, weight), ...sampled } }));
      const even = await losses(config('sup-con', path('molecules'), { measurements: { path: ofTargets(path('even'), own), ...sampled } }));
      expect(few).not.toEqual(even);
      const refusal = async (file: string): Promise<unknown> => losses(config('sup-con', path('molecules'), { measurements: { path: file, ...sampled } })).catch((error: unknown) => error);
      expect(await refusal(ofTargets(path('short'), own.slice(1)))).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('one target for each of 20 assays') as string });
      expect(await refusal(ofTargets(path('weightless'), own, weight.map(() => 0)))).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('weight above 0') as string });
    });
  });

  it('are refused where only actives are drawn and there are too few of them', async () => {
    writeRows(path('molecules'), molecules);
    // Ten actives beside a hundred and ninety inactives: none of the latter is ever drawn.
    const few = measured(path('few'), ({ active }) => active.fill(0, 20));
    const measurements = { path: few, perAssay: 4, actives: 4 };
    await expect(losses(config('sup-con', path('molecules'), { measurements }))).rejects.toMatchObject({
      code: 'DATASET_INVALID', message: expect.stringContaining('but received 10') as string,
    });
    expect(await losses(config('sup-con', path('molecules'), { measurements, symbols: { N: 10 } }))).toHaveLength(8);
  });

  it('refuse what does not fit the data', async () => {
    writeRows(path('molecules'), molecules);
    const refusal = async (file: string, batch = 16): Promise<unknown> => losses(config('sup-con', path('molecules'), { measurements: { path: file, perAssay: 8, actives: 4 }, symbols: { N: batch } })).catch((error: unknown) => error);
    expect(await refusal(measured(path('outside'), ({ row }) => row.fill(200, 7, 8)))).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('row 200') as string });
    expect(await refusal(measured(path('inactive'), ({ active }) => active.fill(0)))).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('two actives') as string });
    expect(await refusal(measured(path('few'), ({ active }) => active.fill(0, 20)), 64)).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('64') as string });
  });
});
