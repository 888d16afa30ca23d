import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/index.ts';
import type { Value } from '../../src/graph/index.ts';
import { renderDrawings, train } from '../../src/native/index.ts';
import type { FeedConfig, RenderOptions, TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import type { StoredTensor } from '../../src/train/safetensors.ts';
import { microConfig, temporaryFolder, writeMicroData, writeRows } from './support.ts';

const path = temporaryFolder();
const program = new URL('../../build/isolens-train', import.meta.url).pathname;

const u8 = (values: number[], shape: number[] = [values.length]): StoredTensor => ({ data: Uint8Array.from(values), shape });
const u16 = (values: number[]): StoredTensor => ({ data: Uint16Array.from(values), shape: [values.length] });
const i32 = (values: number[]): StoredTensor => ({ data: Int32Array.from(values), shape: [values.length] });
const i64 = (values: number[]): StoredTensor => ({ data: BigInt64Array.from(values.map(BigInt)), shape: [values.length] });
const f32 = (values: number[], shape: number[] = [values.length]): StoredTensor => ({ data: Float32Array.from(values), shape });

const repeated = (value: number, count: number): number[] => Array.from({ length: count }, () => value);

/** What the feeds give for every row: the value of a graph, written by the program without Node.js. */
function embed(data: string, feeds: readonly FeedConfig[], build: (g: GraphBuilder) => Value, extra: Record<string, unknown> = {}): number[] {
  const g = new GraphBuilder('probe');
  g.output(g.named('probe', build(g)));
  writeSafetensors(path('weights'), {});
  const config = { graph: g.toIr(), feeds, weights: path('weights'), data: [data], output: 'probe', path: path('out.f32'), batch: 2, threads: 1, ...extra };
  writeFileSync(path('embed.json'), JSON.stringify(config));
  execFileSync(program, ['embed', path('embed.json')], { stdio: 'pipe' });
  const bytes = readFileSync(path('out.f32'));
  return Array.from(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4));
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return String((thrown as { stderr?: Buffer }).stderr ?? thrown);
  }
  return 'nothing was refused';
}

describe('sparse feed', () => {
  const write = (indices: StoredTensor, values?: StoredTensor): void => writeRows(path('data'), 3, {
    'fp.offsets': i64([0, 2, 2, 5]),
    'fp.indices': indices,
    ...(values === undefined ? {} : { 'fp.values': values }),
  });
  const rows = (transform: string): number[] => embed(path('data'), [{ kind: 'sparse', column: 'fp', inputs: { dense: 'x' }, options: { width: 4, transform } }], (g) => g.input('x', 'f32', ['N', 4]));

  it('spreads counts over dense rows, transformed', () => {
    write(u16([0, 3, 1, 2, 3]), u8([1, 5, 2, 1, 255]));
    expect(rows('binary')).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1]);
    expect(rows('count')).toEqual([1, 0, 0, 5, 0, 0, 0, 0, 0, 2, 1, 255]);
    rows('log1p').forEach((value, i) => expect(value).toBeCloseTo(Math.log1p([1, 0, 0, 5, 0, 0, 0, 0, 0, 2, 1, 255][i]!), 5));
  });

  it('takes 32-bit indices and values that are numbers, or none', () => {
    write(i32([0, 3, 1, 2, 3]), f32([0.5, 1.5, -1, 2, 3]));
    expect(rows('count')).toEqual([0.5, 0, 0, 1.5, 0, 0, 0, 0, 0, -1, 2, 3]);
    write(u16([0, 3, 1, 2, 3]));
    expect(rows('binary')).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1]);
  });

  it('leaves entries out of views, in validation as it is told', () => {
    const many = 400;
    writeRows(path('data'), 2, {
      'fp.offsets': i64([0, many, 2 * many]), 'fp.indices': u16([...Array(many).keys(), ...Array(many).keys()]), 'fp.values': u8(repeated(1, 2 * many)),
    });
    const kept = (options: Record<string, unknown>): number[] => {
      const all = embed(path('data'), [{ kind: 'sparse', column: 'fp', inputs: { dense: 'x' }, options: { width: many, transform: 'count', ...options } }], (g) => g.input('x', 'f32', ['N', many]));
      return [all.slice(0, many), all.slice(many)].map((row) => row.reduce((sum, value) => sum + value, 0));
    };
    expect(kept({ drop: 0.5 })).toEqual([many, many]);
    const [first, second] = kept({ evalDrop: 0.25 });
    for (const count of [first!, second!]) {
      expect(count).toBeGreaterThan(0.65 * many);
      expect(count).toBeLessThan(0.85 * many);
    }
    expect(kept({ evalDrop: 0.25 })).toEqual([first, second]);
    expect(refusal(() => kept({ evalDrop: 1 }))).toMatch(/ARGUMENT_INVALID: .*evalDrop/);
  });

  it('refuses indices beyond the width, offsets that fall and columns that end early', () => {
    write(u16([0, 4, 1, 2, 3]));
    expect(refusal(() => rows('binary'))).toMatch(/DATASET_INVALID: .*row 0 holds 4/);
    write(u16([0, 3, 1]));
    expect(refusal(() => rows('binary'))).toMatch(/DATASET_INVALID: .*5 entries of fp.indices/);
    writeRows(path('data'), 3, { 'fp.offsets': i64([0, 3, 2, 5]), 'fp.indices': u16([0, 1, 2, 3, 0]) });
    expect(refusal(() => rows('binary'))).toMatch(/DATASET_INVALID: .*never to fall/);
    writeRows(path('data'), 3, { 'fp.offsets': i64([0, 3]), 'fp.indices': u16([0, 1, 2]) });
    expect(refusal(() => rows('binary'))).toMatch(/DATASET_INVALID: .*shape \(4\) but received \(2\)/);
  });
});

