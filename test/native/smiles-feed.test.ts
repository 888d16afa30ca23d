/** The feed of SMILES: whole rows, masked tokens, and spans that two views of one row agree on. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/graph/index.ts';
import { train } from '../../src/native/index.ts';
import type { FeedConfig, TrainEvent } from '../../src/native/index.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import { microConfig, temporaryFolder, writeRows } from './support.ts';

const path = temporaryFolder();
const program = new URL('../../build/isolens-train', import.meta.url).pathname;
const SPECIAL = { pad: 0, begin: 1, unknown: 2, mask: 3 };
const FIRST = 10;

/** Rows of the tokens FIRST, FIRST + 1, ...: a token tells its place. */
function write(lengths: readonly number[]): void {
  const offsets = [0];
  for (const length of lengths) offsets.push(offsets.at(-1)! + length);
  const tokens = Uint8Array.from(lengths.flatMap((length) => Array.from({ length }, (_, i) => FIRST + i)));
  writeRows(path('data'), lengths.length, {
    'smiles.offsets': { data: BigInt64Array.from(offsets.map(BigInt)), shape: [offsets.length] },
    'smiles.tokens': { data: tokens, shape: [tokens.length] },
  });
}

const feedOf = (length: number, options: Record<string, unknown>, prefix = ''): FeedConfig => ({
  kind: 'smiles', column: 'smiles', inputs: { tokens: `${prefix}tokens`, mask: `${prefix}mask` }, options: { length, vocabulary: 256, special: SPECIAL, ...options },
});

/** Rows of one of the views as validation sees it, as the program without Node.js writes them: token ids, -1 where the mask is 0. */
function rowsOf(length: number, views: readonly Record<string, unknown>[], view = 0, seed = 1): number[][] {
  const g = new GraphBuilder('probe');
  const seen = views.map((_, i) => ({ tokens: g.input(`${i}tokens`, 'i32', ['N', length]), mask: g.input(`${i}mask`, 'f32', ['N', length]) }));
  const table = g.parameter('table', [256, 1], { kind: 'zeros' }, { trainable: false });
  const ids = g.apply('Reshape', [g.apply('Gather', [table, seen[view]!.tokens])], { shape: [-1, length] });
  const shown = g.apply('Sub', [g.apply('Mul', [g.apply('Add', [ids, g.constant(1)]), seen[view]!.mask]), g.constant(1)]);
  g.output(g.named('probe', shown));
  writeSafetensors(path('weights'), { 'param/table': { data: Float32Array.from({ length: 256 }, (_, id) => id), shape: [256, 1] } });
  const config = {
    graph: g.toIr(), feeds: views.map((options, i) => feedOf(length, options, String(i))), weights: path('weights'), data: [path('data')],
    output: 'probe', path: path('out.f32'), batch: 16, threads: 1, seed,
  };
  writeFileSync(path('embed.json'), JSON.stringify(config));
  execFileSync(program, ['embed', path('embed.json')], { stdio: 'pipe' });
  const bytes = readFileSync(path('out.f32'));
  const all = Array.from(new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4));
  return Array.from({ length: all.length / length }, (_, row) => all.slice(row * length, (row + 1) * length));
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return String((thrown as { stderr?: Buffer }).stderr ?? thrown);
  }
  return 'nothing was refused';
}

interface Span {
  readonly first: number;
  readonly count: number;
}

