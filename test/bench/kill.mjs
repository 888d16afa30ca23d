/**
 * kill -9 at random moments, of a service that works off a job and of an index that is built, both at once. After each kill both are started
 * again. In the end the job's results must be those of an undisturbed run, none lost and none twice, and the bundle's files must be the same.
 *
 *   node test/bench/kill.mjs [--kills 50] [--seed 1] [--json]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRng } from '../../dist/core/index.js';
import { someSmiles } from './served.mjs';

const { values } = parseArgs({ options: {
  kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' }, json: { type: 'boolean', default: false },
  indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname },
} });
const BIN = fileURLToPath(new URL('../../bin/isolens.js', import.meta.url));
const MODEL = fileURLToPath(new URL('../../indexes/models/drawing-structure', import.meta.url));
const QUERIES = 400;
/** What is asked again takes longer than one round between two kills. */
const LIBRARY = 6000;
const LONGEST_MS = 6000;
const rng = createRng(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), 'bench-kill-'));
const molecules = await someSmiles(values.indexes, 'demo', LIBRARY, Number(values.seed));
writeFileSync(join(folder, 'library.smi'), molecules.map((smiles, i) => `${smiles} M${i}\n`).join(''));
writeFileSync(join(folder, 'served.smi'), molecules.slice(0, 500).map((smiles, i) => `${smiles} M${i}\n`).join(''));

function start(args, indexes) {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ISOLENS_INDEXES: join(folder, indexes) } });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said = (said + data).slice(-20_000)));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal, said })));
  return { child, ended, said: () => said };
}
const indexing = (name, indexes, input = 'library.smi') => start(['index', '--input', input, '--bundle', name, '--model', MODEL, '--no-map'], indexes);

async function serving(jobs) {
  const running = start(['serve', '--bundle', 'served', '--port', '0', '--jobs', jobs], 'indexes');
  const url = new Promise((resolve) => {
    const timer = setInterval(() => {
      const found = /http:\S+/.exec(running.said());
      if (found === null) return;
      clearInterval(timer);
      resolve(found[0]);
    }, 20);
    running.child.once('exit', () => {
      clearInterval(timer);
      resolve(undefined);
    });
  });
  return { ...running, url };
}

const post = async (url, path, body) => (await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })).json();
const request = { queries: molecules.slice(1000, 1000 + QUERIES).map((text, i) => ({ id: `q${i}`, text })), options: { k: 10 } };
/** Results without what says how long they took. */
const told = (results) => JSON.stringify(results.map(({ query, response, problem }) => ({ query, hits: response?.hits, problem })));
const filesOf = (indexes, name) => {
  const home = join(folder, indexes, name);
  const { files, count } = JSON.parse(readFileSync(join(home, readFileSync(join(home, 'CURRENT'), 'utf8').split(' ')[0], 'manifest.json'), 'utf8'));
  return JSON.stringify({ count, files });
};

// Undisturbed

const { code, said } = await indexing('served', 'indexes', 'served.smi').ended;
if (code !== 0) throw new Error(said);
await indexing('whole', 'indexes').ended;
const calm = await serving('calm-jobs');
const calmUrl = await calm.url;
const { id: calmId } = await post(calmUrl, '/v1/jobs', request);
const waitFor = async (url, id) => {
  for (;;) {
    const job = await (await fetch(`${url}/v1/jobs/${id}`)).json();
    if (job.state === 'done' || job.state === 'failed') return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
await waitFor(calmUrl, calmId);
const expected = told((await (await fetch(`${calmUrl}/v1/jobs/${calmId}/results`)).json()).results);
calm.child.kill('SIGTERM');
await calm.ended;

// Killed

const tally = { kills: 0, jobs: 0, lostResults: 0, builds: 0, brokenBuilds: 0, unreadableAfterKill: 0 };
let id;
let build = indexing('whole', 'killed');
while (tally.kills < Number(values.kills)) {
  const service = await serving('jobs');
  const begun = performance.now();
  const after = rng.next() * LONGEST_MS;
  const url = await Promise.race([service.url, new Promise((resolve) => setTimeout(() => resolve(undefined), after))]);
  if (url !== undefined) {
    if (id !== undefined) {
      const job = await (await fetch(`${url}/v1/jobs/${id}`)).json();
      if (job.id !== id) tally.unreadableAfterKill++;
      if (job.state === 'done') {
        const { results } = await (await fetch(`${url}/v1/jobs/${id}/results`)).json();
        tally.jobs++;
        if (told(results) !== expected) tally.lostResults++;
        id = undefined;
      }
    }
    id ??= (await post(url, '/v1/jobs', request)).id;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, after - (performance.now() - begun))));
  }
  service.child.kill('SIGKILL');
  build.child.kill('SIGKILL');
  await service.ended;
  const { code: built } = await build.ended;
  tally.kills++;
  if (built === 0) {
    tally.builds++;
    if (filesOf('killed', 'whole') !== filesOf('indexes', 'whole')) tally.brokenBuilds++;
    rmSync(join(folder, 'killed'), { recursive: true, force: true });
  } else if (built !== null) throw new Error(`A build failed: ${(await build.ended).said}`);
  build = indexing('whole', 'killed');
}
// What was left is ended in peace, and must be whole as well.
const service = await serving('jobs');
const url = await service.url;
if (id !== undefined) {
  await waitFor(url, id);
  tally.jobs++;
  if (told((await (await fetch(`${url}/v1/jobs/${id}/results`)).json()).results) !== expected) tally.lostResults++;
}
service.child.kill('SIGTERM');
await service.ended;
const last = await build.ended;
if (last.code === 0) {
  tally.builds++;
  if (filesOf('killed', 'whole') !== filesOf('indexes', 'whole')) tally.brokenBuilds++;
}
rmSync(folder, { recursive: true, force: true });
if (values.json) console.log(JSON.stringify(tally));
else console.table(tally);
process.exit(tally.lostResults + tally.brokenBuilds + tally.unreadableAfterKill === 0 && last.code === 0 ? 0 : 1);
