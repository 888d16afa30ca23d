/** What every modality keeps: its fixtures are accepted, its hostile set is refused item by item, its invariances hold. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATOM_FEATURES, ChemPool } from '../../src/chem/index.ts';
import { IsoLensError, stackRows } from '../../src/core/index.ts';
import { ENCODERS, encoderConfig } from '../../src/encoders/index.ts';
import { GraphBuilder, initialWeights } from '../../src/graph/index.ts';
import type { NamedTensors } from '../../src/inference/index.ts';
import { buildEncoderGraph } from '../../src/model/index.ts';
import { MODALITIES, featuriseItems, featurisePortraits, modalityById, modalityConfig } from '../../src/modalities/index.ts';
import type { Modality, ModalityItem } from '../../src/modalities/index.ts';
import { train } from '../../src/native/index.ts';
import { columnsOf } from '../../src/train/columns.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import { hexagon, photograph, png, siteTiff } from '../image/fixtures.ts';
import { runOnnx } from './execute.ts';

interface Subject {
  readonly config: unknown;
  readonly fixtures: readonly ModalityItem[];
  /** Item and the code it is refused with. */
  readonly hostile: readonly (readonly [item: ModalityItem, code: string])[];
  /** Pairs that are one and the same; `tolerance` is the mean absolute difference allowed. */
  readonly same: readonly (readonly [a: ModalityItem, b: ModalityItem])[];
  readonly tolerance: number;
  readonly wrongConfig: unknown;
}

const MOLECULES = {
  fixtures: ['CCO', 'c1ccccc1C(=O)N[C@@H](C)C(=O)O', 'C', 'O=C(Nc1ccc(F)cc1)C1CC1', '[Na+].[O-]C(=O)c1ccccc1'],
  hostile: [['', 'SMILES_EMPTY'], ['CC(', 'SMILES_SYNTAX'], ['C1CC', 'SMILES_UNCLOSED_RING'], ['C(C)(C)(C)(C)C', 'SMILES_VALENCE'], ['C'.repeat(2000), 'SMILES_TOO_LONG'], ['CC>>CO', 'SMILES_IS_REACTION']],
  same: [['OCC', 'CCO'], ['c1ccccc1C(=O)O', 'OC(=O)C1=CC=CC=C1'], ['[Na+].[O-]C(=O)c1ccccc1', 'OC(=O)c1ccccc1']],
} as const;

