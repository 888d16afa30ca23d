/** Two runs of one recipe side by side: what an ensemble is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Model } from '../../src/bundle/index.ts';
import { readModel } from '../../src/bundle/index.ts';
import { createRng } from '../../src/core/index.ts';
import { InferencePool } from '../../src/inference/index.ts';
import { joinModels } from '../../src/train/index.ts';
import { makeModel } from '../ingest/model.ts';

const folder = mkdtempSync(join(tmpdir(), 'isolens-join-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = 3;
const dense = Float32Array.from({ length: ROWS * 512 }, (() => { const rng = createRng(4); return () => rng.next(); })());

async function cosines(model: Model): Promise<number[]> {
  const pool = await InferencePool.open(model.towers.map(({ name, file }) => ({ name, path: join(model.directory, file) })), { workers: 1 });
  try {
    const { data, shape } = (await pool.run('structure', { dense: { dtype: 'f32', data: dense, shape: [ROWS, 512] } }))['embedding']!;
    const row = (i: number): number[] => Array.from(data.slice(i * shape[1]!, (i + 1) * shape[1]!), Number);
    return [[0, 1], [0, 2], [1, 2]].map(([a, b]) => row(a!).reduce((sum, value, k) => sum + value * row(b!)[k]!, 0));
  } finally {
    await pool.close();
  }
}

it('joins models whose towers have the same names, each with its own weights', async () => {
  const parts = [await makeModel(join(folder, 'one'), 1), await makeModel(join(folder, 'two'), 2)];
  const joined = join(folder, 'joined');
  await joinModels({
    models: parts.map(({ directory }) => directory), shares: [0.25, 0.75], folder: joined, halfWeights: false,
    version: '0', command: 'join', date: '2026-01-01',
  });
  const model = await readModel(joined);
  expect(model.towers.map(({ name }) => name)).toEqual(['drawing', 'structure']);
  const [one, two, both] = [await cosines(parts[0]!), await cosines(parts[1]!), await cosines(model)];
  expect(one[0]).not.toBeCloseTo(two[0]!, 3);
  both.forEach((cosine, i) => expect(cosine).toBeCloseTo(0.25 * one[i]! + 0.75 * two[i]!, 5));
});
