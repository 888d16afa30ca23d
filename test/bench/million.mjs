/**
 * What a large library takes. With --index, indexes the file first and tells molecules a second and the most memory that took; then opens the bundle and
 * tells the time, memory (private, and whole with mapped files) a molecule, recall@10 of the index at its default against exact search, and the
 * median of a vector search, of a similarity query and of a scored query with reasons, after all have been asked once.
 *
 *   node test/bench/million.mjs --bundle FOLDER [--index library.smi] [--queries 200] [--json]
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { quantile } from './served.mjs';

const { values } = parseArgs({ options: {
  bundle: { type: 'string' }, index: { type: 'string' }, queries: { type: 'string', default: '200' }, json: { type: 'boolean', default: false },
} });
if (values.bundle === undefined) throw new Error('Expected --bundle with the folder of a bundle.');
const path = resolve(values.bundle);
const memoryOf = (pid) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { whole: of('VmRSS'), private: of('RssAnon'), most: of('VmHWM') };
};
const result = {};

if (values.index !== undefined) {
  const begun = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../bin/isolens.js', import.meta.url)), 'index', '--input', values.index, '--bundle', path, '--no-map', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data) => (out += data));
  let most = 0;
  const timer = setInterval(() => {
    try {
      most = Math.max(most, memoryOf(child.pid).most);
    } catch {
      // It has ended.
    }
  }, 500);
  await new Promise((end) => child.once('exit', end));
  clearInterval(timer);
  const { records } = JSON.parse(out);
  Object.assign(result, { indexPerSecond: Math.round(records / ((performance.now() - begun) / 1000)), indexGB: Number((most / 1e9).toFixed(2)) });
}

const { VECTORS_FILE } = await import('../../dist/bundle/index.js');
const { ChemPool } = await import('../../dist/chem/index.js');
const { shippedReplacements } = await import('../../dist/cli/evidence.js');
const { createRng, matrixOf, rowOf } = await import('../../dist/core/index.js');
const { SearchEngine } = await import('../../dist/search/index.js');
const chem = new ChemPool({ workers: 2 });
const { evidence } = shippedReplacements({ models: fileURLToPath(new URL('../../indexes/models', import.meta.url)) });
chem.start();
const before = memoryOf('self');
const begun = performance.now();
const engine = await SearchEngine.open(dirname(path), basename(path), { chem, evidence, now: () => performance.now() });
result.openSeconds = Number(((performance.now() - begun) / 1000).toFixed(2));
const { count } = engine.manifest;
const opened = memoryOf('self');
const rng = createRng(31);
const rows = Array.from({ length: Number(values.queries) }, () => rng.int(count));

// Not the rows themselves, which are their own nearest: a little aside, as molecules that the library does not hold are.
// Read row by row: a bundle that was opened for them would count as memory of the service.
const { dimension } = engine.manifest;
const file = await open(join(engine.directory, VECTORS_FILE));
const read = async (row) => new Float32Array((await file.read(Buffer.alloc(4 * dimension), 0, 4 * dimension, 4 * dimension * row)).buffer.buffer);
const aside = new Float32Array(rows.length * dimension);
for (const [q, row] of rows.entries()) (await read(row)).forEach((value, c) => (aside[q * dimension + c] = value + (0.3 * rng.normal()) / Math.sqrt(dimension)));
await file.close();
const queries = matrixOf(aside, dimension);
const timed = async (work) => {
  const times = [];
  for (let q = 0; q < rows.length; q++) {
    const start = performance.now();
    await work(q);
    times.push(performance.now() - start);
  }
  return Number(quantile(times.sort((a, b) => a - b), 0.5).toFixed(2));
};
const search = (q) => engine.nearest(rowOf(queries, q), { k: 10 });
await timed(search);
result.vectorMs = await timed(search);
const smiles = await Promise.all(rows.map(async (row) => (await engine.molecules.get(row)).smiles));
const similar = (q) => engine.search({ kind: 'smiles', smiles: smiles[q] }, { k: 10, mode: 'similarity', reasons: 'none' });
await timed(similar);
result.similarityMs = await timed(similar);
const searched = memoryOf('self');
result.recallAt10 = Number((await engine.recall(queries, 10)).toFixed(4));
const scored = (q) => engine.search({ kind: 'smiles', smiles: smiles[q] }, { k: 20 });
result.scoredFirstMs = await timed(scored);
result.scoredMs = await timed(scored);
const after = memoryOf('self');
const each = (from, to) => Math.round((to - from) / count);
Object.assign(result, {
  molecules: count, dimension, openedBytesEach: each(before.private, opened.private), similarityBytesEach: each(before.private, searched.private), scoredBytesEach: each(before.private, after.private),
  wholeBytesEach: each(before.whole, after.whole), privateGB: Number((after.private / 1e9).toFixed(2)), wholeGB: Number((after.whole / 1e9).toFixed(2)),
});
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
await engine.close();
await chem.close();
