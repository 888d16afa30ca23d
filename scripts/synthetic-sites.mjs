// Writes SYNTHETIC sites of cells with a table, for checks of training: a phenotype that follows from the structure, shown with noise.
// node scripts/synthetic-sites.mjs MOLECULES FOLDER [--compounds 19035] [--sites 2] [--folds 9] [--noise 0.35] [--side 64] [--seed 1]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { ChemPool } from '../dist/chem/index.js';
import { createRng } from '../dist/core/index.js';
import { SYNTHETIC_CHANNELS, TRAITS, perfectRetrieval, phenotypes, renderSite, shownPhenotype } from '../dist/evaluate/index.js';

const option = (fallback) => ({ type: 'string', default: fallback });
const { values, positionals: [source, folder] } = parseArgs({
  allowPositionals: true, options: { compounds: option('19035'), sites: option('2'), folds: option('9'), noise: option('0.35'), side: option('64'), seed: option('1') },
});
if (source === undefined || folder === undefined) throw new Error('Expected a file of SMILES and a folder.');
const [compounds, sites, folds, noise, side, seed] = ['compounds', 'sites', 'folds', 'noise', 'side', 'seed'].map((name) => Number(values[name]));
/** Substructures: atoms with their neighbours. */
const WIDTH = 128;

const bytes = readFileSync(source);
const lines = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8').split(/\r?\n/).map((line) => line.split(/[\s,]/)[0]).filter(Boolean);
const chem = new ChemPool({ workers: 2 });
const drawn = createRng(seed).shuffle(lines).slice(0, Math.ceil(compounds * 1.3));
const { molecules, counts } = await chem.featurise(drawn, { counts: { parts: { kind: 'morgan', radius: 1, bits: WIDTH } } });
await chem.close();
const first = new Map();
molecules.forEach(({ connectivityKey }, row) => { if (!first.has(connectivityKey) && first.size < compounds) first.set(connectivityKey, row); });
const rows = [...first.values()];
if (rows.length < compounds) throw new Error(`Expected ${compounds} distinct molecules but ${source} gave ${rows.length}.`);
const all = phenotypes(counts.parts, WIDTH, seed);
const chosen = rows.map((row) => all[row]);

const rng = createRng(seed + 1);
const table = ['file\tsmiles'];
for (const [i, row] of rows.entries()) {
  const part = join('sites', String(Math.floor(i / 1000)));
  mkdirSync(join(folder, part), { recursive: true });
  for (let site = 0; site < sites; site++) {
    const pixels = renderSite(shownPhenotype(chosen[i], noise, rng), side, rng);
    const file = join(part, `${i}-${site}.tif`);
    const raw = { width: side, height: SYNTHETIC_CHANNELS * side, channels: 1, pageHeight: side };
    writeFileSync(join(folder, file), await sharp(pixels, { raw }).toColourspace('b-w').tiff({ compression: 'none' }).toBuffer());
    table.push(`${file}\t${molecules[row].parentSmiles}`);
  }
}
writeFileSync(join(folder, 'synthetic-sites.tsv'), `${table.join('\n')}\n`);
const pool = Math.floor(compounds / folds);
const perfect = perfectRetrieval(chosen.slice(0, pool), noise, sites, seed + 2).map((share) => Number(share.toFixed(3)));
writeFileSync(join(folder, 'synthetic-sites.json'), `${JSON.stringify({ what: 'SYNTHETIC sites of cells', traits: TRAITS, compounds, sites, noise, side, seed, pool, perfect }, null, 1)}\n`);
console.log(`${compounds} compounds, ${sites} synthetic sites each. A perfect model finds the structure among ${pool} first in ${perfect[0]}, among five in ${perfect[1]}, among ten in ${perfect[2]}.`);
