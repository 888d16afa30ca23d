import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IndexBuilder, buildIndex, indexBackend } from '../../src/ann/index.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'ann-builder-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const rng = createRng(3);
const vectors = l2Normalise(matrixOf(Float32Array.from({ length: 300 * 16 }, () => rng.normal()), 16));

describe('index builder', () => {
  it('builds in a thread what is built in place', async () => {
    const builder = new IndexBuilder('hnsw', 16, { m: 8 });
    const chunks = [0, 100, 200].map((from) => builder.add({ data: vectors.data.subarray(from * 16, (from + 100) * 16), rows: 100, cols: 16 }));
    await Promise.all(chunks);
    expect(builder.count).toBe(300);
    const files = await builder.save(join(folder, 'ann'));
    await builder.close();
    expect(files).toHaveLength(2);
    const backend = indexBackend('hnsw');
    const loaded = await backend.load(join(folder, 'ann'), vectors);
    const direct = buildIndex(backend, vectors, { m: 8 }, SILENT_PROGRESS);
    expect(loaded.stats()).toEqual(direct.stats());
    for (let label = 0; label < 300; label += 50) expect(loaded.search(rowOf(vectors, label), 10)).toEqual(direct.search(rowOf(vectors, label), 10));
  });

  it('reports a bad vector with its code, and refuses to go on', async () => {
    const builder = new IndexBuilder('hnsw', 16, {});
    await expect(builder.add(matrixOf(new Float32Array(16), 16))).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    await expect(builder.add(vectors)).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    await builder.close();
  });

  it('ends within a moment when it is closed, however much is left to insert', async () => {
    const many = l2Normalise(matrixOf(Float32Array.from({ length: 20_000 * 16 }, () => rng.normal()), 16));
    const builder = new IndexBuilder('hnsw', 16, { m: 64, efConstruction: 2000 });
    const cut = builder.add(many);
    cut.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    const start = performance.now();
    await builder.close();
    expect(performance.now() - start).toBeLessThan(1000);
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('names an unknown backend or parameter', async () => {
    const unknown = new IndexBuilder('nothing', 16, {});
    await expect(unknown.add(vectors)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await unknown.close();
  });
});
