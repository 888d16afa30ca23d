/**
 * Remakes indexes/demo-library from the npm package @datagrok/chem (see PROVENANCE.md there). Not needed to use IsoLens.
 *
 *   npm pack @datagrok/chem@1.17.15 && tar xzf datagrok-chem-1.17.15.tgz
 *   unzip -d package/files/tests package/files/tests/smiles_500K.zip
 *   node scripts/demo-library.mjs package
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { ChemPool } from '../dist/chem/index.js';

const MOLECULES = 52_000;
/** Every ninth line of the 500,000: spread over the whole file. */
const STRIDE = 9;
const ELEMENTS = new Set(['C', 'H', 'B', 'N', 'O', 'F', 'P', 'S', 'Cl', 'Br', 'I']);

const packageFolder = process.argv[2];
if (packageFolder === undefined) {
  console.error('Expected the unpacked package folder as the only argument.');
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const tests = join(packageFolder, 'files', 'tests');
const out = join(root, 'indexes', 'demo-library');
const pool = new ChemPool({ workers: 2 });
await writeMolecules();
await writeDrugs();
await pool.close();

async function writeMolecules() {
  const lines = readFileSync(join(tests, 'smiles_500K.csv'), 'utf8').split(/\r?\n/).slice(1);
  const order = Array.from({ length: STRIDE }, (_, phase) => lines.flatMap((smiles, i) => (i % STRIDE === phase && smiles !== '' ? [{ smiles, line: i + 2 }] : []))).flat();
  const candidates = order.slice(0, Math.ceil(MOLECULES * 1.15));
  const outcomes = await pool.standardise(candidates.map((candidate) => candidate.smiles));
  const seen = new Set();
  const kept = [];
  candidates.forEach((candidate, i) => {
    const outcome = outcomes[i];
    if (!outcome.ok || !drugLike(outcome.value) || seen.has(outcome.value.inchiKey) || kept.length === MOLECULES) return;
    seen.add(outcome.value.inchiKey);
    kept.push(`${candidate.smiles} DG${String(candidate.line).padStart(6, '0')}`);
  });
  kept.sort((a, b) => (a.slice(a.indexOf(' ')) < b.slice(b.indexOf(' ')) ? -1 : 1));
  writeFileSync(join(out, 'molecules.smi.gz'), gzipSync(`${kept.join('\n')}\n`, { level: 9 }));
  console.log(`molecules: ${kept.length} of ${candidates.length} candidates`);
}

/** Neutral single compounds of 10 to 45 heavy atoms and at most 600 g/mol from the elements of medicinal chemistry. */
function drugLike(molecule) {
  const composition = [...molecule.formula.matchAll(/([A-Z][a-z]?)(\d*)/g)].map(([, symbol, count]) => [symbol, Number(count || 1)]);
  if (composition.some(([symbol]) => !ELEMENTS.has(symbol))) return false;
  if (molecule.charge !== 0 || molecule.warnings.includes('MIXTURE')) return false;
  const heavy = composition.reduce((sum, [symbol, count]) => sum + (symbol === 'H' ? 0 : count), 0);
  const masses = { H: 1.008, B: 10.81, C: 12.011, N: 14.007, O: 15.999, F: 18.998, P: 30.974, S: 32.06, Cl: 35.45, Br: 79.904, I: 126.904 };
  const weight = composition.reduce((sum, [symbol, count]) => sum + masses[symbol] * count, 0);
  return heavy >= 10 && heavy <= 45 && weight <= 600;
}

async function writeDrugs() {
  const curated = parse(readFileSync(join(root, 'scripts', 'data', 'curated-drugs.tsv')), { columns: true, delimiter: '\t', quote: false });
  const table = parse(readFileSync(join(tests, 'approved-drugs-100.csv')), { columns: true, bom: true });
  const listed = table.filter(approved).map((row) => ({
    name: row['chemical name'].trim(),
    smiles: row.molecule,
    target: row['target name'].trim(),
    indication: row['therapeutic effect name'].trim() || row['therapeutic class name'].trim(),
  }));
  const rows = [...curated.map((row) => ({ ...row, source: 'IsoLens' })), ...listed.map((row) => ({ ...row, source: '@datagrok/chem' }))];
  const outcomes = await pool.standardise(rows.map((row) => row.smiles));
  const seen = new Set();
  const lines = [['name', 'smiles', 'target', 'indication', 'source'].join('\t')];
  rows.forEach((row, i) => {
    const outcome = outcomes[i];
    if (!outcome.ok) return console.warn(`left out ${row.name}: ${outcome.error.message}`);
    if (seen.has(outcome.value.connectivityKey)) return;
    seen.add(outcome.value.connectivityKey);
    const smiles = row.source === 'IsoLens' ? row.smiles : outcome.value.parentSmiles;
    lines.push([row.name, smiles, row.target, row.indication, row.source].join('\t'));
  });
  writeFileSync(join(out, 'drugs.tsv'), `${lines.join('\n')}\n`);
  console.log(`drugs: ${lines.length - 1}`);
}

/** Launched or FDA-approved, and neither withdrawn nor only in trials. */
function approved(row) {
  const launched = row['Launched date'].trim();
  return !/withdrawn|phase|preclinical/i.test(launched) && (row['FDA approved'].trim() === 'Yes' || /^\d{4}|^Launched/.test(launched));
}