/** The span of a row, after checking that it is one. */
function spanOf(row: readonly number[]): Span {
  expect(row[0]).toBe(SPECIAL.begin);
  const shown = row.slice(1).filter((id) => id >= 0);
  expect(shown).toEqual(shown.map((_, i) => shown[0]! + i));
  return { first: shown[0]! - FIRST, count: shown.length };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

describe('smiles feed', () => {
  it('gives begin, as many tokens as there is room for, and padding', () => {
    write([3, 1, 9]);
    expect(rowsOf(6, [{}])).toEqual([[1, 10, 11, 12, -1, -1], [1, 10, -1, -1, -1, -1], [1, 10, 11, 12, 13, 14]]);
  });

  it('masks different tokens of a share, at least one, never begin', () => {
    write([20, 3]);
    const masked = rowsOf(24, [{ maskTokens: 0.25, varyValidation: true }]);
    expect(masked.map((row) => row.filter((id) => id === SPECIAL.mask).length)).toEqual([5, 1]);
    expect(masked.map((row) => row[0])).toEqual([1, 1]);
    masked[0]!.slice(1, 21).forEach((id, i) => expect([SPECIAL.mask, FIRST + i]).toContain(id));
    expect(rowsOf(24, [{ maskTokens: 0.25, varyValidation: true }])).toEqual(masked);
    expect(rowsOf(24, [{ maskTokens: 0.25, varyValidation: true }], 0, 2)).not.toEqual(masked);
    expect(rowsOf(24, [{ maskTokens: 0.25 }])).toEqual(rowsOf(24, [{}]));
  });

  it('draws spans evenly between the bounds, wherever they fit', () => {
    write(Array.from({ length: 400 }, () => 100));
    const spans = rowsOf(101, [{ span: { minimum: 0.2, maximum: 0.6 }, varyValidation: true }]).map(spanOf);
    const counts = spans.map(({ count }) => count);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...counts)).toBeLessThanOrEqual(60);
    expect(mean(counts)).toBeGreaterThan(37);
    expect(mean(counts)).toBeLessThan(43);
    expect(Math.min(...spans.map(({ first }) => first))).toBeLessThan(3);
    expect(Math.max(...spans.map(({ first, count }) => first + count))).toBeGreaterThan(97);
  });

  it('draws anchors and what touches them: lengths by Beta(4, 2) and Beta(2, 4), each pair overlapping or adjacent', () => {
    write(Array.from({ length: 1000 }, () => 100));
    const span = { minimum: 0.1, maximum: 0.4 };
    const views = [{ span: { ...span, of: 'anchor' }, varyValidation: true }, { span: { ...span, of: 'beside' }, varyValidation: true }];
    const anchors = rowsOf(101, views, 0).map(spanOf);
    const positives = rowsOf(101, views, 1).map(spanOf);
    const kinds = { overlapping: 0, within: 0, adjacent: 0 };
    anchors.forEach((anchor, i) => {
      const positive = positives[i]!;
      const overlap = Math.min(anchor.first + anchor.count, positive.first + positive.count) - Math.max(anchor.first, positive.first);
      expect(overlap).toBeGreaterThanOrEqual(0);
      kinds[overlap === 0 ? 'adjacent' : overlap === positive.count ? 'within' : 'overlapping']++;
    });
    for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(0);
    const parts = (spans: readonly Span[]): number[] => spans.map(({ count }) => (count / 100 - 0.1) / 0.3);
    expect(mean(parts(anchors))).toBeCloseTo(2 / 3, 1);
    expect(mean(parts(positives))).toBeCloseTo(1 / 3, 1);
    // Of both distributions: 8 / (36 * 7).
    for (const spans of [anchors, positives]) expect(variance(parts(spans))).toBeCloseTo(8 / 252, 2);
  });

  it('keeps short rows whole enough: one token is a span, none is none', () => {
    write([1, 2, 0]);
    const views = [{ span: { minimum: 0.1, maximum: 0.4, of: 'anchor' }, varyValidation: true }, { span: { minimum: 0.1, maximum: 0.4, of: 'beside' }, maskTokens: 0.1, varyValidation: true }];
    for (const view of [0, 1]) expect(rowsOf(8, views, view).map((row) => row.filter((id) => id >= 0).length)).toEqual([2, 2, 1]);
  });

  it('shows training other views in every epoch, the same for one seed', async () => {
    write([60, 60]);
    const g = new GraphBuilder('views');
    const tokens = g.input('tokens', 'i32', ['N', 64]);
    const mask = g.input('mask', 'f32', ['N', 64]);
    const table = g.parameter('table', [256, 1], { kind: 'zeros' }, { trainable: false });
    const ids = g.apply('Reshape', [g.apply('Gather', [table, tokens])], { shape: [-1, 64] });
    const weight = g.parameter('weight', [], { kind: 'constant', value: 1 });
    g.output(g.named('loss', g.apply('Mul', [weight, g.apply('ReduceMean', [g.apply('Mul', [ids, mask])], { axes: [], keepdims: 0 })])));
    writeSafetensors(path('initial'), { 'param/table': { data: Float32Array.from({ length: 256 }, (_, id) => id), shape: [256, 1] }, 'param/weight': { data: Float32Array.of(1), shape: [] } });
    const losses = async (options: Record<string, unknown>): Promise<number[]> => {
      const found: number[] = [];
      const on = (event: TrainEvent): void => void (event.event === 'step' && found.push(event.loss));
      await train({
        ...microConfig(path('data')), graph: g.toIr(), metrics: [], feeds: [feedOf(64, options)], symbols: { N: 2 }, data: { train: [path('data')] },
        schedule: { steps: 3 }, optimizer: { learningRate: 0 }, initial: path('initial'), logEvery: 1,
      }, on).done;
      return found;
    };
    const spans = await losses({ span: { minimum: 0.2, maximum: 0.8, of: 'anchor' } });
    expect(new Set(spans).size).toBe(3);
    expect(await losses({ span: { minimum: 0.2, maximum: 0.8, of: 'anchor' } })).toEqual(spans);
    expect(new Set(await losses({})).size).toBe(1);
  });

  it('refuses options and columns that cannot be', () => {
    write([3, 4]);
    for (const [options, expected] of [
      [{ length: 1 }, /ARGUMENT_INVALID: .*length/],
      [{ vocabulary: 257 }, /ARGUMENT_INVALID: .*vocabulary/],
      [{ special: { pad: 0, begin: 1 } }, /ARGUMENT_INVALID: .*special tokens/],
      [{ maskTokens: 1 }, /ARGUMENT_INVALID: .*maskTokens/],
      [{ span: { minimum: 0.5, maximum: 0.2 } }, /ARGUMENT_INVALID: .*span/],
      [{ span: { minimum: 0.1, maximum: 0.2, of: 'negative' } }, /ARGUMENT_INVALID: .*negative/],
      [{ vocabulary: 12 }, /DATASET_INVALID: .*row 0 holds 12/],
    ] as const) expect(refusal(() => rowsOf(8, [options]))).toMatch(expected);
    writeRows(path('data'), 2, { 'smiles.offsets': { data: BigInt64Array.of(0n, 2n, 5n), shape: [3] }, 'smiles.tokens': { data: new Uint8Array(4), shape: [4] } });
    expect(refusal(() => rowsOf(8, [{}]))).toMatch(/DATASET_INVALID: .*smiles.tokens/);
  });
});
