/** A service of its own for a benchmark: started, asked, stopped. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/isolens.js', import.meta.url));

/** bundle: name or path of a folder. Resolves when it listens. */
export async function served(bundle, further = []) {
  const jobs = mkdtempSync(join(tmpdir(), 'bench-jobs-'));
  const child = spawn(process.execPath, [BIN, 'serve', '--bundle', bundle, '--port', '0', '--jobs', jobs, ...further], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      said += data;
      const found = /http:\S+/.exec(said);
      if (found !== null) resolve(found[0]);
    });
    child.stderr.on('data', (data) => (said += data));
    child.once('exit', (code) => reject(new Error(`The service ended with ${code}: ${said.slice(-2000)}`)));
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stderr.removeAllListeners('data');
  child.stderr.resume();
  return {
    url,
    pid: child.pid,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    post: (path, body) => fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(jobs, { recursive: true, force: true });
    },
  };
}

/** SMILES spread over a library, by its own API-independent store. */
export async function someSmiles(indexes, bundle, count, seed) {
  const { openBundle } = await import('../../dist/bundle/index.js');
  const { createRng } = await import('../../dist/core/index.js');
  const { manifest, molecules, close } = await openBundle(indexes, bundle);
  const rng = createRng(seed);
  const found = Array.from({ length: count }, () => molecules.get(rng.int(manifest.count)).smiles);
  close();
  return found;
}

export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
