import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bitset, INDEX_BACKENDS, buildIndex, indexBackend } from '../../src/ann/index.ts';
import { hnswlibEngine } from '../../src/ann/graphs.ts';
import { hnswBackend } from '../../src/ann/hnsw.ts';
import type { IndexBackend, VectorIndex } from '../../src/ann/index.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';

const DIMENSION = 24;

/** Unit vectors around a few hundred centres: embeddings are clustered, unlike uniform noise. */
function clustered(rows: number, cols: number, seed: number): Matrix {
  const rng = createRng(seed);
  const centres = Array.from({ length: Math.max(4, rows / 20) }, () => Float32Array.from({ length: cols }, () => rng.normal()));
  const data = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const centre = centres[rng.int(centres.length)]!;
    for (let c = 0; c < cols; c++) data[r * cols + c] = centre[c]! + 0.5 * rng.normal();
  }
  return l2Normalise(matrixOf(data, cols));
}

function build(backend: IndexBackend, vectors: Matrix): VectorIndex {
  return buildIndex(backend, vectors, {}, SILENT_PROGRESS);
}

function errorCode(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  return 'none';
}

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'ann-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All that are registered, and the graph as it is where the native engine is not built. */
const BACKENDS: readonly (readonly [id: string, backend: IndexBackend])[] = [
  ...INDEX_BACKENDS.map(({ id }) => [id, indexBackend(id)] as const),
  ['hnsw without the native engine', hnswBackend(() => hnswlibEngine)],
];

