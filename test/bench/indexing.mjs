/**
 * `isolens index` from a file of SMILES to a published bundle, without the map: molecules a second, whole command.
 *
 *   node test/bench/indexing.mjs [--molecules 52000] [--rounds 3] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const { values } = parseArgs({ options: { molecules: { type: 'string', default: '52000' }, rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } });
const root = new URL('../../', import.meta.url);
const lines = gunzipSync(await readFile(new URL('indexes/demo-library/molecules.smi.gz', root))).toString('utf8').trim().split('\n').slice(0, Number(values.molecules));
const folder = await mkdtemp(join(tmpdir(), 'isolens-bench-'));
const seconds = [];
try {
  const library = join(folder, 'library.smi');
  await writeFile(library, `${lines.join('\n')}\n`);
  for (let round = 0; round < Number(values.rounds); round++) {
    const started = performance.now();
    const child = spawn(process.execPath, [new URL('bin/isolens.js', root).pathname, 'index', '--input', library, '--bundle', join(folder, `bundle-${round}`), '--no-map'], { stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`Expected the library to be indexed but the command ended with ${code}.`);
    seconds.push((performance.now() - started) / 1000);
    await rm(join(folder, `bundle-${round}`), { recursive: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
seconds.sort((a, b) => a - b);
const middle = seconds[seconds.length >> 1];
const result = { molecules: lines.length, seconds: Number(middle.toFixed(1)), perSecond: Math.round(lines.length / middle) };
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
