/**
 * Textbook bioisosteres among the first replacements that the shipped table lists for a group: of sixty pairs from reviews (their DOIs stand in
 * textbook-bioisosteres.tsv), the share among the first 10 and 20, and the place of each.
 *
 *   node test/bench/textbook.mjs [--table replacements.bin.gz] [--each] [--json]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { table: { type: 'string' }, each: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
const root = new URL('../../', import.meta.url);
const rdkit = await createRequire(import.meta.url)('@rdkit/rdkit')();
const [, ...lines] = readFileSync(new URL('textbook-bioisosteres.tsv', import.meta.url), 'utf8').trim().split('\n');
const pairs = lines.map((line) => {
  const [group, from, to, name] = line.split('\t');
  return { group, from, to, name };
});

/** Attachment points keep their numbers: a reversed amide is another group. */
function canonical(fragment) {
  const mol = rdkit.get_mol(fragment);
  const smiles = mol.get_smiles();
  mol.delete();
  return smiles;
}

const LISTED = 100;
const listed = new Map([...new Set(pairs.map(({ from }) => from))].map((from) => {
  const table = values.table === undefined ? [] : ['--table', values.table];
  const out = execFileSync(process.execPath, [new URL('bin/isolens.js', root).pathname, 'replace', '--smiles', from, ...table, '-k', String(LISTED), '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return [from, JSON.parse(out).groups.flatMap(({ replacements }) => replacements.map(({ to }) => canonical(to)))];
}));
const placed = pairs.map((pair) => ({ ...pair, place: listed.get(pair.from).indexOf(canonical(pair.to)) + 1 || null }));
const share = (some, k) => Number((some.filter(({ place }) => place !== null && place <= k).length / some.length).toFixed(3));
const table = [...new Set(pairs.map(({ group }) => group)), 'all'].map((group) => {
  const some = group === 'all' ? placed : placed.filter((pair) => pair.group === group);
  return { group, pairs: some.length, first10: share(some, 10), first20: share(some, 20), listed: share(some, LISTED) };
});
if (values.json) console.log(JSON.stringify({ table, pairs: placed }, null, 1));
else {
  console.table(table);
  if (values.each) console.table(placed.map(({ group, name, to, place }) => ({ group, name, to, place: place ?? '-' })));
}
