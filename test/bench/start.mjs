/**
 * From nothing to an answer: the whole process of one search on the command line, and a service: when it listens, and how long its first query by
 * SMILES takes, with score and reasons. Medians.
 *
 *   node test/bench/start.mjs [--bundle demo] [--rounds 5] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { median } from '../../dist/core/index.js';

const { values } = parseArgs({ options: { bundle: { type: 'string', default: 'demo' }, rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
const program = new URL('../../bin/isolens.js', import.meta.url).pathname;
const SMILES = 'CC(C)Cc1ccc(cc1)C(C)C(=O)O';

async function commandMs() {
  const started = performance.now();
  const child = spawn(process.execPath, [program, 'search', '--bundle', values.bundle, '--smiles', SMILES], { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Expected an answer but the command ended with ${code}.`);
  return performance.now() - started;
}

async function service() {
  const started = performance.now();
  const child = spawn(process.execPath, [program, 'serve', '--bundle', values.bundle, '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (/http:\/\/\S+/.test(text)) break;
  }
  const listensMs = performance.now() - started;
  const address = /http:\/\/[\w.[\]:-]+\d/.exec(text)[0];
  const ask = async () => {
    const asked = performance.now();
    const response = await fetch(`${address}/v1/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: { smiles: SMILES }, k: 20 }) });
    if (!response.ok) throw new Error(`Expected hits but received ${response.status}.`);
    await response.json();
    return performance.now() - asked;
  };
  const firstMs = await ask();
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { listensMs, firstMs };
}

const commands = [];
const services = [];
for (let round = 0; round < Number(values.rounds); round++) {
  commands.push(await commandMs());
  services.push(await service());
}
const result = {
  bundle: values.bundle, commandMs: Math.round(median(commands)),
  listensMs: Math.round(median(services.map(({ listensMs }) => listensMs))), firstQueryMs: Math.round(median(services.map(({ firstMs }) => firstMs))),
};
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
