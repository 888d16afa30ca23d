/**
 * Scored queries, and what they leave of the event loop. One after another: the median time of a query with reasons, of one
 * without, and of one with filters. All at once: the longest time for which the event loop stood still, which is what any other request
 * (`/healthz`) waits at most; and how long all took. A busy machine changes these; what it hardly changes is processor time: of the event loop's
 * thread for one query (`loopCpuMs`), of all threads (`cpuMs`), and of the longest piece of work that the loop did at once (`longestBurstMs`).
 *
 *   node test/bench/event-loop.mjs [--bundle demo] [--queries 50] [--parallel 32] [--json]
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ChemPool } from '../../dist/chem/index.js';
import { shippedReplacements } from '../../dist/cli/evidence.js';
import { createRng } from '../../dist/core/index.js';
import { SearchEngine } from '../../dist/search/index.js';

const { values } = parseArgs({ options: { bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname }, queries: { type: 'string', default: '50' }, parallel: { type: 'string', default: '32' }, json: { type: 'boolean', default: false } } });
const rng = createRng(7);
const chem = new ChemPool({ workers: 2 });
const opened = performance.now();
const { evidence } = shippedReplacements({ models: `${values.indexes}/models` });
const engine = await SearchEngine.open(values.indexes, values.bundle, { chem, evidence, now: () => performance.now() });
const openMs = performance.now() - opened;
const molecules = await Promise.all(Array.from({ length: Number(values.queries) + Number(values.parallel) }, async () => (await engine.molecules.get(rng.int(engine.manifest.count))).smiles));
const ask = (smiles, options = {}) => engine.search({ kind: 'smiles', smiles }, { k: 20, ...options });

/** The longest stand-still while `work` runs, in milliseconds. */
async function longestBlock(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(20);
  delay.reset();
  await work();
  await sleep(5);
  delay.disable();
  return delay.max / 1e6;
}

/** Processor time of this thread so far, in milliseconds; NaN where the system does not tell. */
function loopCpu() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

const first = performance.now();
await ask(molecules[0]);
const firstMs = performance.now() - first;
for (const smiles of molecules.slice(0, 10)) await ask(smiles);
const sequential = async (options) => {
  const times = [];
  for (const smiles of molecules.slice(0, Number(values.queries))) {
    const start = performance.now();
    await ask(smiles, options);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
};
const [loopBefore, before] = [loopCpu(), process.cpuUsage()];
const reasonsMs = await sequential({});
const used = process.cpuUsage(before);
const loopCpuMs = (loopCpu() - loopBefore) / reasonsMs.length;
const cpuMs = (used.user + used.system) / 1000 / reasonsMs.length;
const bareMs = await sequential({ reasons: 'none' });
const filteredMs = await sequential({ properties: ['mw<=450', 'logp~1'], noAlerts: true, maxTanimoto: 0.6 });
const alone = [];
for (const smiles of molecules.slice(0, 20)) alone.push(await longestBlock(() => ask(smiles)));
const blocks = [];
const allMs = [];
for (let round = 0; round < 5; round++) {
  const start = performance.now();
  blocks.push(await longestBlock(() => Promise.all(molecules.slice(-Number(values.parallel)).map((smiles) => ask(smiles)))));
  allMs.push(performance.now() - start);
}
/** The most processor time that the event loop spends between two looks at its timers while `work` runs. */
async function longestBurst(work) {
  let [last, longest, isOn] = [loopCpu(), 0, true];
  const look = () => {
    const now = loopCpu();
    longest = Math.max(longest, now - last);
    last = now;
    if (isOn) setTimeout(look, 0);
  };
  setTimeout(look, 0);
  await work();
  isOn = false;
  return longest;
}
const bursts = [];
for (let round = 0; round < 5; round++) bursts.push(await longestBurst(() => Promise.all(molecules.slice(-Number(values.parallel)).map((smiles) => ask(smiles)))));
const shown = (value) => Number(value.toFixed(2));
const middle = (list) => shown(list.toSorted((a, b) => a - b)[list.length >> 1]);
const result = { bundle: values.bundle, count: engine.manifest.count, openMs: shown(openMs), firstMs: shown(firstMs), reasonsMs: middle(reasonsMs), withoutReasonsMs: middle(bareMs), filteredMs: middle(filteredMs), loopCpuMs: shown(loopCpuMs), cpuMs: shown(cpuMs), blockAloneMs: middle(alone), parallel: Number(values.parallel), longestBlockMs: shown(Math.max(...blocks)), medianBlockMs: middle(blocks), longestBurstMs: shown(Math.max(...bursts)), allMs: middle(allMs) };
if (values.json) console.log(JSON.stringify(result));
else console.table([result]);
await engine.close();
await chem.close();
