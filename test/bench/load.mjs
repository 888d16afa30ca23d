/**
 * A service under load, over HTTP on loopback: scored queries with reasons from 32 connections for a minute (errors, p50, p99, what /healthz takes
 * meanwhile), and six equal requests at once under that load, of 20 molecules, whose rankings, scores and reasons must be the same.
 *
 *   node test/bench/load.mjs [--bundle demo] [--seconds 60] [--connections 32] [--json]
 */
import { parseArgs } from 'node:util';
import { quantile, served, someSmiles } from './served.mjs';

const { values } = parseArgs({ options: {
  bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname },
  seconds: { type: 'string', default: '60' }, connections: { type: 'string', default: '32' }, json: { type: 'boolean', default: false },
} });
const EQUAL = 6;
const HEALTH_EVERY_MS = 50;

const smiles = await someSmiles(values.indexes, values.bundle, 2000, 21);
const service = await served(values.bundle);
const ask = async (one) => service.post('/v1/search', JSON.stringify({ query: { smiles: one }, k: 20 }));

let isOver = false;
let next = 0;
const times = [];
const errors = new Map();
const client = async () => {
  while (!isOver) {
    const begun = performance.now();
    const response = await ask(smiles[next++ % smiles.length]).catch((error) => ({ status: String(error.cause?.code ?? error), text: async () => '' }));
    await response.text();
    if (response.status === 200) times.push(performance.now() - begun);
    else errors.set(response.status, (errors.get(response.status) ?? 0) + 1);
  }
};
const health = [];
const watch = async () => {
  while (!isOver) {
    const begun = performance.now();
    await (await fetch(`${service.url}/healthz`)).text();
    health.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, HEALTH_EVERY_MS));
  }
};

const begun = performance.now();
const clients = [...Array.from({ length: Number(values.connections) }, client), watch()];
/** What must not depend on how busy the machine is. */
const told = ({ hits, query, filters }) => JSON.stringify({ hits, query, filters });
let differing = 0;
for (const one of smiles.slice(-20)) {
  const bodies = await Promise.all(Array.from({ length: EQUAL }, async () => told(await (await ask(one)).json())));
  if (new Set(bodies).size > 1) differing++;
}
await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1000 * Number(values.seconds) - (performance.now() - begun))));
isOver = true;
await Promise.all(clients);
const seconds = (performance.now() - begun) / 1000;
await service.stop();
times.sort((a, b) => a - b);
health.sort((a, b) => a - b);
const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
const result = {
  bundle: values.bundle, connections: Number(values.connections), answered: times.length, perSecond: Number((times.length / seconds).toFixed(1)), errors: Object.fromEntries(errors),
  p50: Math.round(p50), p99: Math.round(p99), ratio: Number((p99 / p50).toFixed(2)), healthP50: Number(quantile(health, 0.5).toFixed(1)), healthLongest: Math.round(health.at(-1)), differing,
};
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
process.exit(errors.size === 0 && differing === 0 ? 0 : 1);
