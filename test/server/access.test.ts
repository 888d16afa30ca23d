/** Who may ask, and how often. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IsoLensError } from '../../src/core/index.ts';
import { ApiKeys, makeApiKey } from '../../src/server/index.ts';
import { problemIn, startApp } from './fake-service.ts';
import type { RunningApp } from './fake-service.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const nameSyntax = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);

/** The error of a key file that cannot be used. */
function refused(text: string): IsoLensError {
  try {
    new ApiKeys(text, 'keys.txt').nameOf('');
  } catch (error) {
    if (error instanceof IsoLensError) return error;
  }
  throw new Error('Expected a coded error.');
}

describe('a key file', () => {
  it('lets in the keys whose hashes it holds, and no other', () => {
    const noise = fc.constantFrom('', '   ', '# a remark', '#');
    const entries = fc.uniqueArray(fc.record({ name: nameSyntax, key: fc.string({ minLength: 1 }) }), { minLength: 1, selector: ({ name }) => name });
    fc.assert(fc.property(entries, noise, fc.constantFrom('\n', '\r\n'), fc.string(), (listed, between, end, other) => {
      const keys = new ApiKeys(listed.map(({ name, key }) => `${between}${end}${name}  ${sha256(key).toUpperCase()}${end}`).join(''), 'keys.txt');
      for (const { key } of listed) expect(listed.filter((entry) => entry.key === key).map(({ name }) => name)).toContain(keys.nameOf(key));
      if (listed.every(({ key }) => key !== other)) expect(keys.nameOf(other)).toBeUndefined();
    }));
  });

  it('is refused by the number of a line that is none, and the line is not shown', () => {
    const good = `alice ${sha256('a')}`;
    const secret = 'isolens_SECRET';
    for (const bad of [secret, `bob ${secret}`, `bob ${sha256('b')} more`, `-bob ${sha256('b')}`, `bob ${sha256('b').slice(1)}`, `alice ${sha256('b')}`]) {
      const { code, message, details } = refused(`# keys\n${good}\n\n${bad}\n`);
      expect([code, details]).toEqual(['RECORD_INVALID', { line: 4 }]);
      expect(message).toContain('line 4 of keys.txt');
      expect(message).not.toContain('SECRET');
    }
    for (const empty of ['', '# nobody\n']) expect(refused(empty).code).toBe('RECORD_INVALID');
  });

  it('takes the line that is printed with a new key', () => {
    const { key, line } = makeApiKey('alice');
    expect(key).toMatch(/^isolens_[\w-]{43}$/);
    expect(line).not.toContain(key);
    expect(new ApiKeys(line, 'keys.txt').nameOf(key)).toBe('alice');
    expect(makeApiKey('alice').key).not.toBe(key);
    for (const name of ['', 'a b', '#a', 'a'.repeat(65)]) expect(() => makeApiKey(name)).toThrow(/name/);
  });
});

describe('a service with keys', () => {
  const [alice, bob] = [makeApiKey('alice'), makeApiKey('bob')];
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp(undefined, {}, undefined, { keys: new ApiKeys(`${alice.line}\n${bob.line}`, 'keys.txt') });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.log.length = 0;
  });
  const get = (path: string, authorization?: string, more: Record<string, string> = {}): Promise<Response> =>
    fetch(`${app.url}${path}`, { headers: { ...more, ...(authorization === undefined ? {} : { authorization }) } });

  it('answers those who have one, and logs whose it was', async () => {
    for (const [scheme, { key }] of [['Bearer', alice], ['bearer', bob]] as const) expect((await get('/v1/indexes', `${scheme} ${key}`)).status).toBe(200);
    await expect.poll(() => app.log.map(({ fields }) => fields['key'])).toEqual(['alice', 'bob']);
    expect(JSON.stringify(app.log)).not.toContain('isolens_');
  });

  it('refuses all others, before it reads what they send', async () => {
    const missing = await get('/v1/indexes');
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="isolens"']);
    expect((await problemIn(missing)).code).toBe('KEY_MISSING');
    expect((await problemIn(await get('/V1/Indexes/', 'Basic YTpi'))).code).toBe('KEY_MISSING');
    const wrong = await get('/v1/indexes', `Bearer ${alice.key}x`);
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="isolens", error="invalid_token"']);
    expect((await problemIn(wrong)).code).toBe('KEY_INVALID');
    const search = await fetch(`${app.url}/v1/search`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
    expect((await problemIn(search)).code).toBe('KEY_MISSING');
    expect(app.service.asked).toEqual([]);
    expect(JSON.stringify(app.log)).not.toContain('isolens_');
  });

  it('leaves open what tells nothing of libraries', async () => {
    for (const path of ['/', '/healthz', '/readyz', '/openapi.json']) expect((await get(path)).status, path).toBe(200);
  });

  it('shows its metrics to this machine and to those who have a key, but not to what a proxy passes on', async () => {
    expect((await get('/metrics')).status).toBe(200);
    const passedOn = { 'x-forwarded-for': '203.0.113.7' };
    expect((await problemIn(await get('/metrics', undefined, passedOn))).code).toBe('KEY_MISSING');
    expect((await get('/metrics', `Bearer ${alice.key}`, passedOn)).status).toBe(200);
  });
});

describe('a limit of requests a minute', () => {
  it('holds for each client, tells when to come back, and spares the probes', async () => {
    const [alice, bob] = [makeApiKey('alice'), makeApiKey('bob')];
    const app = await startApp(undefined, {}, undefined, { keys: new ApiKeys(`${alice.line}\n${bob.line}`, 'keys.txt'), requestsPerMinute: 3 });
    const get = (path: string, key?: string): Promise<Response> => fetch(`${app.url}${path}`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
    try {
      for (let i = 0; i < 3; i++) {
        const answer = await get('/v1/indexes', alice.key);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('ratelimit')).toContain(`r=${2 - i}`);
        expect(answer.headers.get('ratelimit-policy')).toContain('q=3; w=60');
      }
      const refusal = await get('/v1/indexes', alice.key);
      expect((await problemIn(refusal)).code).toBe('RATE_LIMITED');
      expect(refusal.status).toBe(429);
      expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refusal.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect((await get('/v1/indexes', bob.key)).status).toBe(200);
      // Whoever has no key counts by address, be it for trying keys.
      for (let i = 0; i < 3; i++) expect((await get('/v1/indexes', `wrong-${i}`)).status).toBe(401);
      expect((await get('/openapi.json')).status).toBe(429);
      for (const path of ['/healthz', '/readyz', '/healthz/']) {
        const probe = await get(path);
        expect([probe.status, probe.headers.get('ratelimit')], path).toEqual([200, null]);
      }
    } finally {
      await app.close();
    }
  });
});