describe('dense and group feeds', () => {
  it('deliver numbers and labels', () => {
    writeRows(path('data'), 2, { profile: u8([0, 51, 102, 255], [2, 2]), label: i32([1, 0]) });
    const scaled = embed(path('data'), [{ kind: 'dense', column: 'profile', inputs: { dense: 'x' }, options: { scale: 1 / 255 } }], (g) => g.input('x', 'f32', ['N', 2]));
    [0, 0.2, 0.4, 1].forEach((value, i) => expect(scaled[i]).toBeCloseTo(value, 6));
    const looked = embed(path('data'), [
      { kind: 'group', column: 'label', inputs: { label: 'label' } },
      { kind: 'dense', column: 'profile', inputs: { dense: 'x' } },
    ], (g) => g.apply('Gather', [g.constant(2, [2, 1]), g.input('label', 'i32', ['N'])]));
    expect(looked).toEqual([2, 2]);
  });

  it('must agree with the shape that the graph declares', () => {
    writeRows(path('data'), 2, { profile: f32([0, 1, 2, 3], [2, 2]) });
    const feeds = [{ kind: 'dense', column: 'profile', inputs: { dense: 'x' } }];
    expect(refusal(() => embed(path('data'), feeds, (g) => g.input('x', 'f32', ['N', 3])))).toMatch(/GRAPH_INVALID: .*\(N, 3\).*\(2, 2\)/);
  });
});

