/** The feed of sites: validation sees what serving sees, training sees crops, and of patches it shows as many as it should. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder } from '../../src/graph/index.ts';
import { siteTensor } from '../../src/image/index.ts';
import { writeSafetensors } from '../../src/train/safetensors.ts';
import { temporaryFolder, writeRows } from './support.ts';

const path = temporaryFolder();
const program = new URL('../../build/isolens-train', import.meta.url).pathname;
const [CHANNELS, SIDE] = [2, 48];
const rng = createRng(3);
const sites = Array.from({ length: 5 }, () => Uint8Array.from({ length: CHANNELS * SIDE * SIDE }, (_, i) => 128 + 90 * Math.sin(i / 7) * Math.cos(i / 300) + 30 * rng.next()));

function write(): void {
  const data = new Uint8Array(sites.length * sites[0]!.length);
  sites.forEach((site, i) => data.set(site, i * site.length));
  writeRows(path('data'), sites.length, { cells: { data, shape: [sites.length, CHANNELS, SIDE, SIDE] } });
}

interface Role {
  readonly name: 'pixels' | 'visible';
  readonly shape: readonly number[];
}

/** What a role holds for every row, as validation sees it. */
function rowsOf(options: Record<string, unknown>, { name, shape }: Role, others: readonly Role[] = [], seed = 1): Float32Array[] {
  const g = new GraphBuilder('probe');
  const all = [{ name, shape }, ...others].map((role) => [role.name, g.input(role.name, 'f32', ['N', ...role.shape])] as const);
  const unit = g.parameter('unit', [], { kind: 'ones' });
  g.output(g.named('probe', g.apply('Mul', [g.apply('Reshape', [all[0]![1]], { shape: [0, shape.reduce((a, b) => a * b, 1)] }), unit])));
  writeSafetensors(path('weights'), { 'param/unit': { data: Float32Array.of(1), shape: [] } });
  const feeds = [{ kind: 'cells', column: 'cells', inputs: Object.fromEntries(all.map(([role]) => [role, role])), options: { channels: CHANNELS, ...options } }];
  writeFileSync(path('embed.json'), JSON.stringify({ graph: g.toIr(), feeds, data: [path('data')], output: 'probe', path: path('out.f32'), batch: 4, threads: 2, seed, weights: path('weights') }));
  execFileSync(program, ['embed', path('embed.json')], { stdio: 'pipe' });
  const bytes = readFileSync(path('out.f32'));
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const width = values.length / sites.length;
  return sites.map((_, row) => values.slice(row * width, (row + 1) * width));
}

const pixels = (size: number): Role => ({ name: 'pixels', shape: [CHANNELS, size, size] });
const VARIED = { varyValidation: true, crop: { minimum: 0.3, maximum: 0.6 }, strength: 1 };

describe('cells feed', () => {
  it.each([48, 32, 24, 20])('shows the whole site at %d pixels, as serving does', (size) => {
    write();
    rowsOf({ size }, pixels(size)).forEach((row, i) => {
      const served = siteTensor({ data: sites[i]!, channels: CHANNELS, side: SIDE }, size);
      row.forEach((value, at) => expect(Math.abs(value - served[at]!)).toBeLessThan(2e-4));
    });
  });

  it('varies with the seed, and stays near the whole site in what it shows', () => {
    write();
    const [first, again, other] = [1, 1, 2].map((seed) => rowsOf({ size: 24, ...VARIED }, pixels(24), [], seed));
    expect(first).toEqual(again);
    expect(first![0]).not.toEqual(other![0]);
    for (const row of first!) {
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      expect(Math.abs(mean)).toBeLessThan(0.5);
      expect(variance).toBeGreaterThan(0.3);
      expect(variance).toBeLessThan(2.2);
    }
  });

  it('mirrors and turns without changing a value', () => {
    write();
    const whole = rowsOf({ size: 48 }, pixels(48));
    const seen = new Set<string>();
    for (const seed of [1, 2, 3, 4]) {
      rowsOf({ size: 48, varyValidation: true }, pixels(48), [], seed).forEach((row, i) => {
        for (const channel of [0, 1]) {
          const sorted = (values: Float32Array): Float32Array => values.slice(channel * 2304, (channel + 1) * 2304).sort();
          sorted(row).forEach((value, at) => expect(Math.abs(value - sorted(whole[i]!)[at]!)).toBeLessThan(1e-3));
        }
        seen.add(`${i}:${row.slice(0, 4).join(' ')}`);
      });
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  it('shows as many patches as are not hidden, each once', () => {
    write();
    const rows = rowsOf({ size: 32, patch: 8, hide: 0.75 }, { name: 'visible', shape: [4, 16] }, [pixels(32)]);
    for (const row of rows) {
      const places = [0, 1, 2, 3].map((k) => row.slice(16 * k, 16 * (k + 1)).indexOf(1));
      expect(row.reduce((sum, value) => sum + value, 0)).toBe(4);
      expect(new Set(places).size).toBe(4);
      expect([...places].sort((a, b) => a - b)).toEqual(places);
    }
    expect(new Set(rows.map((row) => row.join())).size).toBeGreaterThan(1);
  });

  it.each([
    ['a size above what is stored', { size: 64 }, /at least 64 pixels a side.*48 x 48/],
    ['a crop that grows', { size: 24, crop: { minimum: 0.6, maximum: 0.3 } }, /crop of the cells feed/],
    ['too much strength', { size: 24, strength: 2 }, /strength/],
    ['an option of another feed', { size: 24, span: 1 }, /options size, channels/],
  ])('refuses %s', (_, options, message) => {
    write();
    expect(() => rowsOf(options, pixels(options.size))).toThrow(message);
  });

  it('refuses patches that do not fit', () => {
    write();
    expect(() => rowsOf({ size: 30, patch: 8, hide: 0.5 }, { name: 'visible', shape: [4, 9] }, [pixels(30)])).toThrow(/patch that divides its size/);
  });
});
