/**
 * Memory of a service after many queries against after a thousand: private and whole, in MB.
 *
 *   node test/bench/memory.mjs [--bundle demo] [--queries 100000] [--connections 8] [--mode similarity] [--json]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { served, someSmiles } from './served.mjs';

const { values } = parseArgs({ options: {
  bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname },
  queries: { type: 'string', default: '100000' }, connections: { type: 'string', default: '8' }, mode: { type: 'string', default: 'default' }, json: { type: 'boolean', default: false },
} });
const FIRST = 1000;
const smiles = await someSmiles(values.indexes, values.bundle, 50_000, 22);
const service = await served(values.bundle);

function memory() {
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  const of = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024);
  return { whole: of('VmRSS'), private: of('RssAnon') };
}

let next = 0;
let failed = 0;
async function askUntil(count) {
  await Promise.all(Array.from({ length: Number(values.connections) }, async () => {
    while (next < count) {
      const one = smiles[next++ % smiles.length];
      const response = await service.post('/v1/search', JSON.stringify({ query: { smiles: one }, k: 20, mode: values.mode }));
      await response.text();
      if (response.status !== 200) failed++;
    }
  }));
}

await askUntil(FIRST);
const early = memory();
const curve = [];
for (let step = 1; step <= 10; step++) {
  await askUntil(FIRST + ((Number(values.queries) - FIRST) * step) / 10);
  curve.push({ queries: next, ...memory() });
  if (!values.json) console.log(JSON.stringify(curve.at(-1)));
}
await service.stop();
const late = curve.at(-1);
const result = { bundle: values.bundle, mode: values.mode, queries: next, failed, after1000: early.private, afterAll: late.private, ratio: Number((late.private / early.private).toFixed(3)), wholeRatio: Number((late.whole / early.whole).toFixed(3)) };
if (values.json) console.log(JSON.stringify({ ...result, curve }));
else console.table(result);
process.exit(failed === 0 ? 0 : 1);