describe.each(BACKENDS)('index backend %s', (id, backend) => {
  const vectors = clustered(600, DIMENSION, 1);
  const oracle = build(indexBackend('exact'), vectors);

  it('declares itself', () => {
    expect(backend.summary.length).toBeGreaterThan(10);
    expect(backend.parameters.parse({})).toBeTypeOf('object');
  });

  it('finds a stored vector first, with cosine 1, best first', () => {
    const index = build(backend, vectors);
    for (const label of [0, 17, 599]) {
      const { labels, scores } = index.search(rowOf(vectors, label), 10);
      expect(labels[0]).toBe(label);
      expect(scores[0]).toBeCloseTo(1, 5);
      expect([...scores]).toEqual([...scores].sort((a, b) => b - a));
    }
  });

  it('agrees with exact search on nearly every neighbour, and on every score', () => {
    const index = build(backend, vectors);
    let common = 0;
    for (let q = 0; q < 100; q++) {
      const query = rowOf(clustered(1, DIMENSION, 100 + q), 0);
      const expected = new Set(oracle.search(query, 10).labels);
      const found = index.search(query, 10);
      common += [...found.labels].filter((label) => expected.has(label)).length;
      found.labels.forEach((label, i) => expect(found.scores[i]).toBeCloseTo(rowOf(vectors, label).reduce((sum, v, c) => sum + v * query[c]!, 0), 5));
    }
    expect(common / 1000).toBeGreaterThanOrEqual(0.999);
  });

  it('does not care how long a query is, only where it points', () => {
    const index = build(backend, vectors);
    const query = rowOf(vectors, 5);
    const scaled = query.map((v) => v * 123);
    expect([...index.search(scaled, 5).labels]).toEqual([...index.search(query, 5).labels]);
  });

  it('returns all there is when k is larger, and nothing from an empty index', () => {
    const few = build(backend, clustered(7, DIMENSION, 3));
    expect(few.search(rowOf(vectors, 0), 50).labels).toHaveLength(7);
    const empty = backend.create(DIMENSION, backend.parameters.parse({}));
    expect(empty.search(rowOf(vectors, 0), 5).labels).toHaveLength(0);
    expect(empty.stats()).toMatchObject({ count: 0, dimension: DIMENSION });
  });

  it('keeps every one of many equal vectors reachable', () => {
    const index = build(backend, vectors);
    const twin = rowOf(vectors, 40);
    const copies = new Float32Array(200 * DIMENSION);
    for (let r = 0; r < 200; r++) copies.set(twin, r * DIMENSION);
    expect(index.add(matrixOf(copies, DIMENSION))).toBe(600);
    const found = index.search(twin, 201);
    expect(new Set(found.labels).size).toBe(201);
    expect(found.scores[200]).toBeCloseTo(1, 5);
    expect([...found.labels]).toContain(40);
    expect(index.search(rowOf(vectors, 41), 3).labels[0]).toBe(41);
  });

  it.each([1, 5, 300, 599])('returns only what a filter of %i labels lets through, and all of it', (allowed) => {
    const index = build(backend, vectors);
    const filter = Bitset.of(600, createRng(7).shuffle(Array.from({ length: 600 }, (_, i) => i)).slice(0, allowed));
    const query = rowOf(vectors, 11);
    const found = index.search(query, 20, { filter });
    expect([...found.labels]).toEqual([...oracle.search(query, 20, { filter }).labels]);
    expect(found.labels).toHaveLength(Math.min(20, allowed));
  });

  it('answers a filter that lets nothing through, or knows fewer labels', () => {
    const index = build(backend, vectors);
    expect(index.search(rowOf(vectors, 0), 5, { filter: new Bitset(600) }).labels).toHaveLength(0);
    expect([...index.search(rowOf(vectors, 0), 5, { filter: Bitset.of(3, [2]) }).labels]).toEqual([2]);
  });

  it('forgets deleted labels, also when deleted twice', () => {
    const index = build(backend, vectors);
    index.delete(9);
    index.delete(9);
    expect(index.stats()).toMatchObject({ count: 600, deleted: 1 });
    expect([...index.search(rowOf(vectors, 9), 20).labels]).not.toContain(9);
    expect(errorCode(() => index.delete(600))).toBe('NOT_FOUND');
    for (let label = 0; label < 600; label++) index.delete(label);
    expect(index.search(rowOf(vectors, 9), 20).labels).toHaveLength(0);
    index.add({ data: rowOf(vectors, 3), rows: 1, cols: DIMENSION });
    expect([...index.search(rowOf(vectors, 3), 20).labels]).toEqual([600]);
  });

  it('refuses what has no cosine, and leaves the index as it was', () => {
    const index = build(backend, vectors);
    const bad = (value: number): Matrix => {
      const data = new Float32Array(2 * DIMENSION).fill(1);
      data.fill(value, DIMENSION);
      return matrixOf(data, DIMENSION);
    };
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(errorCode(() => index.add(bad(value)))).toBe('VECTOR_INVALID');
      expect(errorCode(() => index.search(bad(value).data.subarray(DIMENSION), 3))).toBe('VECTOR_INVALID');
    }
    expect(index.count).toBe(600);
    expect(errorCode(() => index.add(clustered(2, DIMENSION + 1, 1)))).toBe('VECTOR_INVALID');
    expect(errorCode(() => index.search(new Float32Array(DIMENSION - 1).fill(1), 3))).toBe('VECTOR_INVALID');
    for (const k of [0, -1, 1.5, Number.NaN]) expect(errorCode(() => index.search(rowOf(vectors, 0), k))).toBe('ARGUMENT_INVALID');
  });

  it('comes back from disk the same, deletions and duplicates included', async () => {
    const index = build(backend, vectors);
    index.add({ data: rowOf(vectors, 40), rows: 1, cols: DIMENSION });
    index.delete(2);
    const path = join(folder, `${id}-round`);
    const files = await index.save(path);
    expect(files[0]).toBe(path);
    const all = new Float32Array(601 * DIMENSION);
    for (let label = 0; label < 601; label++) all.set(index.vector(label), label * DIMENSION);
    const again = await backend.load(path, matrixOf(all, DIMENSION));
    expect(again.stats()).toEqual(index.stats());
    for (const label of [0, 2, 40, 300]) {
      const query = rowOf(vectors, label);
      expect(again.search(query, 25)).toEqual(index.search(query, 25));
    }
    expect(again.add(clustered(2000, DIMENSION, 8))).toBe(601);
    expect(again.search(rowOf(vectors, 5), 1).labels[0]).toBe(5);
  });

  if (backend.write !== undefined) it('is written in portions as it is saved, equal rows far apart and side by side included', async () => {
    const rows = [...Array.from({ length: 300 }, (_, row) => row), 7, 7, 250, ...Array.from({ length: 300 }, (_, row) => 300 + row), 7, 599];
    const all = matrixOf(Float32Array.from(rows.flatMap((row) => [...rowOf(vectors, row)])), DIMENSION);
    const parameters = backend.parameters.parse({});
    const [index, writer] = [backend.create(DIMENSION, parameters), backend.write!(DIMENSION, parameters)];
    for (let from = 0; from < all.rows; from += 70) {
      const part = { data: all.data.subarray(from * DIMENSION, (from + 70) * DIMENSION), rows: Math.min(70, all.rows - from), cols: DIMENSION };
      expect([index.add(part), writer.add(part)]).toEqual([from, from]);
    }
    expect(errorCode(() => writer.add(matrixOf(new Float32Array(DIMENSION), DIMENSION)))).toBe('VECTOR_INVALID');
    expect(writer.count).toBe(rows.length);
    const [saved, written] = [await index.save(join(folder, `${id}-saved`)), await writer.save(join(folder, `${id}-written`))];
    const contents = (paths: readonly string[]): Promise<Buffer[]> => Promise.all(paths.map((path) => readFile(path)));
    expect((await contents(written)).map(String)).toEqual((await contents(saved)).map(String));
  });

  describe('on disk', () => {
    const save = async (name: string): Promise<string[]> => build(backend, vectors).save(join(folder, `${id}-${name}`));
    const refuses = async (path: string, matrix: Matrix = vectors): Promise<void> => {
      await expect(backend.load(path, matrix)).rejects.toMatchObject({ code: 'INDEX_CORRUPT' });
    };

    it('refuses a missing or foreign file', async () => {
      await refuses(join(folder, 'nowhere'));
      const foreign = join(folder, `${id}-foreign`);
      await writeFile(foreign, 'not an index at all');
      await refuses(foreign);
      for (const other of INDEX_BACKENDS) {
        if (other.id === backend.id) continue;
        const [path] = await build(indexBackend(other.id), vectors).save(join(folder, `${id}-other-${other.id}`));
        await refuses(path!);
      }
    });

    it('refuses every truncated file', async () => {
      for (const [i, path] of (await save('truncated')).entries()) {
        const whole = await readFile(path);
        for (const bytes of [0, 1, whole.length >> 1, whole.length - 2]) {
          await truncate(path, bytes);
          await refuses(join(folder, `${id}-truncated`));
          await writeFile(path, whole);
        }
        expect(i).toBeLessThan(3);
      }
    });

    it('refuses every flipped bit', async () => {
      const rng = createRng(4);
      for (const path of await save('flipped')) {
        const whole = await readFile(path);
        for (let i = 0; i < 40; i++) {
          const flipped = Buffer.from(whole);
          const at = rng.int(whole.length - 1);
          flipped[at]! ^= 1 << rng.int(8);
          await writeFile(path, flipped);
          await refuses(join(folder, `${id}-flipped`));
        }
        await writeFile(path, whole);
      }
      await expect(backend.load(join(folder, `${id}-flipped`), vectors)).resolves.toBeDefined();
    });

    it('refuses other vectors than its own', async () => {
      await save('others');
      const path = join(folder, `${id}-others`);
      await refuses(path, clustered(600, DIMENSION, 2));
      await refuses(path, clustered(599, DIMENSION, 1));
      await refuses(path, clustered(600, DIMENSION + 1, 1));
    });
  });
});
