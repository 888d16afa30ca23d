import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { writeOnnx } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { InferencePool } from '../../src/inference/index.ts';
import type { NamedTensors } from '../../src/inference/index.ts';

/** y = x W, then unit length. */
function linear(width: number, outputs: number): GraphIr {
  return {
    name: 'linear', symbols: ['N'],
    inputs: [{ name: 'x', dtype: 'f32', shape: ['N', width] }],
    parameters: [{ name: 'w', shape: [width, outputs], init: { kind: 'zeros' }, decay: true, trainable: true }],
    nodes: [
      { op: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['p'], attributes: {} },
      { op: 'L2Normalise', name: 'unit', inputs: ['p'], outputs: ['embedding'], attributes: {} },
    ],
    outputs: ['embedding'],
  };
}

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'inference-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

async function model(name: string, width: number, outputs: number): Promise<{ name: string; path: string }> {
  const rng = createRng(1);
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, writeOnnx(linear(width, outputs), new Map([['w', Float32Array.from({ length: width * outputs }, () => rng.normal())]])));
  return { name, path };
}

const batch = (rows: number, width: number): NamedTensors => ({ x: { dtype: 'f32', data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i + 1)), shape: [rows, width] } });

describe('inference pool', () => {
  it('runs models in threads, a batch as its rows', async () => {
    const pool = await InferencePool.open([await model('a', 8, 4), await model('b', 5, 3)], { workers: 2 });
    const { embedding } = await pool.run('a', batch(3, 8));
    expect(embedding).toMatchObject({ dtype: 'f32', shape: [3, 4] });
    const row = embedding!.data.subarray(4, 8);
    expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    const single = await pool.run('a', { x: { dtype: 'f32', data: (batch(3, 8)['x']!.data as Float32Array).slice(8, 16), shape: [1, 8] } });
    row.forEach((value, i) => expect(single['embedding']!.data[i]).toBeCloseTo(value, 6));
    const many = await Promise.all(Array.from({ length: 40 }, (_, i) => pool.run(i % 2 === 0 ? 'a' : 'b', batch(2, i % 2 === 0 ? 8 : 5))));
    many.forEach((outputs, i) => expect(outputs['embedding']!.shape).toEqual([2, i % 2 === 0 ? 4 : 3]));
    expect(Object.keys(await pool.run('a', batch(1, 8), { outputs: ['embedding'] }))).toEqual(['embedding']);
    await expect(pool.run('a', batch(1, 8), { outputs: ['other'] })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await pool.close();
  });

  it('copies inputs, or takes them with `move`', async () => {
    const pool = await InferencePool.open([await model('a', 8, 4)]);
    const copied = batch(2, 8);
    await pool.run('a', copied);
    expect(copied['x']!.data.length).toBe(16);
    const moved = batch(2, 8);
    await pool.run('a', moved, { move: true });
    expect(moved['x']!.data.length).toBe(0);
    await pool.close();
  });

  it('names what is wrong with a model or its inputs, and goes on', async () => {
    const pool = await InferencePool.open([await model('a', 8, 4)]);
    await expect(pool.run('none', batch(1, 8))).rejects.toMatchObject({ code: 'MODEL_INVALID', message: expect.stringContaining('"none"') });
    await expect(pool.run('a', {})).rejects.toMatchObject({ code: 'MODEL_INVALID', message: expect.stringContaining('x is missing') });
    await expect(pool.run('a', batch(1, 7))).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    expect((await pool.run('a', batch(1, 8)))['embedding']!.shape).toEqual([1, 4]);
    await pool.close();
  });

  it('refuses a file that is no model, and a worker that cannot start', async () => {
    const path = join(folder, 'text.onnx');
    await writeFile(path, 'not a model');
    await expect(InferencePool.open([{ name: 'text', path }])).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(InferencePool.open([{ name: 'gone', path: join(folder, 'gone.onnx') }])).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  it('replaces a worker that takes too long, and answers what comes after', async () => {
    const pool = await InferencePool.open([await model('wide', 4096, 1024)], { timeoutMs: 20 });
    await expect(pool.run('wide', batch(1000, 4096), { move: true })).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    const outputs = await pool.run('wide', batch(1, 4096)).catch(() => pool.run('wide', batch(1, 4096)));
    expect(outputs['embedding']!.shape).toEqual([1, 1024]);
    await pool.close();
  });

  it('rejects what is open when it is closed', async () => {
    const pool = await InferencePool.open([await model('a', 8, 4)]);
    const open = pool.run('a', batch(1, 8));
    const refused = expect(open).rejects.toMatchObject({ code: 'CANCELLED' });
    await pool.close();
    await refused;
    await expect(pool.run('a', batch(1, 8))).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
