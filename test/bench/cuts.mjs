/**
 * Matched-pair cuts on our own graph beside RDKit's, what changed between two molecules, and the table of replacements. Processor
 * time of this thread, so that other programs on the machine do not count.
 *
 *   node test/bench/cuts.mjs [--molecules 1000] [--json]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { changesBetween } from '../../dist/chem/cuts/change.js';
import { cutRecords } from '../../dist/chem/cuts/table.js';
import { createKernel } from '../../dist/chem/kernel.js';
import { graphOf } from '../../dist/chem/molecule-graph.js';
import { withTrusted } from '../../dist/chem/rdkit.js';
import { Replacements } from '../../dist/replacements/index.js';

const { values } = parseArgs({ options: { molecules: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } } });
const count = Number(values.molecules);
const root = new URL('../../', import.meta.url);
const lines = gunzipSync(readFileSync(new URL('indexes/demo-library/molecules.smi.gz', root))).toString('utf8').split('\n');
const step = Math.floor(lines.length / count);
const smiles = Array.from({ length: count }, (_, i) => lines[i * step].split(/\s/)[0]).filter((one) => !one.includes('.'));
const { rdkit } = await createKernel();

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const timed = (work) => {
  const start = cpuMs();
  work();
  return cpuMs() - start;
};
const graphs = smiles.map((one) => withTrusted(rdkit, one, graphOf));
const perSecond = (ms, n) => Math.round((1000 * n) / ms);
const cut = (cuts) => () => graphs.forEach((graph) => cutRecords(graph, { cuts, variable: 13 }));
const rdkitCut = (cuts, n) => () => smiles.slice(0, n).forEach((one) => withTrusted(rdkit, one, (mol) => {
  const { cores, sidechains } = mol.get_mmpa_frags(1, cuts, 20);
  cores?.delete();
  sidechains?.delete();
}));
cut(3)();
const few = Math.min(60, smiles.length);
const alike = graphs.slice(1).map((graph, i) => [graphs[i], graph]);
alike.slice(0, 100).forEach(([a, b]) => changesBetween(a, b));
const path = new URL('indexes/models/replacements/replacements.bin.gz', root).pathname;
Replacements.open(path);
let table;
const openMs = timed(() => { table = Replacements.open(path); });
const result = {
  molecules: smiles.length,
  readPerSecond: perSecond(timed(() => smiles.forEach((one) => withTrusted(rdkit, one, graphOf))), smiles.length),
  oneCutPerSecond: perSecond(timed(cut(1)), graphs.length),
  threeCutsPerSecond: perSecond(timed(cut(3)), graphs.length),
  rdkitOneCutPerSecond: perSecond(timed(rdkitCut(1, few)), few),
  rdkitThreeCutsPerSecond: perSecond(timed(rdkitCut(3, few)), few),
  changeMs: Number((timed(() => alike.forEach(([a, b]) => changesBetween(a, b))) / alike.length).toFixed(3)),
  openMs: Math.round(openMs),
  replacements: table.count,
  fragments: table.fragmentCount,
};
console.log(values.json ? JSON.stringify(result) : result);
