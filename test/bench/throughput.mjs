/**
 * Scored queries with reasons from 32 clients at once: queries a second, p50 and p99. First molecules that were never asked before, then the same
 * ones again, as people ask them with other filters.
 *
 *   node test/bench/throughput.mjs [--bundle demo] [--queries 300] [--clients 32] [--json]
 */
import { parseArgs } from 'node:util';
import { ChemPool } from '../../dist/chem/index.js';
import { shippedReplacements } from '../../dist/cli/evidence.js';
import { createRng } from '../../dist/core/index.js';
import { SearchEngine } from '../../dist/search/index.js';

const { values } = parseArgs({ options: { bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname }, queries: { type: 'string', default: '300' }, clients: { type: 'string', default: '32' }, json: { type: 'boolean', default: false } } });
const rng = createRng(11);
const chem = new ChemPool({ workers: 2 });
chem.start();
const { evidence } = shippedReplacements({ models: `${values.indexes}/models` });
const engine = await SearchEngine.open(values.indexes, values.bundle, { chem, evidence, now: () => performance.now() });
await engine.warm();
const drawn = (count) => Promise.all(Array.from({ length: count }, async () => (await engine.molecules.get(rng.int(engine.manifest.count))).smiles));

async function ask(queries, clients) {
  const times = [];
  const before = process.cpuUsage();
  const started = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (next < queries.length) {
      const smiles = queries[next++];
      const asked = performance.now();
      await engine.search({ kind: 'smiles', smiles }, { k: 20 });
      times.push(performance.now() - asked);
    }
  }));
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const at = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]);
  return { perSecond: Number((1000 * queries.length / wallMs).toFixed(1)), p50: at(0.5), p99: at(0.99), cpuMs: Number(((user + system) / 1000 / queries.length).toFixed(1)) };
}

await ask(await drawn(100), 4);
const alone = await ask(await drawn(60), 1);
const queries = await drawn(Number(values.queries));
const fresh = await ask(queries, Number(values.clients));
const again = await ask(queries, Number(values.clients));
const result = { bundle: values.bundle, clients: Number(values.clients), alone, fresh, again };
if (values.json) console.log(JSON.stringify(result));
else console.table({ alone, fresh, again });
await engine.close();
await chem.close();