describe('graph feed', () => {
  // Ethanol-like C-C-O, then a lone atom, then a ring of three.
  const write = (begin = [0, 1, 0, 1, 2]): void => writeRows(path('data'), 3, {
    'mol.atomOffsets': i64([0, 3, 4, 7]),
    'mol.bondOffsets': i64([0, 2, 2, 5]),
    'mol.atomFeatures': u8([6, 0, 6, 1, 8, 0, 7, 0, 6, 1, 6, 1, 6, 1], [7, 2]),
    'mol.bondFeatures': u8([1, 1, 2, 2, 2], [5, 1]),
    'mol.begin': u8(begin),
    'mol.end': u8([1, 2, 1, 2, 0]),
  });
  const inputs = { atoms: 'atoms', begin: 'begin', end: 'end', bonds: 'bonds', segment: 'segment', counts: 'counts' };
  const feeds = (options = {}): FeedConfig[] => [{ kind: 'graph', column: 'mol', inputs, options }];
  const declare = (g: GraphBuilder): Record<string, Value> => ({
    atoms: g.input('atoms', 'i32', ['V', 2]),
    begin: g.input('begin', 'i32', ['E']),
    end: g.input('end', 'i32', ['E']),
    bonds: g.input('bonds', 'i32', ['E', 1]),
    segment: g.input('segment', 'i32', ['V']),
    counts: g.input('counts', 'f32', ['N', 1]),
  });

  it('delivers every bond there and back, and the molecule of every atom', () => {
    write();
    // Each atom's degree, summed over the molecule: two for each bond.
    const degrees = embed(path('data'), feeds(), (g) => {
      const { atoms, begin, end, segment, counts } = declare(g);
      const perAtom = g.apply('Reshape', [g.apply('Slice', [g.apply('Gather', [g.constant(1, [256, 1]), atoms!]), ], { starts: [0], ends: [1], axes: [1] })], { shape: [-1, 1] });
      const messages = g.apply('Gather', [perAtom, begin!]);
      return g.apply('SegmentSum', [g.apply('SegmentSum', [messages, end!, perAtom]), segment!, counts!]);
    });
    expect(degrees).toEqual([4, 0, 6]);
    expect(embed(path('data'), feeds(), (g) => declare(g)['counts']!)).toEqual([3, 1, 3]);
  });

  it('refuses bonds to atoms that do not exist', () => {
    write([0, 1, 0, 1, 3]);
    expect(refusal(() => embed(path('data'), feeds(), (g) => declare(g)['counts']!))).toMatch(/DATASET_INVALID: .*row 2/);
  });

  it('masks atoms and drops bonds of training views only', async () => {
    const chain = 20;
    const steps = Array.from({ length: chain - 1 }, (_, i) => i);
    writeRows(path('data'), 2, {
      'mol.atomOffsets': i64([0, chain, 2 * chain]),
      'mol.bondOffsets': i64([0, chain - 1, 2 * (chain - 1)]),
      'mol.atomFeatures': u8(repeated(6, 4 * chain), [2 * chain, 2]),
      'mol.bondFeatures': u8(repeated(1, 2 * (chain - 1)), [2 * (chain - 1), 1]),
      'mol.begin': u8([...steps, ...steps]),
      'mol.end': u8([...steps, ...steps].map((i) => i + 1)),
    });
    const g = new GraphBuilder('views');
    const { atoms, begin, end, counts } = declare(g);
    const ones = g.constant(1, [64, 1]);
    const total = (value: Value): Value => g.apply('ReduceSum', [value], { axes: [], keepdims: 0 });
    const edges = g.named('edges', total(g.apply('Gather', [ones, begin!])));
    const table = g.parameter('table', [7, 1], { kind: 'zeros' }, { trainable: false });
    const known = g.named('known', total(g.apply('Gather', [table, atoms!])));
    const weight = g.parameter('weight', [1], { kind: 'ones' });
    const loss = g.named('loss', total(g.apply('Mul', [g.apply('Add', [counts!, g.apply('Mul', [g.apply('Add', [edges, known]), g.constant(0)])]), weight])));
    void end;
    for (const value of [loss, edges, known]) g.output(value);
    writeSafetensors(path('initial'), { 'param/table': f32([0, 0, 0, 0, 0, 0, 1], [7, 1]), 'param/weight': f32([1]) });
    const measure = async (options: Record<string, unknown>): Promise<Readonly<Record<string, number>>> => {
      const events: TrainEvent[] = [];
      const config: TrainConfig = {
        ...microConfig(path('data')), graph: g.toIr(), metrics: ['edges', 'known'], feeds: feeds(options), symbols: { N: 2 },
        data: { train: [path('data')] }, schedule: { steps: 1 }, initial: path('initial'),
      };
      await train(config, (event) => events.push(event)).done;
      return events.flatMap((event) => (event.event === 'step' ? [event.metrics] : []))[0]!;
    };
    expect(await measure({})).toEqual({ edges: 4 * (chain - 1), known: 4 * chain });
    expect(await measure({ varyValidation: true })).toEqual({ edges: 4 * (chain - 1), known: 4 * chain });
    // A quarter of 19 bonds is 4, of 20 atoms 5; each atom has two features.
    expect(await measure({ dropBonds: 0.25, maskAtoms: 0.25 })).toEqual({ edges: 4 * (chain - 1 - 4), known: 4 * (chain - 5) });
  });
});

