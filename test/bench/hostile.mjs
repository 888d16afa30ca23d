/**
 * Hostile requests against a running service: bodies made from its own OpenAPI schemas and bent, mutated SMILES, SMARTS, molfiles and pictures, wrong
 * paths, methods, types and query strings. Each must be answered within 30 s, by success, by a refusal (4xx) with a code, or by 503; the service must
 * live on and answer the same as before. What fails is made as small as it can be, and printed.
 *
 *   node test/bench/hostile.mjs [--bundle demo] [--requests 10000] [--seed N] [--json]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { served, someSmiles } from './served.mjs';

const { values } = parseArgs({ options: {
  bundle: { type: 'string', default: 'demo' }, indexes: { type: 'string', default: new URL('../../indexes', import.meta.url).pathname },
  requests: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' }, json: { type: 'boolean', default: false },
} });
const PATIENCE_MS = 30_000;
const SIDE_BY_SIDE = 4;
const picture = readFileSync(new URL('../../web/examples/celecoxib.png', import.meta.url));
const smiles = await someSmiles(values.indexes, values.bundle, 300, 23);
const service = await served(values.bundle);
const document = await (await fetch(`${service.url}/openapi.json`)).json();

// Texts

const edits = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(3), put: fc.constantFrom('', '(', ')', '[', ']', '=', '#', '@', '@@', '/', '\\', '%99', '1', '9', '.', '*', 'c', 'N', '+', '-9', '[H]', 'Cl', '~', '>', '>>', '$(', '\0', '\u2028', '😀', 'é', ' ') }), { maxLength: 4 });
const bent = (text, list) => list.reduce((all, { at, cut, put }) => {
  const place = Math.floor(at * all.length);
  return all.slice(0, place) + put + all.slice(place + cut);
}, text);
const someStructure = fc.tuple(fc.constantFrom(...smiles), edits).map(([text, list]) => bent(text, list));
const repeated = fc.tuple(fc.constantFrom('C', 'c1ccccc1', '(', '[', 'C(', '.', 'N=', '[Fe]', 'C%10', '[13C@@H]', '~', 'A', '\n', '[#6]~', '$('), fc.integer({ min: 1, max: 3000 })).map(([piece, times]) => piece.repeat(times));
const molfile = fc.tuple(fc.integer({ min: -1, max: 300 }), fc.integer({ min: -1, max: 300 }), fc.array(fc.constantFrom('    0.0000    0.0000    0.0000 C   0  0', '    1.0000    0.0000    0.0000 Xx  0  0', '  1  2  1  0', '  1  1  9  0', 'M  CHG  1   1  99', 'M  END', 'M  V30 BEGIN CTAB', 'nonsense'), { maxLength: 20 }))
  .map(([atoms, bonds, lines]) => `\n  test\n\n${String(atoms).padStart(3)}${String(bonds).padStart(3)}  0  0  0  0  0  0  0  0999 V2000\n${lines.join('\n')}\nM  END\n`);
const text = fc.oneof({ weight: 4, arbitrary: someStructure }, fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 40 }), repeated, molfile, fc.constantFrom('aspirin', 'InChI=1S/CH4/h1H4', 'InChI=1S/', 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', '__proto__', 'constructor', '../../etc/passwd', '', ' '));

// Values by schema, bent now and then

const anything = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 8 }), fc.integer(), { maxKeys: 3 }));
const resolve = (schema) => (schema.$ref === undefined ? schema : schema.$ref.slice(2).split('/').reduce((at, key) => at[key], document));

function fitting(given, depth = 0) {
  const schema = resolve(given);
  if (depth > 6) return anything;
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return fc.oneof(...options.map((one) => bentValue(one, depth + 1)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string': return text;
    case 'boolean': return fc.boolean();
    case 'integer': return fc.oneof(fc.integer({ min: Math.max(schema.minimum ?? 0, -1e6), max: Math.min(schema.maximum ?? 1000, 1e6) }), fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, 1e300));
    case 'number': return fc.oneof(fc.double({ min: -1000, max: 1000, noNaN: true }), fc.constantFrom(0, -0, 1e-300, 1e300));
    case 'array': return fc.oneof({ weight: 9, arbitrary: fc.array(bentValue(schema.items ?? {}, depth + 1), { maxLength: 6 }) }, fc.array(fc.constantFrom('C', 0, null), { minLength: 2000, maxLength: 2000 }));
    case 'object': {
      const own = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, bentValue(one, depth + 1)]));
      return fc.record(own, { requiredKeys: (schema.required ?? []).filter((name) => name in own) });
    }
    default: return anything;
  }
}
const bentValue = (schema, depth = 0) => fc.oneof({ weight: 24, arbitrary: fitting(schema, depth) }, { weight: 1, arbitrary: anything });

// Requests

const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
const filled = (path) => fc.oneof(fc.constantFrom(values.bundle, 'Sildenafil', '1'), text).map((name) => path.replaceAll(/\{\w+\}/g, encodeURIComponent(wellFormed(name).slice(0, 500) || 'x')));
/** Lone surrogates have no place in an address. */
const wellFormed = (value) => value.replaceAll(/\p{Cs}/gu, '\uFFFD');
const queryString = fc.oneof({ weight: 5, arbitrary: fc.constant('') }, fc.array(fc.tuple(fc.constantFrom('format', 'k', 'index', 'mode', 'width', 'height', 'theme', 'offset', 'limit', 'from', 'structure', 'x'), text), { maxLength: 3 })
  .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(value).slice(0, 200))}`).join('&')}`));
