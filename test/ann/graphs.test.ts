import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildIndex } from '../../src/ann/index.ts';
import { hnswlibEngine, nativeEngine } from '../../src/ann/graphs.ts';
import type { Graph } from '../../src/ann/graphs.ts';
import { hnswBackend } from '../../src/ann/hnsw.ts';
import { SILENT_PROGRESS, createRng, l2Normalise, matrixOf, rowOf } from '../../src/core/index.ts';
import type { Matrix } from '../../src/core/index.ts';
import { createNeighbourGraph, openNeighbourGraph } from '../../src/native/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'ann-graphs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PARAMETERS = { m: 12, efConstruction: 60, seed: 5 };
const DIMENSION = 40;

/** Unit vectors around centres, as embeddings are. */
function mixture(rows: number, cols: number, seed: number): Matrix {
  const rng = createRng(seed);
  const centres = Array.from({ length: Math.max(4, rows / 30) }, () => Float32Array.from({ length: cols }, () => rng.normal()));
  const data = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const centre = centres[rng.int(centres.length)]!;
    for (let c = 0; c < cols; c++) data[r * cols + c] = centre[c]! + 0.6 * rng.normal();
  }
  return l2Normalise(matrixOf(data, cols));
}

/** Rows a little aside from stored ones, as queries are. */
function near(vectors: Matrix, rows: number): Matrix {
  const rng = createRng(8);
  const data = Float32Array.from({ length: rows * vectors.cols });
  for (let r = 0; r < rows; r++) {
    const row = rowOf(vectors, rng.int(vectors.rows));
    for (let c = 0; c < vectors.cols; c++) data[r * vectors.cols + c] = row[c]! + 0.05 * rng.normal();
  }
  return l2Normalise(matrixOf(data, vectors.cols));
}

const labelsOf = (rows: number, from = 0): Int32Array => Int32Array.from({ length: rows }, (_, i) => from + i);
const at = (name: string): string => join(folder, name);

/** The file of a native graph over all rows, given in portions. */
function fileOf(vectors: Matrix, name: string, options: { threads?: number; portion?: number; seed?: number } = {}): Buffer {
  const { threads = 1, portion = vectors.rows, seed = PARAMETERS.seed } = options;
  const graph = createNeighbourGraph({ ...PARAMETERS, dimension: vectors.cols, seed, threads });
  for (let from = 0; from < vectors.rows; from += portion) {
    const to = Math.min(vectors.rows, from + portion);
    graph.add(vectors.data.subarray(from * vectors.cols, to * vectors.cols), labelsOf(to - from, from));
  }
  graph.save(at(name));
  return readFileSync(at(name));
}

function recallOf(graph: Graph, vectors: Matrix, queries: Matrix, ef: number): number {
  let kept = 0;
  for (let q = 0; q < queries.rows; q++) {
    const query = rowOf(queries, q);
    const score = (label: number): number => rowOf(vectors, label).reduce((sum, v, c) => sum + v * query[c]!, 0);
    const floor = Array.from({ length: vectors.rows }, (_, row) => score(row)).sort((a, b) => b - a)[9]! - 1e-6;
    // As the index asks: all that the walk meets are compared again.
    const best = [...graph.search(query, ef, ef)].map(score).sort((a, b) => b - a).slice(0, 10);
    kept += best.filter((one) => one >= floor).length;
  }
  return kept / queries.rows / 10;
}

