import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { capabilitiesSchema, indexInfoSchema, moleculeSchema, problemSchema, searchResponseSchema } from '../../src/api/index.ts';
import { IsoLensError } from '../../src/core/index.ts';
import { HIT, MAX_IMAGE_BYTES, problemIn, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(() => {
  app.service.asked.length = 0;
  app.service.failure = undefined;
  app.log.length = 0;
});

const get = (path: string): Promise<Response> => fetch(`${app.url}${path}`);
const post = (path: string, body: RequestInit['body'], type?: string): Promise<Response> => fetch(`${app.url}${path}`, { method: 'POST', body: body ?? null, ...(type === undefined ? {} : { headers: { 'content-type': type } }) });
const search = (body: unknown): Promise<Response> => post('/v1/search', JSON.stringify(body), 'application/json');
/** What clients may keep, and ask whether it still holds. */
const KEPT = ['/v1/indexes', '/v1/indexes/demo', '/v1/indexes/demo/map', '/v1/molecules/M-1', '/v1/molecules/M-1/depiction.svg?width=100'];
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

function form(parts: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) data.append(name, value);
  return data;
}

describe('what is answered', () => {
  it('searches by SMILES, identifier and text', async () => {
    for (const query of [{ smiles: 'CCO' }, { id: 'M-1' }, { text: 'ethanol' }]) {
      const response = await search({ query, k: 3, exact: true, minScore: 0.5, efSearch: 50, excludeSelf: true, index: 'demo', from: 'graph', to: 'smiles' });
      expect(response.status).toBe(200);
      expect(searchResponseSchema.parse(await response.json()).hits).toEqual([HIT]);
      const [kind, value] = Object.entries(query)[0]!;
      expect(app.service.asked.pop()).toEqual({ query: { kind, [kind]: value }, options: { k: 3, exact: true, minScore: 0.5, efSearch: 50, excludeSelf: true, index: 'demo', from: 'graph', to: 'smiles' } });
    }
    await search({ query: { smiles: 'CCO' } });
    expect(app.service.asked.pop()!.options).toEqual({ k: 20, exact: false, excludeSelf: false });
  });

  it('searches by a raw image, whatever its type is called', async () => {
    for (const type of ['image/png', 'image/x-unheard-of', 'application/octet-stream']) {
      const response = await post('/v1/search/image?k=2&exact=true&minScore=0.1', PNG, type);
      expect(searchResponseSchema.parse(await response.json()).query.kind).toBe('image');
      const { query, options } = app.service.asked.pop()!;
      expect(query.kind === 'image' && [...query.bytes]).toEqual([...PNG]);
      expect(options).toMatchObject({ k: 2, exact: true, minScore: 0.1 });
    }
  });

  it('searches by an image in a form, options in the form or in the URL', async () => {
    const response = await post('/v1/search/image?exact=false', form({ image: new Blob([PNG], { type: 'image/png' }), k: '7', index: 'demo' }));
    expect(response.status).toBe(200);
    const { query, options } = app.service.asked.pop()!;
    expect(query.kind === 'image' && [...query.bytes]).toEqual([...PNG]);
    expect(options).toMatchObject({ k: 7, exact: false, index: 'demo' });
  });

  it('shows molecules and their drawings, whatever their identifiers hold', async () => {
    for (const id of [HIT.id, 'A/B c%']) {
      const molecule = await get(`/v1/molecules/${encodeURIComponent(id)}?index=demo`);
      expect(moleculeSchema.parse(await molecule.json())).toMatchObject({ id, smiles: 'CCO' });
      const drawing = await get(`/v1/molecules/${encodeURIComponent(id)}/depiction.svg?width=100&height=90`);
      expect(drawing.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
      expect(await drawing.text()).toContain('width="100" height="90"');
    }
    const any = await post('/v1/depictions', JSON.stringify({ smiles: 'CCN' }), 'application/json');
    expect(await any.text()).toContain('width="260" height="180" class="light alone"');
    const aligned = await post('/v1/depictions', JSON.stringify({ smiles: 'CCN', alignTo: 'CCO', highlightDifference: true, theme: 'dark' }), 'application/json');
    expect(await aligned.text()).toContain('class="dark CCO"');
  });

  it('describes itself', async () => {
    expect(indexInfoSchema.array().parse(await (await get('/v1/indexes')).json())).toHaveLength(1);
    capabilitiesSchema.parse(await (await get('/v1/capabilities')).json());
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
    const page = await get('/');
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('answers HEAD as GET without a body', async () => {
    const known = ['/', '/healthz', '/openapi.json', '/v1/indexes', '/v1/molecules/M-1', '/v1/molecules/M-1/depiction.svg'];
    for (const path of known) {
      const [head, whole] = [await fetch(`${app.url}${path}`, { method: 'HEAD' }), await get(path)];
      expect([head.status, head.headers.get('content-type')], path).toEqual([200, whole.headers.get('content-type')]);
      expect([await head.text(), (await whole.text()).length > 0], path).toEqual(['', true]);
    }
    expect((await fetch(`${app.url}/v1/molecules/nobody`, { method: 'HEAD' })).status).toBe(404);
  });

  it('lets no cache keep answers, and only the browser keep what a library decides', async () => {
    const known = ['/healthz', '/openapi.json', '/v1/capabilities', '/v1/indexes/demo/rejects'];
    for (const path of [...known, '/v1/molecules/nobody', '/v1/molecules/nobody/depiction.svg', '/v1/nothing', '/nothing']) {
      expect((await get(path)).headers.get('cache-control'), path).toBe('no-store');
    }
    const drawing = await post('/v1/depictions', '{"smiles":"CCN"}', 'application/json');
    const answers = [await search({ query: { smiles: 'CCO' } }), await search({}), drawing];
    for (const answer of answers) expect(answer.headers.get('cache-control')).toBe('no-store');
    for (const path of KEPT) expect((await get(path)).headers.get('cache-control'), path).toBe('private, no-cache');
    expect((await get('/')).headers.get('cache-control')).not.toContain('no-store');
  });

  it('keeps the browser strict, and itself to itself', async () => {
    for (const path of ['/', '/healthz', '/v1/indexes', '/nothing']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy')!;
      for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) expect(policy).toContain(rule);
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('logs path and outcome, and no structure', async () => {
    await search({ query: { smiles: 'CCOCCSECRET' } });
    await get('/v1/molecules/M-1?index=demo');
    await expect.poll(() => app.log.length).toBe(2);
    expect(app.log[0]).toMatchObject({ level: 'info', message: 'request', fields: { method: 'POST', path: '/v1/search', status: 200 } });
    expect(JSON.stringify(app.log)).not.toContain('SECRET');
  });
});

describe('what is refused', () => {
  const refused = async (response: Response, status: number, code: string): Promise<string> => {
    const problem = problemSchema.parse(await problemIn(response));
    expect({ status: response.status, inBody: problem.status, code: problem.code }).toEqual({ status, inBody: status, code });
    expect(problem.type).toBe(`urn:isolens:problem:${code.toLowerCase().replaceAll('_', '-')}`);
    expect(problem.requestId).toBe(response.headers.get('x-request-id'));
    expect(problem.detail).toMatch(/\w/);
    return problem.detail;
  };
  const invalid = async (response: Response): Promise<string> => refused(response, 400, 'REQUEST_INVALID');

  it('bodies that are no JSON, or not of the shape', async () => {
    await invalid(await post('/v1/search', '{"query":', 'application/json'));
    await invalid(await post('/v1/search', '', 'application/json'));
    await invalid(await post('/v1/search', '[]', 'application/json'));
    await invalid(await post('/v1/search', 'null', 'application/json'));
    expect(await invalid(await search({}))).toContain('exactly one of');
    expect(await invalid(await search({ query: {} }))).toContain('exactly one of');
    await invalid(await search({ query: { smiles: 5 } }));
    await invalid(await search({ query: { smiles: 'C', id: 'x' } }));
  });

  it('unknown keys, everywhere', async () => {
    expect(await invalid(await search({ query: { smiles: 'C' }, top: 5 }))).toContain('top');
    await invalid(await search({ query: { smiles: 'C', more: 1 } }));
    expect(await invalid(await post('/v1/search?k=5', JSON.stringify({ query: { smiles: 'C' } }), 'application/json'))).toContain('k');
    expect(await invalid(await post('/v1/search/image?top=5', PNG, 'image/png'))).toContain('top');
    await invalid(await post('/v1/search/image', form({ image: new Blob([PNG]), top: '5' })));
    await invalid(await get('/v1/molecules/M-1?size=5'));
    await invalid(await get('/v1/molecules/M-1/depiction.svg?colour=red'));
    await invalid(await post('/v1/depictions', JSON.stringify({ smiles: 'C', scale: 2 }), 'application/json'));
  });

  it('values out of range', async () => {
    for (const wrong of [{ k: 0 }, { k: 10_001 }, { k: 2.5 }, { k: 'many' }, { minScore: 2 }, { exact: 'perhaps' }, { efSearch: 0 }, { index: '' }]) await invalid(await search({ query: { smiles: 'C' }, ...wrong }));
    for (const wrong of ['k=0', 'k=x', 'k=1&k=2', 'minScore=2', 'exact=perhaps']) await invalid(await post(`/v1/search/image?${wrong}`, PNG, 'image/png'));
    for (const wrong of ['width=5', 'width=5000', 'height=x', 'theme=pink']) await invalid(await get(`/v1/molecules/M-1/depiction.svg?${wrong}`));
    expect(app.service.asked).toEqual([]);
  });

  it('other kinds of content', async () => {
    const media = async (response: Response): Promise<string> => refused(response, 415, 'MEDIA_TYPE_UNSUPPORTED');
    await media(await post('/v1/search', 'CCO', 'text/plain'));
    await media(await post('/v1/search', 'smiles=CCO', 'application/x-www-form-urlencoded'));
    await media(await post('/v1/search/image', '{}', 'application/json'));
    await media(await post('/v1/depictions', 'CCO', 'text/plain'));
    await media(await fetch(`${app.url}/v1/search`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', 'content-encoding': 'snappy' } }));
    await media(await post('/v1/search', '{}', 'application/json; charset=koi8-r'));
  });

  it('bodies that are too large, before they are read whole', async () => {
    const large = async (response: Response): Promise<string> => refused(response, 413, 'REQUEST_TOO_LARGE');
    await large(await search({ query: { text: 'C'.repeat(70_000) } }));
    const image = new Uint8Array(MAX_IMAGE_BYTES + 1);
    await large(await post('/v1/search/image', image, 'image/png'));
    await large(await post('/v1/search/image', form({ image: new Blob([image]) })));
    expect(app.service.asked).toEqual([]);
  });

  it('forms without the image, with several, or broken', async () => {
    await refused(await post('/v1/search/image', null, 'image/png'), 422, 'IMAGE_EMPTY');
    await refused(await post('/v1/search/image', form({ k: '5' })), 422, 'IMAGE_EMPTY');
    await invalid(await post('/v1/search/image', form({ picture: new Blob([PNG]) })));
    const two = form({ image: new Blob([PNG]) });
    two.append('image', new Blob([PNG]));
    await invalid(await post('/v1/search/image', two));
    await invalid(await post('/v1/search/image', 'abc', 'multipart/form-data'));
    await invalid(await post('/v1/search/image', '--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc', 'multipart/form-data; boundary=x'));
    await invalid(await post('/v1/search/image', form({ image: new Blob([PNG]), k: '9'.repeat(5000) })));
  });

  it('what is not there', async () => {
    for (const path of ['/v1/nothing', '/v2/search', '/v1/molecules', '/../package.json', '/%2e%2e/package.json', '/.git/config']) await refused(await get(path), 404, 'NOT_FOUND');
    await refused(await get('/v1/molecules/nobody'), 404, 'NOT_FOUND');
    await refused(await get('/v1/molecules/M-1?index=other'), 404, 'BUNDLE_NOT_FOUND');
    await invalid(await get('/v1/molecules/%E0%A4%A'));
  });

  it('a method that a known path does not have, and says which it has', async () => {
    const cases: [method: string, path: string, allow: string][] = [
      ['GET', '/v1/search', 'POST'], ['HEAD', '/v1/search', 'POST'], ['PUT', '/v1/search/image', 'POST'],
      ['GET', '/v1/replacements/', 'POST'],
      ['DELETE', '/v1/indexes', 'GET, HEAD'], ['POST', '/v1/molecules/a%2Fb%20c', 'GET, HEAD'],
      ['PATCH', '/v1/molecules/x/depiction.svg', 'GET, HEAD'], ['POST', '/V1/Capabilities', 'GET, HEAD'], ['POST', '/healthz', 'GET, HEAD'],
      ['PUT', '/openapi.json', 'GET, HEAD'], ['POST', '/', 'GET, HEAD'],
    ];
    for (const [method, path, allow] of cases) {
      const response = await fetch(`${app.url}${path}`, { method });
      expect({ path, status: response.status, allow: response.headers.get('allow') }).toEqual({ path, status: 405, allow });
      if (method !== 'HEAD') expect(await refused(response, 405, 'METHOD_NOT_ALLOWED')).toContain(allow);
    }
    for (const path of ['/v1/nothing', '/v1/molecules', '/v1/molecules/a/b', '/v1/searching']) {
      await refused(await fetch(`${app.url}${path}`, { method: 'PUT' }), 404, 'NOT_FOUND');
    }
    const options = await fetch(`${app.url}/v1/search`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST']);
  });

  it('what the service refuses, with its code; what breaks, without its secrets', async () => {
    app.service.failure = new IsoLensError('SMILES_VALENCE', 'Expected fewer bonds.', { details: { atoms: [1] } });
    const response = await search({ query: { smiles: 'C' } });
    expect(problemSchema.parse(await response.json())).toMatchObject({ status: 422, code: 'SMILES_VALENCE', detail: 'Expected fewer bonds.', instance: '/v1/search', details: { atoms: [1] } });
    app.service.failure = new Error('password in /etc/secret');
    expect(await refused(await search({ query: { smiles: 'C' } }), 500, 'INTERNAL')).not.toContain('secret');
    expect(JSON.stringify(app.log)).toContain('/etc/secret');
    app.service.failure = new IsoLensError('WORKER_FAILED', 'A worker stopped.');
    const later = await search({ query: { smiles: 'C' } });
    expect([later.status, later.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('a request that is no HTTP', async () => {
    const { port } = new URL(app.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.end('HELLO\r\n\r\n'));
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect((await get('/healthz')).status).toBe(200);
  });
});

describe('too much at once', () => {
  it('is told to come back, and what was accepted is answered', async () => {
    const busy = await startApp({ running: 2, waiting: 1, timeoutMs: 10_000 });
    try {
      let release = (): void => {};
      busy.service.hold = new Promise((resolve) => (release = resolve));
      const ask = (): Promise<Response> => fetch(`${busy.url}/v1/search`, { method: 'POST', body: JSON.stringify({ query: { smiles: 'C' } }), headers: { 'content-type': 'application/json' } });
      const accepted = [ask(), ask()];
      await expect.poll(() => busy.service.asked.length).toBe(2);
      const waiting = ask();
      await expect.poll(async () => (await ask()).status, { timeout: 5000 }).toBe(503);
      const response = await ask();
      expect(response.headers.get('retry-after')).toBe('1');
      expect((await problemIn(response)).code).toBe('OVERLOADED');
      expect((await fetch(`${busy.url}/healthz`)).status).toBe(200);
      release();
      for (const answer of [...accepted, waiting]) expect((await answer).status).toBe(200);
    } finally {
      await busy.close();
    }
  });

  it('what takes too long is given up, and its place is kept until it ends', async () => {
    const slow = await startApp({ running: 1, waiting: 1, timeoutMs: 60 });
    try {
      let release = (): void => {};
      slow.service.hold = new Promise((resolve) => (release = resolve));
      const ask = (): Promise<Response> => fetch(`${slow.url}/v1/search`, { method: 'POST', body: JSON.stringify({ query: { smiles: 'C' } }), headers: { 'content-type': 'application/json' } });
      expect((await problemIn(await ask())).code).toBe('OVERLOADED');
      expect((await problemIn(await ask())).code).toBe('OVERLOADED');
      expect(slow.service.asked).toHaveLength(1);
      release();
      await expect.poll(async () => (await ask()).status).toBe(200);
    } finally {
      await slow.close();
    }
  });

  it('a client that leaves gives its place in the queue back', async () => {
    const one = await startApp({ running: 1, waiting: 1, timeoutMs: 10_000 });
    try {
      let release = (): void => {};
      one.service.hold = new Promise((resolve) => (release = resolve));
      const leave = new AbortController();
      const ask = (signal?: AbortSignal): Promise<Response> => fetch(`${one.url}/v1/search`, { method: 'POST', body: JSON.stringify({ query: { smiles: 'C' } }), headers: { 'content-type': 'application/json' }, ...(signal === undefined ? {} : { signal }) });
      const first = ask();
      await expect.poll(() => one.service.asked.length).toBe(1);
      const gone = ask(leave.signal);
      setTimeout(() => leave.abort(), 50);
      await expect(gone).rejects.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const second = ask();
      await new Promise((resolve) => setTimeout(resolve, 50));
      release();
      expect([(await first).status, (await second).status]).toEqual([200, 200]);
      expect(one.service.asked).toHaveLength(2);
    } finally {
      await one.close();
    }
  });
});