const bytes = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat(255) }), { maxLength: 12 }).chain((list) => fc.constantFrom(1, 0.5, 0.01, 0.999).map((share) => {
  const copy = Buffer.from(picture.subarray(0, Math.ceil(picture.length * share)));
  for (const { at, value } of list) copy[Math.floor(at * copy.length)] = value;
  return copy;
}));

function requestOf({ path, method, operation }) {
  const contents = Object.entries(operation.requestBody?.content ?? {});
  const bodies = contents.map(([type, { schema }]) => {
    if (type === 'application/json') return bentValue(schema).map((value) => ({ type, body: JSON.stringify(value) ?? '' }));
    if (type === 'multipart/form-data') return fc.tuple(bytes, fc.constantFrom('image', 'site', 'table', 'file'), fc.boolean()).map(([file, field, isWhole]) => ({ type: 'multipart/form-data; boundary=x', body: Buffer.concat([Buffer.from(`--x\r\ncontent-disposition: form-data; name="${field}"; filename="a.png"\r\n\r\n`), file, Buffer.from(isWhole ? '\r\n--x--\r\n' : '')]) }));
    return bytes.map((body) => ({ type, body }));
  });
  const wrong = fc.tuple(fc.constantFrom('application/json', 'text/plain', 'image/png', 'application/json; charset=utf-16', ''), text).map(([type, body]) => ({ type, body: wellFormed(body) }));
  const body = method === 'get' ? fc.constant(undefined) : fc.oneof({ weight: 12, arbitrary: fc.oneof(...(bodies.length > 0 ? bodies : [fc.constant(undefined)])) }, { weight: 1, arbitrary: wrong });
  const verb = fc.oneof({ weight: 30, arbitrary: fc.constant(method.toUpperCase()) }, { weight: 1, arbitrary: fc.constantFrom('PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD') });
  return fc.record({ verb, path: filled(path), query: queryString, body, accept: fc.oneof({ weight: 6, arbitrary: fc.constant('*/*') }, fc.constantFrom('text/csv', 'chemical/x-mdl-sdfile', 'application/json', 'image/png', '')) });
}

// A measurement of recall takes as long as it was told to: a few are enough.
const weights = (path) => (path.endsWith('/recall') ? 1 : path.startsWith('/v1/jobs') ? 2 : 8);
const anyRequest = fc.oneof(...operations.map((one) => ({ weight: weights(one.path), arbitrary: requestOf(one) })));

const statuses = new Map();
const slowest = { ms: 0, path: '' };
async function answered({ verb, path, query, body, accept }) {
  const begun = performance.now();
  const response = await fetch(`${service.url}${path}${query}`, {
    method: verb, signal: AbortSignal.timeout(PATIENCE_MS), headers: { accept, ...(body === undefined || body.type === '' ? {} : { 'content-type': body.type }) },
    ...(body === undefined || verb === 'HEAD' || verb === 'OPTIONS' || verb === 'GET' ? {} : { body: body.body }),
  });
  const content = await response.text();
  const ms = performance.now() - begun;
  if (ms > slowest.ms) Object.assign(slowest, { ms: Math.round(ms), path: `${verb} ${path}`.slice(0, 80) });
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  if (response.status >= 500 && response.status !== 503) throw new Error(`${response.status}: ${content.slice(0, 500)}`);
  if (response.status >= 400 && verb !== 'HEAD' && typeof JSON.parse(content).code !== 'string') throw new Error(`No code: ${content.slice(0, 300)}`);
}

const good = async () => {
  const { hits } = await (await service.post('/v1/search', JSON.stringify({ query: { smiles: smiles[0] }, k: 10 }))).json();
  return JSON.stringify(hits);
};
const before = await good();
const failures = [];
const runs = Math.ceil(Number(values.requests) / SIDE_BY_SIDE);
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async (_, lane) => {
  const found = await fc.check(fc.asyncProperty(anyRequest, answered), { numRuns: runs, seed: Number(values.seed) * 100 + lane, endOnFailure: false });
  if (found.failed) failures.push({ request: shown(found.counterexample?.[0]), error: String(found.errorInstance).slice(0, 800) });
}));
const isSame = service.isRunning && (await good()) === before;
await service.stop();
const result = { requests: [...statuses.values()].reduce((sum, n) => sum + n, 0), statuses: Object.fromEntries([...statuses].sort(([a], [b]) => a - b)), slowestMs: slowest.ms, slowest: slowest.path, failures: failures.length, answersAsBefore: isSame };
if (values.json) console.log(JSON.stringify({ ...result, failed: failures }));
else {
  for (const one of failures) console.log(JSON.stringify(one));
  console.table({ ...result, statuses: JSON.stringify(result.statuses) });
}
process.exit(failures.length === 0 && isSame ? 0 : 1);

function shown(request) {
  const body = request?.body?.body;
  return { ...request, body: body === undefined ? undefined : { type: request.body.type, body: Buffer.isBuffer(body) ? body.toString('base64').slice(0, 400) : body.slice(0, 1000) } };
}