describe('the native graph', () => {
  const vectors = mixture(3000, DIMENSION, 1);

  it('is the same file for any number of threads and any portions, and another for another seed', () => {
    const one = fileOf(vectors, 'one');
    for (const threads of [2, 4]) expect(fileOf(vectors, `threads-${threads}`, { threads }).equals(one), `${threads} threads`).toBe(true);
    for (const portion of [1, 7, 256]) expect(fileOf(vectors, `portion-${portion}`, { portion, threads: 2 }).equals(one), `portions of ${portion}`).toBe(true);
    expect(fileOf(vectors, 'seed', { seed: 6 }).equals(one)).toBe(false);
  });

  it('finds as much as hnswlib does, built by either and searched by either', () => {
    const queries = near(vectors, 300);
    const built = [nativeEngine, hnswlibEngine].map((engine) => engine.create(DIMENSION, PARAMETERS));
    built.forEach((graph, i) => {
      graph.add(vectors.data, labelsOf(vectors.rows));
      graph.save(at(`built-${i}`));
    });
    for (const ef of [64, 200]) {
      const [own, theirs] = built.map((graph) => recallOf(graph, vectors, queries, ef));
      expect(own, `ef ${ef}`).toBeGreaterThanOrEqual(theirs! - 0.005);
      expect(own, `ef ${ef}`).toBeGreaterThan(0.98);
      const ownByHnswlib = recallOf(hnswlibEngine.open(at('built-0'), DIMENSION, PARAMETERS), vectors, queries, ef);
      const theirsByOwn = recallOf(nativeEngine.open(at('built-1'), DIMENSION, PARAMETERS), vectors, queries, ef);
      expect(Math.abs(ownByHnswlib - own!), `ef ${ef}`).toBeLessThanOrEqual(0.005);
      expect(Math.abs(theirsByOwn - theirs!), `ef ${ef}`).toBeLessThanOrEqual(0.005);
    }
  });

  it('reads hnswlib\'s file as it was written, and goes on from it', () => {
    const file = readFileSync(at('built-0'));
    const opened = openNeighbourGraph(at('built-0'), { dimension: DIMENSION, seed: PARAMETERS.seed });
    opened.save(at('again'));
    expect(readFileSync(at('again')).equals(file)).toBe(true);
    const more = mixture(2000, DIMENSION, 3);
    for (const name of ['built-0', 'built-1']) {
      const graph = nativeEngine.open(at(name), DIMENSION, PARAMETERS);
      graph.add(more.data, labelsOf(more.rows, vectors.rows));
      graph.save(at('grown'));
      const all = matrixOf(Float32Array.from([...vectors.data, ...more.data]), DIMENSION);
      const queries = mixture(50, DIMENSION, 4);
      expect(recallOf(graph, all, queries, 64), name).toBeGreaterThan(0.97);
      expect(recallOf(hnswlibEngine.open(at('grown'), DIMENSION, PARAMETERS), all, queries, 64), name).toBeGreaterThan(0.97);
    }
  });

  it('grows after it was opened as if it had never been written', () => {
    // A whole number of batches: a graph that is written links what waits.
    const first = 2048;
    const part = createNeighbourGraph({ ...PARAMETERS, dimension: DIMENSION });
    part.add(vectors.data.subarray(0, first * DIMENSION), labelsOf(first));
    part.save(at('part'));
    const opened = openNeighbourGraph(at('part'), { dimension: DIMENSION, seed: PARAMETERS.seed });
    opened.add(vectors.data.subarray(first * DIMENSION), labelsOf(vectors.rows - first, first));
    opened.save(at('rest'));
    expect(readFileSync(at('rest')).equals(fileOf(vectors, 'whole'))).toBe(true);
  });

  it.each([0, 1, 2, 3, 127, 128, 129])('of %i rows finds each of them, before and after it is written, in either engine', (rows) => {
    const few = matrixOf(vectors.data.slice(0, rows * DIMENSION), DIMENSION);
    const graph = nativeEngine.create(DIMENSION, PARAMETERS);
    graph.add(few.data, labelsOf(rows));
    const expected = rows === 0 ? [] : [rows - 1];
    const query = rowOf(vectors, Math.max(0, rows - 1));
    expect([...graph.search(query, 1, 10)]).toEqual(expected);
    graph.save(at('few'));
    expect([...graph.search(query, 1, 10)]).toEqual(expected);
    for (const engine of [nativeEngine, hnswlibEngine]) {
      const opened = engine.open(at('few'), DIMENSION, PARAMETERS);
      expect(opened.count).toBe(rows);
      if (rows > 0) expect([...opened.search(query, 1, 10)]).toEqual(expected);
      opened.add(vectors.data.subarray(0, 400 * DIMENSION), labelsOf(400, 1000));
      expect([...opened.search(rowOf(vectors, 399), 1, 50)]).toEqual([1399]);
    }
  });

  it('finds every row by itself, whatever the dimension', () => {
    for (const dimension of [1, 2, 3, 15, 16, 17, 100]) {
      const rng = createRng(dimension);
      const random = l2Normalise(matrixOf(Float32Array.from({ length: 300 * dimension }, () => rng.normal()), dimension));
      const graph = nativeEngine.create(dimension, PARAMETERS);
      graph.add(random.data, labelsOf(300));
      let itself = 0;
      for (let row = 0; row < 300; row++) {
        const [first] = graph.search(rowOf(random, row), 1, 64);
        itself += rowOf(random, first!).every((v, c) => Math.abs(v - random.data[row * dimension + c]!) < 1e-2) ? 1 : 0;
      }
      expect(itself, `${dimension}`).toBeGreaterThanOrEqual(297);
    }
  });

  it('refuses what does not fit it', () => {
    const graph = createNeighbourGraph({ dimension: 4 });
    expect(() => graph.add(new Float32Array(7), labelsOf(2))).toThrow(/values of 2 labels|one for each of 2 labels/);
    expect(() => graph.search(new Float32Array(3), 1, 1)).toThrow(/4 values/);
    expect(() => createNeighbourGraph({ dimension: 0 })).toThrow(/dimension/);
    expect(() => openNeighbourGraph(at('nowhere'), { dimension: 4 })).toThrow(/cannot be opened/);
    expect(() => openNeighbourGraph(at('built-0'), { dimension: DIMENSION + 1 })).toThrow(/another kind/);
  });
});

describe('the hnsw backend', () => {
  it('writes one file format by either engine, duplicates and deletions included', async () => {
    const vectors = mixture(800, DIMENSION, 9);
    for (let row = 500; row < 520; row++) vectors.data.copyWithin(row * DIMENSION, 3 * DIMENSION, 4 * DIMENSION);
    const backends = [hnswBackend(() => nativeEngine), hnswBackend(() => hnswlibEngine)];
    for (const [i, writer] of backends.entries()) {
      const index = buildIndex(writer, vectors, {}, SILENT_PROGRESS);
      index.delete(7);
      await index.save(at(`backend-${i}`));
      for (const reader of backends) {
        const again = await reader.load(at(`backend-${i}`), vectors);
        expect(again.stats()).toEqual(index.stats());
        expect(again.stats()).toMatchObject({ duplicates: 20, deleted: 1, count: 800 });
        for (const label of [0, 3, 8, 510, 799]) expect(again.search(rowOf(vectors, label), 30)).toEqual(index.search(rowOf(vectors, label), 30));
      }
    }
  });
});
