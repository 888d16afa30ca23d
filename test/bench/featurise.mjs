/**
 * The native featuriser beside what it replaces: RDKit's calls and the TypeScript twins, one molecule after another. All columns of a
 * library, on one core, on molecules that are standardised already; processor time of this thread, so that other programs on the machine do
 * not count. Rounds alternate; the medians are compared.
 *
 *   node test/bench/featurise.mjs [--molecules 2000] [--rounds 7] [--json]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { countedColumns, rowByRdkit } from '../../dist/chem/counted.js';
import { createKernel, featurise } from '../../dist/chem/index.js';
import { median } from '../../dist/core/index.js';
import { LIBRARY_REQUEST } from '../../dist/score/index.js';

const { values } = parseArgs({ options: { molecules: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '7' }, json: { type: 'boolean', default: false } } });
const root = new URL('../../', import.meta.url);
const lines = gunzipSync(readFileSync(new URL('indexes/demo-library/molecules.smi.gz', root))).toString('utf8').trim().split('\n');
const step = Math.max(1, Math.floor(lines.length / Number(values.molecules)));
const smiles = lines.filter((_, i) => i % step === 0).map((line) => line.split(/\s/)[0]);
const kernel = await createKernel();
const { molecules } = featurise(kernel, smiles, {});

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const timed = (work) => {
  const start = cpuMs();
  work();
  return (cpuMs() - start) / molecules.length;
};
// Scaffolds are written once and remembered; each round meets the library anew, as an index build does.
const native = async () => {
  const fresh = await createKernel();
  fresh.featuriser();
  return timed(() => countedColumns(fresh, molecules, LIBRARY_REQUEST, () => {}));
};
const engineOnly = () => timed(() => kernel.featuriser().compute(molecules.map(({ parentSmiles }) => parentSmiles), {
  bits: Object.values(LIBRARY_REQUEST.bits), counts: [], descriptors: true, scaffold: true, scaffoldKey: true, pharmacophore: true, alerts: true, graph: false,
}, 1));
const oracle = () => timed(() => { for (const molecule of molecules) rowByRdkit(kernel, molecule, LIBRARY_REQUEST); });
oracle();
await native();
const times = { engine: [], columns: [], oracle: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  times.engine.push(engineOnly());
  times.columns.push(await native());
  times.oracle.push(oracle());
}
const [engineMs, columnsMs, oracleMs] = [median(times.engine), median(times.columns), median(times.oracle)];
const understood = kernel.featuriser().compute(molecules.map(({ parentSmiles }) => parentSmiles), { bits: [], counts: [], descriptors: true, scaffold: false, scaffoldKey: false, pharmacophore: false, alerts: false, graph: false }, 1).understood;
const digits = (value) => Number(value.toFixed(4));
const result = {
  molecules: molecules.length, understood: digits(understood.reduce((sum, one) => sum + one, 0) / molecules.length),
  engineMs: digits(engineMs), columnsMs: digits(columnsMs), oracleMs: digits(oracleMs), timesFaster: digits(oracleMs / engineMs), timesFasterWithScaffoldTexts: digits(oracleMs / columnsMs),
};
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
