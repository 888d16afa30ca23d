/**
 * One scan of a library's columns in this thread: the TypeScript version and the native one, on a bundle's own rows and on as many as are
 * asked for (the same rows over and over). Median milliseconds of: nearest by fingerprint and by pharmacophore, terms of 1,200 rows, and filters.
 *
 *   node test/bench/scan.mjs [--bundle demo] [--rows 1000000] [--queries 20] [--json]
 */
import { parseArgs } from 'node:util';
import { openBundle } from '../../dist/bundle/index.js';
import { ColumnTable, createRng, matrixOf } from '../../dist/core/index.js';
import { PROFILE_COLUMNS, PROFILE_VERSION, Profiles } from '../../dist/score/index.js';
import { NativeScanner } from '../../dist/search/scan/native.js';
import { PlainScanner } from '../../dist/search/scan/plain.js';

const { values } = parseArgs({ options: { bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname }, rows: { type: 'string', default: '1000000' }, queries: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } } });
const bundle = await openBundle(values.indexes, values.bundle);
const { count, dimension } = bundle.manifest;

function repeated(rows) {
  const table = ColumnTable.empty(PROFILE_COLUMNS, rows, PROFILE_VERSION);
  for (const column of PROFILE_COLUMNS) {
    const [from, to] = [bundle.profiles.column(column), table.column(column)];
    for (let at = 0; at < to.length; at += from.length) to.set(from.subarray(0, Math.min(from.length, to.length - at)), at);
  }
  const vectors = new Float32Array(new SharedArrayBuffer(rows * dimension * 4));
  for (let at = 0; at < vectors.length; at += bundle.vectors.data.length) vectors.set(bundle.vectors.data.subarray(0, Math.min(bundle.vectors.data.length, vectors.length - at)), at);
  return new Profiles(matrixOf(vectors, dimension), table);
}

function measured(profiles, scanner, queries) {
  const rng = createRng(3);
  const times = {};
  const timed = (name, work) => {
    const start = performance.now();
    work();
    (times[name] ??= []).push(performance.now() - start);
  };
  const all = () => new Uint32Array((profiles.count + 31) >>> 5).fill(0xffffffff, 0, profiles.count >>> 5);
  const rows = Int32Array.from({ length: 1200 }, () => rng.int(profiles.count));
  for (let q = 0; q < queries; q++) {
    const query = profiles.at(rng.int(profiles.count));
    timed('fingerprint', () => scanner.byFingerprint(query, 400, undefined));
    timed('pharmacophore', () => scanner.byPharmacophore(query, 400, undefined));
    timed('terms', () => scanner.terms(query, rows));
    const set = all();
    timed('window', () => scanner.keep({ kind: 'window', column: 0, own: 0, low: -Infinity, high: 450 }, set));
    timed('noAlerts', () => scanner.keep({ kind: 'noAlerts' }, all()));
    timed('unlike', () => scanner.keep({ kind: 'unlike', query, limit: 0.4 }, all()));
    timed('pattern', () => scanner.keep({ kind: 'patterns', patterns: [Uint8Array.from({ length: 256 }, (_, i) => (i < 4 ? 1 : 0))] }, all()));
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, Number(list.sort((a, b) => a - b)[list.length >> 1].toFixed(2))]));
}

const results = [];
for (const rows of new Set([count, Number(values.rows)])) {
  const profiles = rows === count ? new Profiles(bundle.vectors, bundle.profiles) : repeated(rows);
  results.push({ rows, scan: 'native', ...measured(profiles, new NativeScanner(profiles), Number(values.queries)) });
  results.push({ rows, scan: 'TypeScript', ...measured(profiles, new PlainScanner(profiles), Math.min(5, Number(values.queries))) });
}
if (values.json) console.log(JSON.stringify(results));
else console.table(results);
bundle.close();
