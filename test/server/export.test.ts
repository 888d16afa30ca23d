/** Files over HTTP: what is negotiated, what is refused, and what stands in them. Structures are in test/ingest and test/cli. */
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILE_FORMATS, FILE_FORMAT_IDS, MAX_EXPORT_RECORDS } from '../../src/api/index.ts';
import { WRITERS } from '../../src/ingest/index.ts';
import { problemIn, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${app.url}${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
const search = (accept?: string, query = ''): Promise<Response> => send(`/v1/search${query}`, { query: { smiles: 'CCO' } }, accept === undefined ? {} : { accept });
const COLUMNS = [
  'rank', 'id', 'names', 'smiles', 'inchiKey', 'score', 'cosine', 'percentile', 'tanimoto', 'sameScaffold', 'reason', 'molecularWeight', 'alerts', 'target', 'count', 'note',
  'query', 'mode', 'index', 'generation',
];
const CELLS = [
  '1', 'M-1', 'ethanol', 'CCO', 'LFQSCWFLJHTTHZ-UHFFFAOYSA-N', '0.9', '0.8', '99.9', '1', 'false', 'Keeps 2 of 3 heavy atoms.', '46.07', 'none of note', 'none', '2', '',
  'CCO', 'default', 'demo', 'g1',
];

describe('the formats of an answer', () => {
  it('are those of the writers', () => {
    expect(WRITERS.map(({ id, extensions }) => [id, extensions[0]])).toEqual(FILE_FORMAT_IDS.map((id) => [id, FILE_FORMATS[id].extension]));
  });

  it('are chosen by Accept, with its weights, and by ?format= before it', async () => {
    const cases: [accept: string | undefined, query: string, type: string][] = [
      [undefined, '', 'application/json'], ['*/*', '', 'application/json'], ['application/json', '', 'application/json'], ['application/*', '', 'application/json'],
      ['text/html, */*;q=0.1', '', 'application/json'], ['text/csv', '', 'text/csv'], ['text/csv;q=0.1, chemical/x-mdl-sdfile', '', 'chemical/x-mdl-sdfile'],
      ['application/json;q=0.5, text/*', '', 'text/csv'], ['chemical/x-daylight-smiles', '', 'chemical/x-daylight-smiles'], ['application/x-ndjson', '', 'application/x-ndjson'],
      ['application/json', '?format=sdf', 'chemical/x-mdl-sdfile'], ['text/html', '?format=json', 'application/json'], ['text/csv', '?format=smiles', 'chemical/x-daylight-smiles'],
    ];
    for (const [accept, query, type] of cases) {
      const response = await search(accept, query);
      expect([accept, query, response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([accept, query, 200, type]);
      expect(response.headers.get('vary')).toContain('Accept');
      expect(response.headers.get('content-disposition')).toBe(type === 'application/json' ? null : `attachment; filename=isolens${Object.values(FILE_FORMATS).find(({ mediaType }) => mediaType === type)!.extension}`);
    }
    expect((await search('text/csv')).headers.get('content-type')).toBe('text/csv; charset=utf-8');
  });

  it('are listed where another is asked for, before anything is searched', async () => {
    app.service.asked.length = 0;
    for (const response of [await search('text/html'), await search('application/pdf, image/*'), await search(undefined, '?format=xlsx'), await search(undefined, '?format=csv&format=sdf'), await send('/v1/search/image', 'x', { accept: 'text/html', 'content-type': 'image/png' })]) {
      const problem = (await problemIn(response)) as Awaited<ReturnType<typeof problemIn>> & { details: { accepted: string[]; formats: string[] } };
      expect(problem).toMatchObject({ status: 406, code: 'NOT_ACCEPTABLE' });
      expect(problem.details.accepted).toEqual(['application/json', ...Object.values(FILE_FORMATS).map(({ mediaType }) => mediaType)]);
      expect(problem.details.formats).toEqual(['json', ...FILE_FORMAT_IDS]);
      expect(response.headers.get('vary')).toContain('Accept');
    }
    expect(app.service.asked).toEqual([]);
    expect((await send('/v1/search?k=3', { query: { smiles: 'C' } })).status).toBe(400);
  });

  it('hold every column of a hit', async () => {
    expect(parse(await (await search('text/csv')).text())).toEqual([COLUMNS, CELLS]);
    expect(await (await search('chemical/x-daylight-smiles')).text()).toBe('CCO\tM-1\n');
    const line = JSON.parse(await (await search('application/x-ndjson')).text()) as Record<string, unknown>;
    expect(Object.keys(line)).toEqual(COLUMNS);
    expect(line).toMatchObject({ rank: 1, score: 0.9, sameScaffold: false, note: null, index: 'demo' });
    const sdf = await (await search('chemical/x-mdl-sdfile')).text();
    for (const [i, column] of COLUMNS.entries()) expect(sdf.includes(`>  <${column}>\n${CELLS[i]}\n`), column).toBe(CELLS[i] !== '');
    const picture = await fetch(`${app.url}/v1/search/image?format=csv&k=3`, { method: 'POST', body: PNG, headers: { 'content-type': 'image/png' } });
    expect(parse(await picture.text())).toEqual([COLUMNS, [...CELLS.slice(0, -4), '', 'similarity', 'demo', 'g1']]);
    expect(app.service.asked.at(-1)!.options).toMatchObject({ k: 3 });
  });

  it('tell a failure as a problem all the same', async () => {
    expect(await problemIn(await send('/v1/search', {}, { accept: 'text/csv' }))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });
});

describe('POST /v1/export', () => {
  const records = [
    { smiles: 'CCO', id: 'a', fields: { note: '=cmd()', score: 0.5, id: 'inner' } },
    { smiles: 'Xnothing', id: 'b ü,', fields: { other: true } },
  ];
  const exported = (format: string, more: object = {}): Promise<Response> => send('/v1/export', { format, records, ...more });

  it('writes each format, under the name that is asked for', async () => {
    const provenance = { query: 'CC', date: '2026-11-28' };
    const csv = await exported('csv', { name: '../my "list"/ü.csv', provenance });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="_my _list_ü?\??.*\.csv"/);
    expect(csv.headers.get('cache-control')).toBe('no-store');
    expect(await csv.text()).toBe(
      'id,smiles,note,score,id_2,other,query,date\r\na,CCO,\'=cmd(),0.5,inner,,CC,2026-11-28\r\n"b ü,",Xnothing,,,,true,CC,2026-11-28\r\n',
    );
    const jsonl = await (await exported('jsonl', { provenance })).text();
    expect(jsonl.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 'a', smiles: 'CCO', note: '=cmd()', score: 0.5, id_2: 'inner', other: null, provenance },
      { id: 'b ü,', smiles: 'Xnothing', note: null, score: null, id_2: null, other: true, provenance },
    ]);
    expect(await (await exported('smiles')).text()).toBe('CCO\ta\nXnothing\tb ü,\n');
    const sdf = await exported('sdf', { provenance, name: 'list' });
    expect([sdf.headers.get('content-type'), sdf.headers.get('content-disposition')]).toEqual(['chemical/x-mdl-sdfile', 'attachment; filename=list.sdf']);
    expect((await sdf.text()).match(/>  <query>\nCC\n/g)).toHaveLength(2);
  });

  it('names what has no structure, and keeps it in the file', async () => {
    const response = await exported('sdf');
    expect([response.headers.get('x-skipped'), response.headers.get('x-skipped-count')]).toEqual([encodeURIComponent('b ü,'), '1']);
    expect((await response.text()).match(/^\$\$\$\$$/gm)).toHaveLength(2);
    const many = Array.from({ length: 200 }, (_, i) => ({ smiles: 'X', id: `\uD800${'ü'.repeat(150)}${i}` }));
    const skipped = await send('/v1/export', { format: 'sdf', records: many });
    expect(skipped.headers.get('x-skipped')!.length).toBeLessThanOrEqual(2000);
    expect(decodeURIComponent(skipped.headers.get('x-skipped')!.split(',')[0]!)).toBe(`\uFFFD${'ü'.repeat(150)}0`);
    expect(skipped.headers.get('x-skipped-count')).toBe('200');
    expect((await exported('csv', { records: [records[0]] })).headers.get('x-skipped')).toBeNull();
  });

  it('takes ten thousand records and no more', async () => {
    const list = (count: number): object => ({ records: Array.from({ length: count }, (_, i) => ({ smiles: 'CCO', id: String(i) })) });
    const text = await (await exported('csv', list(MAX_EXPORT_RECORDS))).text();
    expect(text.split('\r\n')).toHaveLength(MAX_EXPORT_RECORDS + 2);
    expect(await problemIn(await exported('csv', list(MAX_EXPORT_RECORDS + 1)))).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(await problemIn(await exported('csv', { records: [{ smiles: 'C', id: 'x', fields: { a: 'x'.repeat(9_000_000) } }] }))).toMatchObject({ status: 413, code: 'REQUEST_TOO_LARGE' });
  });

  it('refuses what is no list of records, and logs no structure', async () => {
    for (const wrong of [{ records: [] }, { records: [{ smiles: 'C' }] }, { records: [{ smiles: '', id: 'a' }] }, { records: [{ smiles: 'C', id: 'a', fields: { x: [] } }] }, { format: 'pdf' }, { more: 1 }, { provenance: { a: 1 } }]) {
      expect(await problemIn(await exported('csv', wrong)), JSON.stringify(wrong)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    }
    expect(await problemIn(await send('/v1/export?format=csv', { format: 'csv', records }))).toMatchObject({ status: 400 });
    expect(JSON.stringify(app.log)).not.toContain('CCO');
  });
});