describe('drawing feed', () => {
  // Toluene in two layouts, twice; coordinates of a regular hexagon.
  const write = (changes: Record<string, StoredTensor> = {}): void => {
    const ring = Array.from({ length: 6 }, (_, i) => [1.5 * Math.cos((i * Math.PI) / 3), 1.5 * Math.sin((i * Math.PI) / 3)]);
    const molecule = [...ring, [3, 0]];
    const turned = molecule.map(([x, y]) => [-y!, x!]);
    writeRows(path('data'), 2, {
      'd.atomOffsets': i64([0, 7, 14]),
      'd.bondOffsets': i64([0, 7, 14]),
      'd.element': u8(repeated(6, 14)),
      'd.charge': { data: new Int8Array(14), shape: [14] },
      'd.hydrogens': u8([0, 1, 1, 1, 1, 1, 3, 0, 1, 1, 1, 1, 1, 3]),
      'd.isotope': u16(repeated(0, 14)),
      'd.xy': f32([molecule, molecule, turned, turned].flat(2), [2, 14, 2]),
      'd.begin': u8([0, 1, 2, 3, 4, 5, 0, 0, 1, 2, 3, 4, 5, 0]),
      'd.end': u8([1, 2, 3, 4, 5, 0, 6, 1, 2, 3, 4, 5, 0, 6]),
      'd.order': u8([1, 2, 1, 2, 1, 2, 1, 1, 2, 1, 2, 1, 2, 1]),
      'd.aromatic': u8([1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0]),
      'd.stereo': u8(repeated(0, 28), [2, 14]),
      'd.stereoFlip': u8(repeated(0, 28), [2, 14]),
      ...changes,
    });
  };
  const options = { height: 32, width: 48, strength: 1, seed: 3 };

  it('draws rows with ink on paper, alike for the same seed', () => {
    write();
    const drawn = renderDrawings(path('data'), 'd', Int32Array.of(0, 1, 0), options);
    expect(drawn).toHaveLength(3 * 32 * 48);
    expect(Math.max(...drawn)).toBeGreaterThan(0.5);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(renderDrawings(path('data'), 'd', Int32Array.of(0, 1, 0), options)).toEqual(drawn);
    expect(renderDrawings(path('data'), 'd', Int32Array.of(0, 1, 0), { ...options, seed: 4 })).not.toEqual(drawn);
    expect(renderDrawings(path('data'), 'd', new Int32Array(), options)).toHaveLength(0);
  });

  it('gives a graph its pixels', () => {
    write();
    const feeds = [{ kind: 'drawing', column: 'd', inputs: { pixels: 'pixels' }, options: { height: 32, width: 48, strength: 1, evalStrength: 0 } }];
    const pixels = embed(path('data'), feeds, (g) => g.apply('Reshape', [g.input('pixels', 'f32', ['N', 1, 32, 48])], { shape: [0, -1] }));
    expect(pixels).toHaveLength(2 * 32 * 48);
    expect(Math.max(...pixels)).toBeGreaterThan(0.5);
  });

  /** A bar of ink, 40 x 4 pixels, as the picture of row 1 alone. */
  const bar = (changes: Record<string, StoredTensor> = {}): Record<string, StoredTensor> => ({
    'p.offsets': i64([0, 0, 160]), 'p.heights': u16([0, 4]), 'p.widths': u16([0, 40]), 'p.pixels': u8(repeated(20, 160)), ...changes,
  });

  it('shows the picture of a row that has one, as often as it is told', () => {
    write(bar());
    const both = (rows: number[], extra: Partial<RenderOptions>): Float32Array => renderDrawings(path('data'), 'd', Int32Array.from(rows), { ...options, strength: 0, ...extra });
    const shown = both([1], { pictures: 'p' });
    const wide = Array.from({ length: 32 }, (_, y) => shown.subarray(y * 48, (y + 1) * 48).filter((value) => value > 0.5).length);
    expect(wide.filter((count) => count > 40).length).toBeGreaterThan(2);
    expect(wide.filter((count) => count > 0).length).toBeLessThan(8);
    expect(both([1], { pictures: 'p' })).toEqual(shown);
    const drawn = both([1], {});
    expect(both([1], { pictures: 'p', pictureShare: 0 })).not.toEqual(shown);
    expect(both([0], { pictures: 'p' })).toEqual(both([0], {}));
    expect(drawn).not.toEqual(shown);
    const many = both(repeated(1, 200), { pictures: 'p', pictureShare: 0.5, strength: 1 });
    expect(many).toEqual(both(repeated(1, 200), { pictures: 'p', pictureShare: 0.5, strength: 1 }));
    // Toluene fills the height of its canvas, a bar does not.
    const tall = Array.from({ length: 200 }, (_, i) => many.subarray(i * 32 * 48, (i + 1) * 32 * 48)).filter((one) => one.subarray(48, 6 * 48).some((value) => value > 0.5)).length;
    expect(tall).toBeGreaterThan(60);
    expect(tall).toBeLessThan(140);
  });

  it('varies and scans pictures within 0 and 1', () => {
    write(bar());
    const all = renderDrawings(path('data'), 'd', Int32Array.from(repeated(1, 300)), { ...options, pictures: 'p' });
    expect(all.every((value) => value >= 0 && value <= 1)).toBe(true);
    const looks = new Set(Array.from({ length: 300 }, (_, i) => all.subarray(i * 32 * 48, (i + 1) * 32 * 48).join()));
    // A plain bar comes out alike in many sizes and on clean paper.
    expect(looks.size).toBeGreaterThan(60);
  });

  it.each([
    ['a height that its pixels do not fill', { 'p.heights': u16([0, 5]) }],
    ['a side beyond all measure', { 'p.heights': u16([0, 65535]), 'p.widths': u16([0, 65535]) }],
    ['a side of more than 4,096 pixels', { 'p.heights': u16([0, 1]), 'p.widths': u16([0, 5000]), 'p.offsets': i64([0, 0, 5000]), 'p.pixels': u8(repeated(0, 5000)) }],
    ['pixels without a size', { 'p.heights': u16([0, 0]), 'p.widths': u16([0, 0]) }],
    ['half a size', { 'p.widths': u16([7, 40]) }],
    ['too few pixels', { 'p.pixels': u8(repeated(0, 159)) }],
    ['offsets that fall', { 'p.offsets': i64([0, 170, 160]) }],
    ['sizes of one row only', { 'p.widths': u16([40]) }],
  ])('refuses pictures with %s', (_what, changes) => {
    write(bar(changes));
    expect(() => renderDrawings(path('data'), 'd', Int32Array.of(0), { ...options, pictures: 'p' })).toThrow(expect.objectContaining({ code: 'DATASET_INVALID' }));
  });

  it('refuses bonds to atoms that do not exist, missing columns and rows', () => {
    write({ 'd.end': u8([1, 2, 3, 4, 5, 0, 7, 1, 2, 3, 4, 5, 0, 6]) });
    expect(() => renderDrawings(path('data'), 'd', Int32Array.of(0), options)).toThrow(expect.objectContaining({ code: 'DATASET_INVALID' }));
    write();
    expect(() => renderDrawings(path('data'), 'other', Int32Array.of(0), options)).toThrow(/expected a column other.atomOffsets/);
    expect(() => renderDrawings(path('data'), 'd', Int32Array.of(2), options)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  });
});

describe('data files', () => {
  const start = (): Promise<unknown> => train(microConfig(path('data'))).done;

  it('are refused when truncated at any byte of the header or the data', async () => {
    writeMicroData(path('data'), 32);
    const bytes = readFileSync(path('data'));
    for (const length of [0, 4, 8, 60, 200, bytes.length - 1]) {
      writeFileSync(path('data'), bytes.subarray(0, length));
      await expect(start(), `${length} bytes`).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    }
    truncateSync(path('data'), 0);
    await expect(start()).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });

  it('are refused when their header lies', async () => {
    const lie = async (header: unknown, body = 64): Promise<void> => {
      const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(json.length));
      writeFileSync(path('data'), Buffer.concat([length, json, Buffer.alloc(body)]));
      await expect(start(), String(header)).rejects.toMatchObject({ code: 'DATASET_INVALID' });
    };
    const rows = { __metadata__: { rows: '2' } };
    await lie('{');
    await lie('[]');
    await lie('['.repeat(100_000));
    await lie({ ...rows, a: { dtype: 'F32', shape: [1e9, 1e9], data_offsets: [0, 64] } });
    await lie({ ...rows, a: { dtype: 'F32', shape: [2, 12], data_offsets: [0, 96] } });
    await lie({ ...rows, a: { dtype: 'F32', shape: [2, -12], data_offsets: [0, 64] } });
    await lie({ ...rows, a: { dtype: 'F32', shape: [2, 8], data_offsets: [64, 0] } });
    await lie({ ...rows, a: { dtype: 'X9', shape: [2, 8], data_offsets: [0, 64] } });
    await lie({ __metadata__: { rows: '-2' } });
    await lie({ __metadata__: { rows: '99999999999999999999' } });
    await lie({});
  });

  it('must hold a whole batch', async () => {
    writeMicroData(path('data'), 15);
    await expect(start()).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('16 rows') as unknown });
    await expect(train(microConfig(path('none'))).done).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });
});