/** One entry a modality; the first test fails where one is missing. */
async function subjects(): Promise<Readonly<Record<string, Subject>>> {
  const drawing = await png(hexagon());
  const big = await png(hexagon(480, 640));
  return {
    fingerprint: { ...MOLECULES, config: { radius: 2, bits: 512, transform: 'log1p' }, tolerance: 0, wrongConfig: { radius: 2, bits: 500, transform: 'log1p' } },
    graph: { ...MOLECULES, same: [['OCC', 'OCC ethanol'], ['C(C)O', ' C(C)O ']], config: {}, tolerance: 0, wrongConfig: { radius: 2 } },
    smiles: { ...MOLECULES, config: { length: 40 }, tolerance: 0, wrongConfig: { length: 4 } },
    cells: {
      config: { channels: 2, side: 40, size: 32 },
      fixtures: [await siteTiff(2, 40, 40, 1), await siteTiff(2, 64, 50, 2), await siteTiff(2, 40, 40, 3, 'ushort')],
      hostile: [[new Uint8Array(0), 'IMAGE_EMPTY'], [Buffer.from('CCO'), 'IMAGE_FORMAT_UNSUPPORTED'], [drawing, 'IMAGE_FORMAT_UNSUPPORTED'], [(await siteTiff(2, 64, 64, 1)).subarray(0, 900), 'IMAGE_CORRUPT']],
      same: [[await siteTiff(2, 40, 40, 1), await siteTiff(2, 40, 40, 1)]],
      tolerance: 0,
      wrongConfig: { side: 32, size: 64 },
    },
    profile: {
      config: { features: ['Cells_A', 'Cells_B', 'Nuclei_C'] },
      fixtures: [Float32Array.of(1, 2, 3), Float32Array.of(-1, 0, 4), Float32Array.of(0.5, 0.25, 0)],
      hostile: [[Float32Array.of(1, 2), 'RECORD_INVALID'], [Float32Array.of(1, Number.NaN, 2), 'RECORD_INVALID'], [new Float32Array(0), 'RECORD_INVALID'], [Float32Array.of(1, 2, Infinity), 'RECORD_INVALID']],
      same: [[Float32Array.of(1, 2, 3), new Float32Array([1, 2, 3])]],
      tolerance: 0,
      wrongConfig: { features: ['Cells_A', 'Cells_A'] },
    },
    drawing: {
      config: { height: 64, width: 96 },
      fixtures: [drawing, big, await png(hexagon(240, 320, 255, 0))],
      hostile: [[new Uint8Array(0), 'IMAGE_EMPTY'], [Buffer.from('CCO'), 'IMAGE_FORMAT_UNSUPPORTED'], [drawing.subarray(0, 200), 'IMAGE_CORRUPT'], [await photograph(), 'IMAGE_NOT_A_DRAWING']],
      same: [[drawing, await png(hexagon(240, 320, 255, 0))]],
      tolerance: 1e-3,
      wrongConfig: { height: 2, width: 96 },
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'isolens-modality-'));
let chem: ChemPool;
let table: Readonly<Record<string, Subject>>;
beforeAll(async () => {
  chem = new ChemPool({ workers: 1 });
  table = await subjects();
});
afterAll(async () => {
  await chem.close();
  rmSync(folder, { recursive: true, force: true });
});

function tensorsOf(modality: Modality, items: readonly ModalityItem[]): Promise<NamedTensors> {
  return featuriseItems(modality, items, modalityConfig(modality, table[modality.id]!.config), { chem }).then(({ tensors }) => tensors);
}

describe.each(MODALITIES.map((modality) => [modality.id, modality as Modality] as const))('%s', (id, modality) => {
  it('gives the tensors that it declares', async () => {
    const config = modalityConfig(modality, table[id]!.config);
    const { fixtures } = table[id]!;
    const { rows, tensors, errors } = await featuriseItems(modality, fixtures, config, { chem });
    expect(errors).toEqual([]);
    expect([...rows]).toEqual(fixtures.map((_, i) => i));
    const declared = modality.inputs(config);
    expect(Object.keys(tensors).sort()).toEqual(declared.map(({ role }) => role).sort());
    const sizes = new Map<string, number>([['N', fixtures.length]]);
    for (const { role, dtype, shape, isSparse } of declared) {
      const tensor = tensors[role]!;
      const entries = Array.from(tensor.data as ArrayLike<number>).filter((value) => value !== 0).length;
      if (isSparse === true) expect(entries, `${role} is declared sparse`).toBeLessThan(tensor.data.length / 8);
      expect(tensor.dtype).toBe(dtype);
      expect(tensor.data.length).toBe(tensor.shape.reduce((a, b) => a * b, 1));
      expect(tensor.shape.length).toBe(shape.length);
      shape.forEach((size, axis) => {
        // A symbol stands for the same number everywhere.
        if (typeof size === 'string' && !sizes.has(size)) sizes.set(size, tensor.shape[axis]!);
        expect(tensor.shape[axis]).toBe(typeof size === 'number' ? size : sizes.get(size));
      });
      expect(tensor.data.every((value) => Number.isFinite(value))).toBe(true);
    }
  });

  it('refuses its hostile set item by item and keeps the rest', async () => {
    const { fixtures, hostile, config } = table[id]!;
    const items = hostile.flatMap(([item], i) => [item, fixtures[i % fixtures.length]!]);
    const batch = await featuriseItems(modality, items, modalityConfig(modality, config), { chem });
    expect(batch.errors.map(({ index, code }) => [index, code])).toEqual(hostile.map(([, code], i) => [2 * i, code]));
    expect([...batch.rows]).toEqual(hostile.map((_, i) => 2 * i + 1));
    for (const { message } of batch.errors) expect(message).toMatch(/^Expected .+/);
  });

  it('gives a batch of nothing for nothing usable', async () => {
    const { hostile, config } = table[id]!;
    for (const items of [[], [hostile[0]![0]]]) {
      const { rows, tensors } = await featuriseItems(modality, items, modalityConfig(modality, config), { chem });
      expect(rows.length).toBe(0);
      for (const { data } of Object.values(tensors)) expect(data.length).toBe(0);
    }
  });

  it('keeps its invariances', async () => {
    const { same, tolerance } = table[id]!;
    for (const [a, b] of same) {
      const left = await tensorsOf(modality, [a]);
      const right = await tensorsOf(modality, [b]);
      for (const [role, { data }] of Object.entries(left)) {
        const other = right[role]!.data;
        expect(other.length).toBe(data.length);
        expect((data as Float32Array).reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / Math.max(1, data.length)).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('shows molecules as pictures that it reads, the same at every call, where it shows any', async () => {
    if (modality.source !== 'image' || modality.portray === undefined) return;
    const molecules = [...MOLECULES.fixtures, 'CC', 'not a molecule'];
    const [first, second] = [await modality.portray(molecules, chem), await modality.portray(molecules, chem)];
    expect(first.map((bytes) => bytes !== undefined)).toEqual(molecules.map((_, i) => i < molecules.length - 1));
    expect(second).toEqual(first);
    const config = modalityConfig(modality as Modality, table[id]!.config);
    const { rows, errors } = await featurisePortraits(modality, molecules, config, chem);
    expect([...rows]).toEqual(MOLECULES.fixtures.map((_, i) => i));
    // A single line is no drawing.
    expect(errors.map(({ index, code }) => [index, code])).toEqual([[molecules.length - 2, 'IMAGE_NOT_A_DRAWING'], [molecules.length - 1, 'IMAGE_EMPTY']]);
  });

  it('gives a single what it gives in a batch', async () => {
    const [first] = table[id]!.fixtures;
    const alone = await tensorsOf(modality, [first!]);
    const together = await tensorsOf(modality, table[id]!.fixtures);
    for (const [role, { data }] of Object.entries(alone)) expect([...together[role]!.data.subarray(0, data.length)]).toEqual([...data]);
  });

  it('checks its configuration', () => {
    const thrown = (): unknown => modalityConfig(modality, table[id]!.wrongConfig);
    expect(thrown).toThrow(IsoLensError);
    expect(thrown).toThrow(id);
  });

  it('has an encoder that reads it', async () => {
    const config = modalityConfig(modality, table[id]!.config);
    const fields = modality.encoderFields(config);
    const readers = ENCODERS.filter((encoder) => {
      const preset = encoder.presets['tiny'] as Readonly<Record<string, unknown>>;
      const own = Object.fromEntries(Object.entries(fields).filter(([name]) => name in preset));
      // How many categories a column has is the encoder's affair.
      const inputs = encoder.inputs(encoderConfig(encoder, 'tiny', own) as never).map(({ role, dtype, shape }) => ({ role, dtype, shape }));
      return JSON.stringify([...inputs].sort((a, b) => (a.role < b.role ? -1 : 1))) === JSON.stringify(modality.inputs(config).map(({ role, dtype, shape }) => ({ role, dtype, shape })).sort((a, b) => (a.role < b.role ? -1 : 1)));
    });
    expect(readers.map((encoder) => encoder.id)).not.toEqual([]);
    // What it makes goes in, and what comes out differs from item to item.
    const { tensors } = await featuriseItems(modality, table[id]!.fixtures, config, { chem });
    for (const encoder of readers) {
      const preset = encoderConfig(encoder, 'tiny');
      const own = Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(preset as object, name)));
      const spec = { encoder, config: encoderConfig(encoder, preset, own), prefix: id, projection: { layers: 1, hidden: 16 } };
      const { ir } = buildEncoderGraph(spec, 8);
      const { embedding } = await runOnnx(ir, initialWeights(ir, 5), tensors);
      const rows = table[id]!.fixtures.map((_, i) => embedding!.data.slice(8 * i, 8 * (i + 1)));
      for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 4);
      expect(rows[1]).not.toEqual(rows[0]);
    }
  });

  it('has a feed of the engine that makes the same inputs of a data file', async () => {
    const config = modalityConfig(modality, table[id]!.config);
    const file = join(folder, `${id}.safetensors`);
    const rows = await writeRows(file, modality, config, table[id]!.fixtures);
    // A graph that takes every input, and a loss that depends on those of numbers.
    const g = new GraphBuilder(id);
    const inputs = modality.inputs(config).map(({ role, dtype, shape }) => ({ role, dtype, value: g.input(role, dtype, shape) }));
    const sums = inputs.filter(({ dtype }) => dtype === 'f32').map(({ value }) => g.apply('ReduceMean', [value], { axes: [], keepdims: 0 }));
    const weight = g.parameter('weight', [], { kind: 'constant', value: 1 });
    g.output(g.named('loss', g.apply('Mul', [weight, sums.reduce((sum, one) => g.apply('Add', [sum, one]))])));
    const feed = modality.training.feed(config, modality.training.augmentation.parse({}));
    const losses: number[] = [];
    await train({
      graph: g.toIr(), loss: 'loss', data: { train: [file] },
      feeds: [{ ...feed, inputs: Object.fromEntries(inputs.map(({ role }) => [role, role])) }],
      symbols: { N: rows }, optimizer: { learningRate: 0 }, schedule: { steps: 2 }, threads: 1, seed: 1, logEvery: 1,
    }, (event) => event.event === 'step' && losses.push(event.loss)).done;
    expect(losses).toHaveLength(2);
    // Sites of cells have the mean 0.
    for (const loss of losses) expect(id === 'cells' ? Math.abs(loss) < 1e-3 : loss > 0).toBe(true);
  });
});

/** The data file of a modality, and how many rows it has. */
async function writeRows(file: string, modality: Modality, config: unknown, fixtures: readonly ModalityItem[]): Promise<number> {
  const { files } = modality.training;
  if (modality.source === 'table') {
    const { data, rows, cols } = stackRows(fixtures as Float32Array[]);
    writeSafetensors(file, { profile: { data, shape: [rows, cols] } }, { rows: String(rows) });
    return rows;
  }
  if (files === undefined) {
    const smiles = MOLECULES.fixtures;
    const batch = await chem.featurise(smiles, modality.training.request(config));
    writeSafetensors(file, columnsOf(batch, batch.molecules.map((_, row) => row)), { rows: String(smiles.length) });
    return smiles.length;
  }
  const rows = await Promise.all(fixtures.map((item) => files.read([item as Uint8Array], config)));
  const data = new Uint8Array(rows.length * rows[0]!.length);
  rows.forEach((row, i) => data.set(row, i * row.length));
  writeSafetensors(file, { [files.column]: { data, shape: [rows.length, ...files.shape(config)] } }, { rows: String(rows.length) });
  return rows.length;
}

it('every modality has a row in this test, and no row is of another time', () => {
  expect(Object.keys(table).sort()).toEqual(MODALITIES.map(({ id }) => id).sort());
});

it('modalities are found by name', () => {
  expect(modalityById('graph').id).toBe('graph');
  expect(() => modalityById('smell')).toThrow(/fingerprint, graph, drawing, smiles, cells, profile/);
});

it('a graph keeps bonds as two edges and numbers its molecules', async () => {
  const { atoms, begin, end, segment, counts, bonds } = await tensorsOf(modalityById('graph'), ['CO', 'C', 'C=C']);
  expect([...segment!.data]).toEqual([0, 0, 1, 2, 2]);
  expect([...counts!.data]).toEqual([2, 1, 2]);
  expect([...begin!.data]).toEqual([0, 1, 3, 4]);
  expect([...end!.data]).toEqual([1, 0, 4, 3]);
  expect(bonds!.data[bonds!.shape[1]! * 2]).toBe(2);
  expect([0, 1, 2].map((atom) => atoms!.data[atom * ATOM_FEATURES.length])).toEqual([6, 8, 6]);
});

it('a graph has the same atoms and bonds in whatever order the SMILES names them', async () => {
  const rowsOf = async (smiles: string): Promise<string[][]> => {
    const { atoms, bonds } = await tensorsOf(modalityById('graph'), [smiles]);
    return [atoms!, bonds!].map(({ data, shape }) => Array.from({ length: shape[0]! }, (_, i) => data.slice(i * shape[1]!, (i + 1) * shape[1]!).join(' ')).sort());
  };
  const first = await rowsOf('C[C@H](N)C(=O)N1CCCC1/C=C/c1ccccc1');
  for (const other of ['N[C@@H](C)C(=O)N1CCCC1/C=C/c1ccccc1', 'c1cc(/C=C/C2CCCN2C(=O)[C@@H](N)C)ccc1']) expect(await rowsOf(other)).toEqual(first);
});
