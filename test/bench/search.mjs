/**
 * The demo bundle under its default settings: recall@10 of the index against exact search on real embeddings; recall@20 of the full
 * score against scoring every molecule, with and without a filter; and the time of a SMILES query (score and reasons), of one
 * without reasons, and of an image query, as the server answers them. `cpuMs` is processor time: a busy machine does not change it much.
 *
 *   node test/bench/search.mjs [--bundle demo] [--queries 500] [--image FILE] [--json]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ChemPool } from '../../dist/chem/index.js';
import { createRng, rowOf } from '../../dist/core/index.js';
import { openBundle } from '../../dist/bundle/index.js';
import { SearchEngine } from '../../dist/search/index.js';

const { values } = parseArgs({ options: { bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname }, queries: { type: 'string', default: '500' }, image: { type: 'string' }, json: { type: 'boolean', default: false } } });
const rng = createRng(7);
const chem = new ChemPool({ workers: 1 });
const engine = await SearchEngine.open(values.indexes, values.bundle, { chem, now: () => performance.now() });
const bundle = await openBundle(values.indexes, values.bundle);
const count = bundle.manifest.count;
const rows = Array.from({ length: Number(values.queries) }, () => rng.int(count));

let found = 0;
const searchMs = [];
for (const row of rows) {
  const vector = rowOf(bundle.vectors, row);
  const start = performance.now();
  const fast = await engine.nearest(vector, { k: 10 });
  searchMs.push(performance.now() - start);
  // By score, not by label: molecules with equal embeddings are interchangeable.
  const floor = (await engine.nearest(vector, { k: 10, exact: true })).scores.at(-1) - 1e-6;
  found += fast.scores.filter((score) => score >= floor).length;
}

const timed = async (query, options = {}) => {
  const start = performance.now();
  await engine.search(query, { k: 20, ...options });
  return performance.now() - start;
};
const molecule = (row) => ({ kind: 'smiles', smiles: bundle.molecules.get(row).smiles });
const smilesMs = [];
const bareMs = [];
const cpuMs = [];
for (const row of rows.slice(0, 200)) {
  const before = process.cpuUsage();
  smilesMs.push(await timed(molecule(row)));
  const { user, system } = process.cpuUsage(before);
  cpuMs.push((user + system) / 1000);
  bareMs.push(await timed(molecule(row), { reasons: 'none' }));
}
const recallAt20 = async (options) => {
  let [kept, wanted] = [0, 0];
  for (const row of rows.slice(0, 50)) {
    const ids = async (exact) => (await engine.search(molecule(row), { k: 20, reasons: 'none', exact, ...options })).hits.map((hit) => hit.id);
    const expected = new Set(await ids(true));
    wanted += expected.size;
    kept += (await ids(false)).filter((id) => expected.has(id)).length;
  }
  return kept / Math.max(1, wanted);
};
const scoreRecall = await recallAt20({});
const filteredRecall = await recallAt20({ properties: ['mw<=320'] });
const imageMs = [];
if (values.image !== undefined) {
  const bytes = readFileSync(values.image);
  for (let i = 0; i < 60; i++) imageMs.push(await timed({ kind: 'image', bytes }));
}
const median = (list) => (list.length === 0 ? null : Number(list.toSorted((a, b) => a - b)[list.length >> 1].toFixed(2)));
const result = { bundle: values.bundle, count, backend: bundle.manifest.index.backend, recallAt10: found / (10 * rows.length), scoreRecallAt20: scoreRecall, filteredRecallAt20: filteredRecall, indexMs: median(searchMs), smilesMs: median(smilesMs.slice(5)), withoutReasonsMs: median(bareMs.slice(5)), cpuMs: median(cpuMs.slice(5)), imageMs: median(imageMs.slice(5)) };
if (values.json) console.log(JSON.stringify(result));
else console.table([result]);
await engine.close();
bundle.close();
await chem.close();
