/**
 * Building the graph of an HNSW index: hnswlib as installed against the native builder, in turns, over the vectors of a bundle or over
 * random ones; seconds of wall and of processor time (a busy machine does not change the latter much), and recall@10 against exact
 * search for queries between two rows.
 *
 *   node test/bench/index.mjs [--bundle demo | --random 100000x256] [--threads 1,2] [--repeats 3] [--queries 400] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hnswlibEngine, nativeEngine } from '../../dist/ann/graphs.js';
import { openBundle } from '../../dist/bundle/index.js';
import { createRng, l2Normalise, matrixOf, median, rowOf } from '../../dist/core/index.js';
import { createNeighbourGraph, nativeProducts } from '../../dist/native/index.js';

const PARAMETERS = { m: 24, efConstruction: 120, seed: 100 };
/** Rows come in such portions from the encoder. */
const PORTION = 256;
const K = 10;

const { values } = parseArgs({
  options: {
    bundle: { type: 'string', default: 'demo' },
    indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname },
    random: { type: 'string' },
    threads: { type: 'string', default: '1,2' },
    repeats: { type: 'string', default: '3' },
    queries: { type: 'string', default: '400' },
    json: { type: 'boolean', default: false },
  },
});

/** Unit vectors around 2,000 centres. */
function mixture(rows, cols) {
  const rng = createRng(1);
  const centres = Array.from({ length: 2000 }, () => Float32Array.from({ length: cols }, () => rng.normal()));
  const data = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const centre = centres[rng.int(centres.length)];
    for (let c = 0; c < cols; c++) data[r * cols + c] = centre[c] + 0.5 * rng.normal();
  }
  return l2Normalise(matrixOf(data, cols));
}

/** Each row once: equal ones share a node of the graph. */
function distinct({ data, rows, cols }) {
  const seen = new Set();
  const kept = Array.from({ length: rows }, (_, r) => r).filter((r) => {
    const key = Buffer.from(data.buffer, data.byteOffset + r * cols * 4, cols * 4).toString('latin1');
    return !seen.has(key) && seen.add(key);
  });
  return matrixOf(Float32Array.from({ length: kept.length * cols }, (_, i) => data[kept[Math.floor(i / cols)] * cols + (i % cols)]), cols);
}

async function vectorsOf() {
  if (values.random !== undefined) return mixture(...values.random.split('x').map(Number));
  const bundle = await openBundle(values.indexes, values.bundle);
  const vectors = distinct(bundle.vectors);
  bundle.close();
  return vectors;
}

function built(graph, { data, rows, cols }) {
  const before = process.cpuUsage();
  const start = performance.now();
  for (let from = 0; from < rows; from += PORTION) {
    const to = Math.min(rows, from + PORTION);
    graph.add(data.subarray(from * cols, to * cols), Int32Array.from({ length: to - from }, (_, i) => from + i));
  }
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

const vectors = await vectorsOf();
const { cols: dimension } = vectors;
const rng = createRng(7);
const midway = new Float32Array(Number(values.queries) * dimension);
for (let q = 0; q < midway.length; q += dimension) {
  const [a, b] = [rowOf(vectors, rng.int(vectors.rows)), rowOf(vectors, rng.int(vectors.rows))];
  for (let c = 0; c < dimension; c++) midway[q + c] = a[c] + 0.5 * b[c];
}
const queries = l2Normalise(matrixOf(midway, dimension));
const products = nativeProducts(1)(queries, vectors);
const scoresOf = (q) => products.subarray(q * vectors.rows, (q + 1) * vectors.rows);
const floors = Array.from({ length: queries.rows }, (_, q) => scoresOf(q).slice().sort().at(-K) - 1e-6);

/** Share of the k best, by score; and the median time of a query. */
function searched(graph, ef) {
  let kept = 0;
  const times = [];
  for (let q = 0; q < queries.rows; q++) {
    const query = rowOf(queries, q);
    const start = performance.now();
    const labels = [...graph.search(query, K, ef)];
    times.push(performance.now() - start);
    kept += labels.filter((label) => scoresOf(q)[label] >= floors[q]).length;
  }
  return { recall: Number((kept / queries.rows / K).toFixed(4)), ms: Number(median(times).toFixed(3)) };
}

const builders = [
  { name: 'hnswlib', create: () => hnswlibEngine.create(dimension, PARAMETERS) },
  ...values.threads.split(',').map(Number).map((threads) => ({
    name: `native, ${threads} thread${threads === 1 ? '' : 's'}`,
    create: () => createNeighbourGraph({ ...PARAMETERS, dimension, threads }),
  })),
].map((builder) => ({ ...builder, times: [] }));
const folder = mkdtempSync(join(tmpdir(), 'isolens-index-bench-'));
try {
  for (let turn = 0; turn < Number(values.repeats); turn++) {
    for (const builder of builders) {
      const graph = builder.create();
      builder.times.push(built(graph, vectors));
      graph.save(join(folder, builder.name));
    }
  }
  const ratio = (times, what) => Number(median(times.map((time, turn) => builders[0].times[turn][what] / time[what])).toFixed(2));
  const table = builders.map(({ name, times }) => {
    // Each graph by either engine: the file is one.
    const [byHnswlib, byNative] = [hnswlibEngine, nativeEngine].map((engine) => engine.open(join(folder, name), dimension, PARAMETERS));
    const found = Object.fromEntries([64, 200].flatMap((ef) => {
      const [theirs, own] = [searched(byHnswlib, ef), searched(byNative, ef)];
      return [[`recall ${ef}`, theirs.recall], [`native recall ${ef}`, own.recall], [`ms ${ef}`, theirs.ms], [`native ms ${ef}`, own.ms]];
    }));
    const seconds = (what) => Number(median(times.map((time) => time[what])).toFixed(1));
    return { builder: name, wallS: seconds('wall'), cpuS: seconds('cpu'), wallRatio: ratio(times, 'wall'), cpuRatio: ratio(times, 'cpu'), ...found };
  });
  const result = { vectors: vectors.rows, dimension, repeats: Number(values.repeats), ...PARAMETERS, builders: table };
  if (values.json) console.log(JSON.stringify(result, null, 1));
  else console.table(table);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
