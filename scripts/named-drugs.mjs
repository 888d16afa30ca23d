/**
 * Remakes indexes/demo-library/named-drugs.tsv.gz: the drugs of the Drug Repurposing Hub with their other names (see PROVENANCE.md there).
 * Not needed to use IsoLens.
 *
 *   node scripts/named-drugs.mjs repurposing_hub.tsv.gz drugbank_vocabulary.tsv.gz
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { ChemPool } from '../dist/chem/index.js';

const [hubPath, vocabularyPath] = process.argv.slice(2);
if (hubPath === undefined || vocabularyPath === undefined) {
  console.error('Expected the files repurposing_hub.tsv.gz and drugbank_vocabulary.tsv.gz as arguments.');
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => parse(path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path), { columns: true, delimiter: '\t', quote: false, relax_column_count: true });
const split = (text, separator) => (text ?? '').split(separator).map((one) => one.trim()).filter((one) => one !== '');

const brands = new Map(read(join(root, 'scripts', 'data', 'brand-names.tsv')).map(({ drug, brands: names }) => [drug, split(names, '|')]));
const vocabulary = new Map();
for (const { inchikey, name, synonyms, cas, drugbank_id: id } of read(vocabularyPath)) {
  if (inchikey) vocabulary.set(inchikey, { name, names: [name, ...split(synonyms, ' | '), cas, id].filter(Boolean) });
}

const pool = new ChemPool({ workers: 2 });
const samples = read(hubPath);
const outcomes = await pool.standardise(samples.map(({ smiles }) => smiles));
await pool.close();

/** One drug a parent: its samples differ in salt and vendor. */
const drugs = new Map();
const left = {};
samples.forEach((sample, i) => {
  const outcome = outcomes[i];
  if (!outcome.ok) {
    left[outcome.error.code] = (left[outcome.error.code] ?? 0) + 1;
    return;
  }
  const { inchiKey, parentSmiles } = outcome.value;
  const known = drugs.get(inchiKey) ?? { smiles: parentSmiles, names: new Set(), sample };
  known.names.add(sample.pert_iname.trim());
  known.names.add(sample.broad_id.split('-').slice(0, 2).join('-'));
  for (const name of vocabulary.get(inchiKey)?.names ?? vocabulary.get(sample.InChIKey)?.names ?? []) known.names.add(name);
  for (const name of brands.get(sample.pert_iname) ?? []) known.names.add(name);
  drugs.set(inchiKey, known);
});
const text = (value) => value.replaceAll(/[\t\r\n]+/g, ' ').trim();
const lines = [...drugs.values()].map(({ smiles, names, sample }) => {
  const [name, ...others] = [...names].filter((one) => one !== '');
  const gene = split(sample.target, '|').join(', ');
  return [name, smiles, others.join('|'), gene, sample.moa.split('|').join(', '), sample.indication.split('|').join(', '), sample.clinical_phase].map(text).join('\t');
}).sort();
const table = `${['name', 'smiles', 'synonyms', 'target', 'mechanism', 'indication', 'phase'].join('\t')}\n${lines.join('\n')}\n`;
writeFileSync(join(root, 'indexes', 'demo-library', 'named-drugs.tsv.gz'), gzipSync(table, { level: 9 }));
console.log(`${lines.length} drugs of ${samples.length} samples; left out: ${JSON.stringify(left)}`);
